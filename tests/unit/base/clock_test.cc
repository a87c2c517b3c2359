#include "weir/base/clock.h"

#include <gtest/gtest.h>

namespace weir {
namespace {

using namespace std::chrono_literals;

TEST(ManualClock, StandsStillUntilItIsAdvanced) {
  ManualClock clock(Timestamp(1000ms));
  EXPECT_EQ(clock.WallMillis(), 1000);
  EXPECT_EQ(clock.WallMillis(), 1000);
  clock.Advance(2500us);
  EXPECT_EQ(clock.MonotonicNanos(), 2'500'000);
  EXPECT_EQ(clock.WallMillis(), 1002);
}

TEST(ManualClock, SettingTheWallClockLeavesMonotonicTimeAlone) {
  ManualClock clock;
  clock.Advance(10s);
  clock.SetWallTime(Timestamp(5ms));
  EXPECT_EQ(clock.WallMillis(), 5);
  EXPECT_EQ(clock.MonotonicNanos(), 10'000'000'000);
  clock.Advance(3ms);
  EXPECT_EQ(clock.WallMillis(), 8);
}

TEST(ManualClockDeathTest, RefusesToGoBack) {
  ManualClock clock;
  EXPECT_DEATH(clock.Advance(-1ns), "cannot go back");
}

TEST(SystemClock, MonotonicTimeDoesNotGoBack) {
  const SystemClock& clock = SystemClock::Instance();
  const int64_t before = clock.MonotonicNanos();
  EXPECT_GE(clock.MonotonicNanos(), before);
  EXPECT_GT(clock.WallMillis(), 1'600'000'000'000);  // after 2020
  const int64_t thread_cpu = clock.ThreadCpuNanos();
  EXPECT_GE(clock.ThreadCpuNanos(), thread_cpu);
  EXPECT_GE(clock.ProcessCpuNanos(), 0);
}

}  // namespace
}  // namespace weir
