#include "weir/metrics/meter.h"

#include <gtest/gtest.h>

namespace weir {
namespace {

constexpr int64_t kSecond = 1'000'000'000;

TEST(Meter, IsZeroUntilTimeHasPassed) {
  Meter meter;
  meter.MarkEvent(5);
  EXPECT_EQ(meter.Rate(), 0);
  meter.Update(0);
  meter.Update(0);
  EXPECT_EQ(meter.Rate(), 0);
  EXPECT_EQ(meter.Count(), 5);
}

TEST(Meter, AveragesOverTheTimeSoFarInItsFirstMinute) {
  Meter meter;
  meter.Update(0);
  meter.MarkEvent(100);
  meter.Update(5 * kSecond);
  EXPECT_DOUBLE_EQ(meter.Rate(), 20);
  meter.Update(10 * kSecond);
  EXPECT_DOUBLE_EQ(meter.Rate(), 10);
}

TEST(Meter, ForgetsWhatIsOlderThanAMinute) {
  Meter meter;
  meter.Update(0);
  meter.MarkEvent(600);
  for (int i = 1; i <= 12; ++i) meter.Update(i * 5 * kSecond);
  EXPECT_DOUBLE_EQ(meter.Rate(), 10);
  meter.Update(65 * kSecond);
  EXPECT_DOUBLE_EQ(meter.Rate(), 0);
}

TEST(Meter, KeepsItsMinuteWhenItIsUpdatedEverySecond) {
  Meter meter;
  meter.Update(0);
  meter.MarkEvent(600);
  for (int i = 1; i <= 60; ++i) meter.Update(i * kSecond);
  EXPECT_NEAR(meter.Rate(), 10, 1);
  EXPECT_EQ(meter.RecentRate(), 0);
}

TEST(Meter, ShowsAChangeWithinSecondsInItsRecentRate) {
  Meter meter;
  for (int i = 0; i <= 60; ++i) meter.Update(i * kSecond);
  meter.MarkEvent(100);
  meter.Update(61 * kSecond);
  EXPECT_GE(meter.RecentRate(), 20);
}

TEST(Meter, ShowsTheRateOfACounterItIsGiven) {
  Counter counter;
  Meter meter(counter);
  meter.Update(0);
  counter.Inc(30);
  counter.Dec(10);
  meter.Update(10 * kSecond);
  EXPECT_DOUBLE_EQ(meter.Rate(), 2);
}

}  // namespace
}  // namespace weir
