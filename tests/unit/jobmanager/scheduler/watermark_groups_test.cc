#include "weir/jobmanager/scheduler/watermark_groups.h"

#include <gtest/gtest.h>

namespace weir {
namespace {

WatermarkReport At(int64_t watermark, int64_t drift = 10, const char* group = "g") {
  return {.group = group, .max_drift_ms = drift, .watermark = watermark};
}

TEST(WatermarkGroups, LimitEverybodyToTheLowestPlusTheDrift) {
  WatermarkGroups groups;
  EXPECT_EQ(groups.Report({0, 0}, At(100)), 110);
  EXPECT_EQ(groups.Report({1, 0}, At(50)), 60);
  EXPECT_EQ(groups.Report({0, 0}, At(100)), 60);
  EXPECT_EQ(groups.Report({1, 0}, At(90)), 100);
}

TEST(WatermarkGroups, DoNotMix) {
  WatermarkGroups groups;
  groups.Report({0, 0}, At(5, 10, "other"));
  EXPECT_EQ(groups.Report({1, 0}, At(100)), 110);
}

TEST(WatermarkGroups, GiveEachMemberItsOwnDrift) {
  WatermarkGroups groups;
  groups.Report({0, 0}, At(50));
  EXPECT_EQ(groups.Report({1, 0}, At(70, 30)), 80);
}

TEST(WatermarkGroups, WaitForNobodyWhoIsIdleOrHasEnded) {
  WatermarkGroups groups;
  groups.Report({0, 0}, At(50));
  groups.Report({0, 1}, At(20));
  EXPECT_EQ(groups.Report({1, 0}, At(100)), 30);
  groups.Report({0, 1}, At(INT64_MAX));
  EXPECT_EQ(groups.Report({1, 0}, At(100)), 60);
  groups.Forget({0, 0});
  EXPECT_EQ(groups.Report({1, 0}, At(100)), 110);
  EXPECT_EQ(groups.Report({1, 0}, At(INT64_MAX)), INT64_MAX);
}

TEST(WatermarkGroups, WaitForAMemberThatHasNoWatermarkYet) {
  WatermarkGroups groups;
  groups.Report({0, 0}, At(INT64_MIN));
  EXPECT_LT(groups.Report({1, 0}, At(0)), 0);
}

}  // namespace
}  // namespace weir
