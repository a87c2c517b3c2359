#include "weir/types/bytes.h"

#include <gtest/gtest.h>

namespace weir {
namespace {

TEST(Bytes, GivesOutItsMemoryOnce) {
  Bytes* const bytes = Bytes::New(10);
  char* const first = bytes->Allocate(4);
  EXPECT_EQ(first, bytes->data);
  EXPECT_EQ(bytes->Allocate(6), first + 4);
  EXPECT_EQ(bytes->Allocate(1), nullptr);
  EXPECT_EQ(bytes->Allocate(0), first + 10);
  bytes->Release();
}

TEST(Bytes, LastReleaseCallsItsOwner) {
  static int released = 0;
  Bytes bytes;
  bytes.release = [](Bytes*) { ++released; };
  bytes.Retain();
  bytes.Release();
  EXPECT_EQ(released, 0);
  bytes.Release();
  EXPECT_EQ(released, 1);
}

}  // namespace
}  // namespace weir
