// Corner cases of windows as Flink documents or tests them: late records, merging, firing again, the ends of time.
#include <gtest/gtest.h>

#include <limits>
#include <string>
#include <utility>
#include <vector>

#include "weir/api/windowed_stream.h"
#include "weir/metrics/metric_group.h"
#include "weir/testing/harness_of.h"
#include "weir/testing/operator_harness.h"

#include "tests/harness/status_matchers.h"

namespace weir {
namespace {

using namespace std::chrono_literals;

struct Reading {
  int64_t key = 0;
  int64_t value = 0;
};
// Of one window.
struct Sums {
  int64_t start = 0;
  int64_t end = 0;
  int64_t sum = 0;
};
constexpr int64_t kMax = std::numeric_limits<int64_t>::max();

template <class Assigner, class Tr>
auto SumsHarness(Assigner assigner, Tr trigger, Duration lateness = 0ms) {
  return HarnessOf<Reading>([&](auto readings) {
    return readings.KeyBy(&Reading::key)
        .Window(assigner)
        .Trigger(trigger)
        .AllowedLateness(lateness)
        .Aggregate(Sum(&Reading::value), [](int64_t, const TimeWindow& window, int64_t sum) {
          return Sums{ToEventTime(window.start), ToEventTime(window.end), sum};
        });
  });
}
// The same trigger as another type: windows that share slices know EventTimeTrigger only, so that these are computed each apart.
struct EventTimeTriggerApart : EventTimeTrigger {};
// Runs `test` on both paths.
void OnBothPaths(auto test) {
  {
    SCOPED_TRACE("slices");
    test(EventTimeTrigger());
  }
  SCOPED_TRACE("each window apart");
  test(EventTimeTriggerApart());
}
int64_t Dropped(auto& harness) { return harness.metrics().GetCounter("numLateRecordsDropped").Count(); }

TEST(LateRecords, OfASessionThatIsOpenAreNotLate) {
  auto harness = SumsHarness(EventTimeSessionWindows(10ms), EventTimeTrigger(), 0ms);
  harness.Push({1, 1}, 12).Watermark(20);
  // Alone it would be [5, 15), which is over; with [12, 22) it is not.
  harness.Push({1, 2}, 5).Watermark(21);
  EXPECT_OK(harness.ExpectOutput({{5, 22, 3}}));
  EXPECT_EQ(Dropped(harness), 0);
}

TEST(LateRecords, OfASessionThatHasFiredMergeAndFireAtOnceWithinTheLateness) {
  auto harness = SumsHarness(EventTimeSessionWindows(10ms), EventTimeTrigger(), 20ms);
  harness.Push({1, 1}, 0).Push({1, 2}, 12).Watermark(21);
  EXPECT_OK(harness.ExpectOutput({{0, 10, 1}, {12, 22, 2}}));
  harness.Push({1, 4}, 9);  // joins the two, whose end the watermark has passed
  EXPECT_OK(harness.ExpectOutput({{0, 22, 7}}));
  harness.Push({1, 8}, 15);  // makes it longer: it is pending again
  EXPECT_OK(harness.ExpectNoOutput());
  harness.Watermark(24);
  EXPECT_OK(harness.ExpectOutput({{0, 25, 15}}));
  harness.Watermark(43).Push({1, 16}, 15);
  EXPECT_OK(harness.ExpectOutput({{0, 25, 31}}));
  harness.Watermark(44).Push({1, 32}, 15);
  EXPECT_OK(harness.ExpectNoOutput());
  EXPECT_EQ(Dropped(harness), 1);
}

TEST(LateRecords, AreThoseOfWhichAllWindowsAreOver) {
  OnBothPaths([](auto trigger) {
    auto harness = SumsHarness(SlidingEventTimeWindows(30ms, 10ms), trigger);
    // At 29, [0, 30) and all before it are over: 10 is in [10, 40), too, 9 in no other.
    harness.Watermark(29).Push({1, 1}, 10).Push({1, 2}, 9);
    EXPECT_EQ(Dropped(harness), 1);
    harness.EndInput();
    EXPECT_OK(harness.ExpectOutput({{10, 40, 1}}));
  });
}

TEST(FiringAgain, NeedsNoNewWatermark) {
  OnBothPaths([](auto trigger) {
    auto harness = SumsHarness(TumblingEventTimeWindows(10ms), trigger, 10ms);
    harness.Push({1, 1}, 5).Watermark(9).Push({1, 2}, 6).Push({1, 4}, 7);
    EXPECT_OK(harness.ExpectOutput({{0, 10, 1}, {0, 10, 3}, {0, 10, 7}}));
    harness.Watermark(18).Push({1, 8}, 5).Watermark(19).Push({1, 16}, 5);
    EXPECT_OK(harness.ExpectOutput({{0, 10, 15}}));
  });
}

TEST(FiringAgain, AfterAPurgeHasOnlyTheLateRecords) {
  auto harness = SumsHarness(TumblingEventTimeWindows(10ms), PurgingTrigger(EventTimeTrigger()), 10ms);
  const StatusOr<std::string> empty = harness.Snapshot();
  harness.Push({1, 1}, 5).Watermark(9).SnapshotAndRestore().Watermark(12).Push({1, 2}, 6).Watermark(18);
  EXPECT_OK(harness.ExpectOutput({{0, 10, 1}, {0, 10, 2}}));
  harness.Watermark(19);
  EXPECT_OK(harness.ExpectNoOutput());
  EXPECT_EQ(*harness.Snapshot(), *empty);
}

TEST(FiringAgain, OfAPurgedSessionThatGrowsHasOnlyWhatCameSince) {
  auto harness = SumsHarness(EventTimeSessionWindows(10ms), PurgingTrigger(EventTimeTrigger()), 50ms);
  harness.Push({1, 1}, 5).Watermark(14).Push({1, 2}, 12).Watermark(21);
  EXPECT_OK(harness.ExpectOutput({{5, 15, 1}, {5, 22, 2}}));
}

TEST(Watermarks, FireATimerThatIsExactlyReached) {
  OnBothPaths([](auto trigger) {
    auto harness = SumsHarness(TumblingEventTimeWindows(10ms), trigger);
    harness.Push({1, 1}, 5).Watermark(8);
    EXPECT_OK(harness.ExpectNoOutput());
    harness.Watermark(9);
    EXPECT_OK(harness.ExpectOutput({{0, 10, 1}}));
  });
}

TEST(Watermarks, ThatDoNotAdvanceFireNothingTwice) {
  OnBothPaths([](auto trigger) {
    auto harness = SumsHarness(TumblingEventTimeWindows(10ms), trigger, 100ms);
    harness.Push({1, 1}, 5).Watermark(9).Watermark(9).Watermark(9);
    EXPECT_OK(harness.ExpectOutput({{0, 10, 1}}));
  });
}

TEST(Watermarks, ThatGoBackReopenNothing) {
  OnBothPaths([](auto trigger) {
    auto harness = SumsHarness(TumblingEventTimeWindows(10ms), trigger);
    harness.Push({1, 1}, 5).Watermark(19).Watermark(3).Push({1, 2}, 6).Push({1, 4}, 25).EndInput();
    EXPECT_OK(harness.ExpectOutput({{0, 10, 1}, {20, 30, 4}}));
    EXPECT_EQ(Dropped(harness), 1);
  });
}

TEST(EndsOfTime, DoNotMakeTheLatenessOverflow) {
  OnBothPaths([](auto trigger) {
    auto harness = SumsHarness(TumblingEventTimeWindows(1000ms), trigger, 2000ms);
    harness.Push({1, 1}, kMax - 1750);
    // The end of life would be beyond all time, and a sum that wraps around long ago.
    harness.Watermark(kMax - 1500);
    EXPECT_OK(harness.ExpectNoOutput());
    harness.Push({1, 2}, kMax - 1750).EndInput();
    const auto out = harness.TakeOutput();
    ASSERT_EQ(out.size(), 1u);
    EXPECT_EQ(out[0].sum, 3);
  });
}

TEST(EndsOfTime, HaveWindowsWhoseBoundsStayInside) {
  auto last = SumsHarness(TumblingEventTimeWindows(1000ms), EventTimeTrigger());
  last.Push({1, 1}, kMax - 1).EndInput();
  auto out = last.TakeOutput();
  ASSERT_EQ(out.size(), 1u);
  EXPECT_EQ(out[0].end, kMax);
  auto first = SumsHarness(EventTimeSessionWindows(1000ms), EventTimeTrigger());
  first.Push({1, 1}, -kMax).EndInput();
  out = first.TakeOutput();
  ASSERT_EQ(out.size(), 1u);
  EXPECT_EQ(out[0].start, -kMax);
}

TEST(NegativeTimes, HaveWindowsThatStartAtTheOffset) {
  OnBothPaths([](auto trigger) {
    auto harness = SumsHarness(SlidingEventTimeWindows(10ms, 5ms, -2ms), trigger);
    harness.Push({1, 1}, -8).EndInput();
    EXPECT_OK(harness.ExpectOutput({{-17, -7, 1}, {-12, -2, 1}}));
  });
}

TEST(NegativeTimes, FireContinuousTriggersAtMultiples) {
  auto harness = SumsHarness(TumblingEventTimeWindows(100ms), ContinuousEventTimeTrigger(10ms));
  harness.Push({1, 1}, -25).Watermark(-21);
  EXPECT_OK(harness.ExpectNoOutput());
  harness.Watermark(-20);
  EXPECT_OK(harness.ExpectOutput({{-100, 0, 1}}));
}

TEST(Sessions, ThatMergeKeepTheCountsOfAll) {
  auto harness = SumsHarness(EventTimeSessionWindows(10ms), PurgingTrigger(CountTrigger(5)));
  harness.Push({1, 1}, 0).Push({1, 2}, 1).Push({1, 4}, 30).Push({1, 8}, 15).SnapshotAndRestore();
  EXPECT_OK(harness.ExpectNoOutput());
  harness.Push({1, 16}, 22);  // [15, 40): two more of three windows
  EXPECT_OK(harness.ExpectNoOutput());
  harness.Push({1, 32}, 9);  // [0, 40): six counted, five are enough
  EXPECT_OK(harness.ExpectOutput({{0, 40, 63}}));
}

TEST(Sessions, ThatMergeFireOnceAtTheNewEnd) {
  auto harness = SumsHarness(EventTimeSessionWindows(10ms), EventTimeTrigger());
  harness.Push({1, 1}, 0).Push({1, 2}, 14).Push({1, 4}, 7).Watermark(9);
  EXPECT_OK(harness.ExpectNoOutput());
  harness.Watermark(22);
  EXPECT_OK(harness.ExpectNoOutput());
  harness.Watermark(23);
  EXPECT_OK(harness.ExpectOutput({{0, 24, 7}}));
}

TEST(Sessions, OfKeysDoNotMerge) {
  auto harness = SumsHarness(EventTimeSessionWindows(10ms), EventTimeTrigger());
  harness.Push({1, 1}, 0).Push({2, 2}, 14).Push({3, 4}, 7).EndInput();
  auto out = harness.TakeOutput();
  ASSERT_EQ(out.size(), 3u);
  EXPECT_EQ(out[0].sum + out[1].sum + out[2].sum, 7);
}

TEST(EndOfInput, FiresEventTimeWindowsButNotCountWindows) {
  auto counted = HarnessOf<Reading>(
      [](auto readings) { return readings.KeyBy(&Reading::key).CountWindow(3).Aggregate(Sum(&Reading::value)); });
  counted.Push({1, 1}, 1).Push({1, 2}, 2).EndInput();
  EXPECT_OK(counted.ExpectNoOutput());
  auto global = HarnessOf<Reading>([](auto readings) {
    return readings.KeyBy(&Reading::key)
        .Window(GlobalWindows())
        .Trigger(EventTimeTrigger())
        .Aggregate(Sum(&Reading::value));
  });
  global.Push({1, 1}, 1).Push({1, 2}, 2).Watermark(1000).EndInput();
  EXPECT_OK(global.ExpectOutput({{1, 3}})) << "the trigger asks for the end of time, and it has come";
}

}  // namespace
}  // namespace weir
