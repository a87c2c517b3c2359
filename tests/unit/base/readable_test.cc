#include "weir/base/readable.h"

#include <gtest/gtest.h>

namespace weir {
namespace {

using namespace std::chrono_literals;

TEST(Readable, Bytes) {
  EXPECT_EQ(ReadableBytes(0), "0 B");
  EXPECT_EQ(ReadableBytes(1023), "1023 B");
  EXPECT_EQ(ReadableBytes(1536), "1.5 KiB");
  EXPECT_EQ(ReadableBytes(uint64_t{1024} * 1024 - 1), "1.0 MiB");
  EXPECT_EQ(ReadableBytes(uint64_t{3} << 30), "3.0 GiB");
  EXPECT_EQ(ReadableBytes(UINT64_MAX), "16.0 EiB");
}

TEST(Readable, Counts) {
  EXPECT_EQ(ReadableCount(999), "999");
  EXPECT_EQ(ReadableCount(12'345), "12.3 K");
  EXPECT_EQ(ReadableCount(999'999), "1.0 M");
  EXPECT_EQ(ReadableCount(4'500'000), "4.5 M");
  EXPECT_EQ(ReadableCount(1'000'000'000), "1.0 B");
}

TEST(Readable, Durations) {
  EXPECT_EQ(ReadableDuration(850us), "850 us");
  EXPECT_EQ(ReadableDuration(12ms), "12 ms");
  EXPECT_EQ(ReadableDuration(3400ms), "3.4 s");
  EXPECT_EQ(ReadableDuration(59990ms), "1 min");
  EXPECT_EQ(ReadableDuration(125s), "2 min 5 s");
  EXPECT_EQ(ReadableDuration(192min), "3 h 12 min");
  EXPECT_EQ(ReadableDuration(52h), "2 d 4 h");
  EXPECT_EQ(ReadableDuration(-12ms), "-12 ms");
}

}  // namespace
}  // namespace weir
