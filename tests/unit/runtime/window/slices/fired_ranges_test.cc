// Which windows had fired before a restore.
#include "weir/runtime/window/slices/fired_ranges.h"

#include <gtest/gtest.h>

#include "tests/harness/status_matchers.h"

namespace weir {
namespace {

using Past = FiredRanges::Past;

FiredRanges Restored(KeyGroupRange own, const FiredRange& range, KeyGroupRange writer) {
  FiredRanges ranges(own);
  for (const std::string& element : FiredRanges(writer).Encode(&range)) EXPECT_OK(ranges.Add(element));
  return ranges;
}

TEST(FiredRanges, SaysWhatHadBecomeOfAWindow) {
  const FiredRanges ranges = Restored({0, 127}, {.from = 10, .fired = 50, .gone = 40}, {0, 127});
  EXPECT_EQ(ranges.Find(5, 10), Past::kNone) << "it ends before the first slice that was kept";
  EXPECT_EQ(ranges.Find(5, 11), Past::kGone);
  EXPECT_EQ(ranges.Find(5, 41), Past::kGone);
  EXPECT_EQ(ranges.Find(5, 42), Past::kFired);
  EXPECT_EQ(ranges.Find(5, 51), Past::kFired);
  EXPECT_EQ(ranges.Find(5, 52), Past::kNone);
}

TEST(FiredRanges, AreThoseOfTheKeyGroupsWriters) {
  const FiredRanges ranges = Restored({60, 70}, {.from = 10, .fired = 50, .gone = 50}, {0, 63});
  EXPECT_EQ(ranges.Find(63, 20), Past::kGone);
  EXPECT_EQ(ranges.Find(64, 20), Past::kNone);
}

TEST(FiredRanges, StayUntilTheWatermarkHasPassedTheirLastWindow) {
  const FiredRanges ranges = Restored({0, 127}, {.from = 10, .fired = 50, .gone = 40}, {0, 127});
  EXPECT_FALSE(ranges.IsPassed(59, 10));
  EXPECT_TRUE(ranges.IsPassed(60, 10));
}

TEST(FiredRanges, AddUpOverSeveralRestoresUntilOneHoldsTheOther) {
  const FiredRanges first = Restored({0, 127}, {.from = 30, .fired = 50, .gone = 50}, {0, 127});
  const auto restored_again = [&](const FiredRange& now) {
    FiredRanges second({0, 127});
    const auto elements = first.Encode(&now);
    EXPECT_EQ(elements.size(), 1u) << "the same ranges for all key groups are written once";
    for (const std::string& element : elements) EXPECT_OK(second.Add(element));
    return second;
  };
  const FiredRanges both = restored_again({.from = 5, .fired = 12, .gone = 12});
  EXPECT_EQ(both.Find(0, 10), Past::kGone);
  EXPECT_EQ(both.Find(0, 20), Past::kNone);
  EXPECT_EQ(both.Find(0, 40), Past::kGone);
  const FiredRanges one = restored_again({.from = 5, .fired = 80, .gone = 60});
  EXPECT_EQ(one.Find(0, 40), Past::kGone);
  EXPECT_EQ(one.Find(0, 70), Past::kFired);
}

TEST(FiredRanges, RefuseBytesThatAreCut) {
  const FiredRange range{.from = 10, .fired = 50, .gone = 40};
  const std::string element = FiredRanges({0, 127}).Encode(&range).front();
  FiredRanges ranges({0, 127});
  EXPECT_FALSE(ranges.Add(std::string_view(element).substr(0, element.size() - 1)).ok());
}

}  // namespace
}  // namespace weir
