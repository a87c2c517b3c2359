#include "weir/runtime/time/event_time_lag.h"

#include <gtest/gtest.h>

namespace weir {
namespace {

TEST(EventTimeLag, IsTheDistanceToTheClock) {
  EXPECT_EQ(EventTimeLag(1000, 400), 600);
  EXPECT_EQ(EventTimeLag(1000, 1500), -500);
}

TEST(EventTimeLag, IsUnknownBeforeTheFirstEventTimeAndAfterTheLast) {
  EXPECT_EQ(EventTimeLag(1000, kNoEventTime), -1);
  EXPECT_EQ(EventTimeLag(1000, kMaxWatermark), -1);
}

TEST(EventTimeLag, StopsAtTheEdgesOfItsType) {
  EXPECT_EQ(EventTimeLag(1000, kNoEventTime + 5), INT64_MAX);
  EXPECT_EQ(EventTimeLag(-1000, kMaxWatermark - 5), INT64_MIN);
}

}  // namespace
}  // namespace weir
