#include "weir/base/file/process.h"

#include <gtest/gtest.h>

namespace weir {
namespace {

TEST(ParseProcStat, SurvivesACommandNameWithSpacesAndParentheses) {
  const std::string line =
      "4711 (a (b) c) S 1 4711 4711 0 -1 4194304 1000 0 0 0 250 50 0 0 20 0 7 0 99 1048576 300 18446744073709551615 1 "
      "1 0 0 0\n";
  const ProcessUsage usage = *ParseProcStat(line, 4096, 100);
  EXPECT_EQ(usage.cpu_nanos, 3'000'000'000);
  EXPECT_EQ(usage.threads, 7);
  EXPECT_EQ(usage.virtual_bytes, 1048576u);
  EXPECT_EQ(usage.resident_bytes, 300u * 4096);
}

TEST(ParseProcStat, RefusesWhatIsNoStatLine) {
  EXPECT_FALSE(ParseProcStat("", 4096, 100).ok());
  EXPECT_FALSE(ParseProcStat("1 (x) S 1 2", 4096, 100).ok());
}

TEST(Process, KnowsItself) {
  EXPECT_TRUE(CurrentExecutablePath()->ends_with("/base_file_test"));
  EXPECT_NE(CurrentLibraryPath()->find("/libweir.so"), std::string::npos);
  EXPECT_GT(CurrentProcessId(), 0);
  EXPECT_FALSE(HostName().empty());
}

TEST(Process, UsesMemory) {
  const ProcessUsage usage = CurrentProcessUsage();
  EXPECT_GT(usage.resident_bytes, 100'000u);
  EXPECT_GE(usage.threads, 1);
}

}  // namespace
}  // namespace weir
