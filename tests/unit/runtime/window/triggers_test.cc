// Ready-made triggers, one at a time.
#include <gtest/gtest.h>

#include <string>
#include <utility>
#include <vector>

#include "weir/api/windowed_stream.h"
#include "weir/testing/harness_of.h"
#include "weir/testing/operator_harness.h"

#include "tests/harness/status_matchers.h"

namespace weir {

// Not in the unnamed namespace: inside a std::optional of the delta trigger's state, clang cannot count the fields of a type that is local to a file.
namespace triggers_test {
struct Reading {
  int64_t key = 0;
  int64_t value = 0;
};
}  // namespace triggers_test

namespace {

using triggers_test::Reading;

using namespace std::chrono_literals;

using Sums = std::vector<std::pair<int64_t, int64_t>>;

// Sum per key and window.
template <class Assigner, class Tr>
auto SumHarness(Assigner assigner, Tr trigger, Duration lateness = 0ms) {
  return HarnessOf<Reading>(
      [&](auto readings) {
        return readings.KeyBy(&Reading::key)
            .Window(assigner)
            .Trigger(trigger)
            .AllowedLateness(lateness)
            .Aggregate(Sum(&Reading::value));
      },
      {.start = Timestamp(1000ms)});
}

TEST(CountTrigger, FiresAtEveryNthRecordOfAKey) {
  auto harness = SumHarness(GlobalWindows(), CountTrigger(2));
  harness.Push({1, 1}).Push({2, 10}).Push({1, 2}).Push({1, 4}).Push({1, 8}).EndInput();
  EXPECT_OK(harness.ExpectOutput({{1, 3}, {1, 15}}));
}

TEST(CountTrigger, KeepsItsCountInSnapshots) {
  auto harness = SumHarness(GlobalWindows(), CountTrigger(3));
  harness.Push({1, 1}).SnapshotAndRestore().Push({1, 2}).SnapshotAndRestore().Push({1, 4});
  EXPECT_OK(harness.ExpectOutput({{1, 7}}));
}

TEST(CountTrigger, OfTimeWindowsDoesNotFireAtTheirEnd) {
  auto harness = SumHarness(TumblingEventTimeWindows(10ms), CountTrigger(2));
  harness.Push({1, 1}, 1).Push({1, 2}, 2).Push({1, 4}, 3).Watermark(9);
  EXPECT_OK(harness.ExpectOutput({{1, 3}}));
}

TEST(CountTrigger, AddsTheCountsOfSessionsThatMerge) {
  auto harness = SumHarness(EventTimeSessionWindows(10ms), CountTrigger(4));
  harness.Push({1, 1}, 0).Push({1, 2}, 20).Push({1, 4}, 21);
  EXPECT_OK(harness.ExpectNoOutput());
  harness.Push({1, 8}, 10);
  EXPECT_OK(harness.ExpectOutput({{1, 15}}));
}

TEST(CountWindow, HasItsRecordsOnce) {
  auto harness = HarnessOf<Reading>(
      [](auto readings) { return readings.KeyBy(&Reading::key).CountWindow(2).Aggregate(Sum(&Reading::value)); });
  const StatusOr<std::string> empty = harness.Snapshot();
  harness.Push({1, 1}).Push({1, 2}).Push({1, 4}).Push({1, 8});
  EXPECT_EQ(*harness.Snapshot(), *empty) << "nothing is left of a key whose windows are full";
  harness.Push({1, 16}).EndInput();
  EXPECT_OK(harness.ExpectOutput({{1, 3}, {1, 12}}));
}

TEST(CountWindow, ThatSlidesHasTheLastRecords) {
  auto harness = HarnessOf<Reading>(
      [](auto readings) { return readings.KeyBy(&Reading::key).CountWindow(3, 2).Aggregate(Sum(&Reading::value)); });
  for (const int64_t value : {1, 2, 4, 8, 16, 32}) harness.Push({1, value}).SnapshotAndRestore();
  EXPECT_OK(harness.ExpectOutput({{1, 1 + 2}, {1, 2 + 4 + 8}, {1, 8 + 16 + 32}}));
}

TEST(PurgingTrigger, ForgetsWhatHasFired) {
  auto harness = SumHarness(TumblingEventTimeWindows(10ms), PurgingTrigger(EventTimeTrigger()), 5ms);
  harness.Push({1, 1}, 1).Push({1, 2}, 2).Watermark(9).Push({1, 4}, 3).Push({1, 8}, 3);
  EXPECT_OK(harness.ExpectOutput({{1, 3}, {1, 4}, {1, 8}}));
}

TEST(NeverTrigger, LeavesGlobalWindowsSilent) {
  auto harness = SumHarness(GlobalWindows(), NeverTrigger());
  harness.Push({1, 1}, 1).EndInput();
  EXPECT_OK(harness.ExpectNoOutput());
}

TEST(ProcessingTimeTrigger, FiresByTheClockAndIsDroppedAtTheEndOfTheInput) {
  auto harness = HarnessOf<Reading>(
      [](auto readings) {
        return readings.KeyBy(&Reading::key)
            .Window(TumblingProcessingTimeWindows(100ms))
            .Aggregate(Sum(&Reading::value));
      },
      {.start = Timestamp(1000ms)});
  harness.Push({1, 1}).AdvanceProcessingTime(98ms).Push({1, 2});
  EXPECT_OK(harness.ExpectNoOutput());
  harness.AdvanceProcessingTime(1ms);
  const auto fired = harness.TakeElements();
  ASSERT_EQ(fired.size(), 1u);
  EXPECT_EQ(fired[0].record, (std::pair<int64_t, int64_t>(1, 3)));
  EXPECT_EQ(fired[0].time, 1099) << "results carry the window's last millisecond";
  harness.AdvanceProcessingTime(1ms).Push({1, 8}).EndInput().AdvanceProcessingTime(1h);
  EXPECT_OK(harness.ExpectNoOutput());
}

TEST(ContinuousEventTimeTrigger, FiresAtEveryMultipleAndAtTheEnd) {
  auto harness = SumHarness(TumblingEventTimeWindows(25ms), ContinuousEventTimeTrigger(10ms));
  harness.Push({1, 1}, 3).Watermark(9);
  EXPECT_OK(harness.ExpectNoOutput());
  harness.Watermark(10);
  EXPECT_OK(harness.ExpectOutput({{1, 1}}));
  harness.Push({1, 2}, 12).SnapshotAndRestore().Watermark(20);
  EXPECT_OK(harness.ExpectOutput({{1, 3}}));
  harness.Push({1, 4}, 24).Watermark(23);
  EXPECT_OK(harness.ExpectNoOutput());
  harness.Watermark(24);
  EXPECT_OK(harness.ExpectOutput({{1, 7}}));
  harness.EndInput();
  EXPECT_OK(harness.ExpectNoOutput());
}

TEST(ContinuousEventTimeTrigger, KeepsTheEarliestTimeOfSessionsThatMerge) {
  auto harness = SumHarness(EventTimeSessionWindows(20ms), ContinuousEventTimeTrigger(10ms));
  harness.Push({1, 1}, 35).Push({1, 2}, 3).Push({1, 4}, 20);
  harness.Watermark(10);
  EXPECT_OK(harness.ExpectOutput({{1, 7}}));
  harness.Watermark(19);
  EXPECT_OK(harness.ExpectNoOutput());
  harness.Watermark(54);
  EXPECT_OK(harness.ExpectOutput({{1, 7}, {1, 7}, {1, 7}, {1, 7}, {1, 7}})) << "at 20, 30, 40, 50 and the end";
}

TEST(ContinuousProcessingTimeTrigger, FiresAsLongAsTheWindowLives) {
  auto harness = SumHarness(TumblingEventTimeWindows(1h), ContinuousProcessingTimeTrigger(10ms));
  harness.Push({1, 1}, 3).AdvanceProcessingTime(10ms).AdvanceProcessingTime(10ms).Push({1, 2}, 4);
  EXPECT_OK(harness.ExpectOutput({{1, 1}, {1, 1}}));
  harness.AdvanceProcessingTime(10ms);
  EXPECT_OK(harness.ExpectOutput({{1, 3}}));
  harness.Watermark(3'600'000).AdvanceProcessingTime(1h);
  EXPECT_OK(harness.ExpectNoOutput());
}

TEST(DeltaTrigger, FiresWhenARecordDiffersEnoughFromTheLastThatFired) {
  auto harness = SumHarness(GlobalWindows(), DeltaTrigger<Reading>(5, [](const Reading& a, const Reading& b) {
                              return static_cast<double>(b.value - a.value);
                            }));
  harness.Push({1, 1}).Push({1, 6}).SnapshotAndRestore().Push({1, 7}).Push({1, 12}).Push({1, 13});
  EXPECT_OK(harness.ExpectOutput({{1, 14}, {1, 39}}));
}

TEST(ProcessingTimeoutTrigger, FiresWhenNothingElseDid) {
  auto harness = SumHarness(GlobalWindows(), PurgingTrigger(ProcessingTimeoutTrigger(CountTrigger(3), 50ms)));
  const StatusOr<std::string> empty = harness.Snapshot();
  harness.Push({1, 1}).AdvanceProcessingTime(30ms).Push({1, 2}).AdvanceProcessingTime(19ms);
  EXPECT_OK(harness.ExpectNoOutput());
  harness.AdvanceProcessingTime(1ms);
  EXPECT_OK(harness.ExpectOutput({{1, 3}}));
  harness.Push({1, 4}).Push({1, 8}).Push({1, 16});
  EXPECT_OK(harness.ExpectOutput({{1, 28}}));
  EXPECT_EQ(*harness.Snapshot(), *empty) << "the timeout goes with the records";
}

TEST(ProcessingTimeoutTrigger, MayCountFromTheLastRecord) {
  auto harness = SumHarness(GlobalWindows(), ProcessingTimeoutTrigger(CountTrigger(9), 50ms, true));
  harness.Push({1, 1}).AdvanceProcessingTime(30ms).Push({1, 2}).AdvanceProcessingTime(49ms);
  EXPECT_OK(harness.ExpectNoOutput());
  harness.AdvanceProcessingTime(1ms);
  EXPECT_OK(harness.ExpectOutput({{1, 3}}));
}

TEST(Triggers, SayWhatIsWrongWithTheirArguments) {
  EXPECT_TRUE(CountTrigger(1).Check().ok());
  EXPECT_FALSE(CountTrigger(0).Check().ok());
  EXPECT_FALSE(PurgingTrigger(CountTrigger(-1)).Check().ok());
  EXPECT_FALSE(ContinuousEventTimeTrigger(0ms).Check().ok());
  EXPECT_FALSE(ContinuousProcessingTimeTrigger(-1ms).Check().ok());
  EXPECT_FALSE(ProcessingTimeoutTrigger(CountTrigger(1), 0ms).Check().ok());
}

TEST(Triggers, OfEventTimeFailWithoutTimestamps) {
  auto harness = SumHarness(GlobalWindows(), ContinuousEventTimeTrigger(10ms));
  harness.Push({1, 1});
  EXPECT_NE(harness.status().message().find("WatermarkStrategy"), std::string::npos) << harness.status().message();
}

}  // namespace
}  // namespace weir
