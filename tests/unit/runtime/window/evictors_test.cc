// Evictors, and windows that users write themselves: assigners, triggers, evictors.
#include <gtest/gtest.h>

#include <span>
#include <string>
#include <utility>
#include <vector>

#include "weir/api/windowed_stream.h"
#include "weir/testing/harness_of.h"
#include "weir/testing/operator_check.h"
#include "weir/testing/operator_harness.h"

#include "tests/harness/status_matchers.h"

namespace weir {
namespace {

using namespace std::chrono_literals;

struct Reading {
  int64_t key = 0;
  int64_t value = 0;
};

// Sum of what the evictor leaves, at every second record.
template <class Ev>
auto EvictedSums(Ev evictor) {
  return HarnessOf<Reading>([&](auto readings) {
    return readings.KeyBy(&Reading::key)
        .Window(GlobalWindows())
        .Trigger(CountTrigger(2))
        .Evictor(evictor)
        .Aggregate(Sum(&Reading::value), [](int64_t, const GlobalWindow&, int64_t sum) { return sum; });
  });
}

TEST(CountEvictor, LeavesTheLastRecords) {
  auto harness = EvictedSums(CountEvictor(3));
  for (const int64_t value : {1, 2, 4, 8, 16, 32}) harness.Push({1, value}).SnapshotAndRestore();
  EXPECT_OK(harness.ExpectOutput({3, 14, 56}));
}

TEST(CountEvictor, AfterTheFunctionLeavesThemForTheNextTime) {
  auto harness = EvictedSums(CountEvictor(1, EvictWhen::kAfter));
  for (const int64_t value : {1, 2, 4, 8, 16, 32}) harness.Push({1, value});
  EXPECT_OK(harness.ExpectOutput({3, 14, 56}));
}

TEST(TimeEvictor, LeavesWhatIsNearTheNewestRecord) {
  auto harness = EvictedSums(TimeEvictor(10ms));
  harness.Push({1, 1}, 100).Push({1, 2}, 91).Push({1, 4}, 90).Push({1, 8}, 105).Push({1, 16}, 95).Push({1, 32}, 96);
  // 100 and 91; then 100 and 105, for 95 is the cutoff; then 96, too.
  EXPECT_OK(harness.ExpectOutput({3, 9, 41}));
}

TEST(TimeEvictor, LeavesRecordsWithoutTimestampsAlone) {
  auto harness = EvictedSums(TimeEvictor(10ms));
  harness.Push({1, 1}).Push({1, 2});
  EXPECT_OK(harness.ExpectOutput({3}));
}

TEST(DeltaEvictor, DropsWhatDiffersTooMuchFromTheLastRecord) {
  auto harness = EvictedSums(DeltaEvictor(10, [](const Reading& record, const Reading& last) {
    return static_cast<double>(std::abs(last.value - record.value));
  }));
  harness.Push({1, 1}).Push({1, 11}).Push({1, 3}).Push({1, 20});
  EXPECT_OK(harness.ExpectOutput({11, 11 + 20}));
}

// Drops everything that is negative.
struct NoNegatives {
  template <class W>
  void EvictBefore(std::vector<TimestampedRecord<Reading>>& elements, const W&, EvictorContext&) {
    std::erase_if(elements, [](const auto& element) { return element.record.value < 0; });
  }
};

TEST(Evictors, MayBeWrittenByUsers) {
  auto harness = EvictedSums(NoNegatives());
  harness.Push({1, 1}).Push({1, -2});
  EXPECT_OK(harness.ExpectOutput({1}));
}

TEST(Evictors, WorkWithReduceAndWithProcess) {
  const auto windows = [](auto readings) {
    return readings.KeyBy(&Reading::key).Window(TumblingEventTimeWindows(10ms)).Evictor(CountEvictor(2));
  };
  auto reduced = HarnessOf<Reading>([&](auto readings) {
    return windows(readings).Reduce(
        [](const Reading& a, const Reading& b) { return Reading{a.key, a.value + b.value}; });
  });
  auto listed = HarnessOf<Reading>([&](auto readings) {
    return windows(readings).Process(
        [](int64_t, const TimeWindow&, const std::vector<Reading>& elements, Collector<int64_t>& out) {
          for (const Reading& element : elements) out.Collect(element.value);
        });
  });
  for (const int64_t value : {1, 2, 4}) {
    reduced.Push({1, value}, value);
    listed.Push({1, value}, value);
  }
  reduced.EndInput();
  listed.EndInput();
  EXPECT_OK(reduced.ExpectOutput({{1, 6}}));
  EXPECT_OK(listed.ExpectOutput({2, 4}));
}

TEST(Evictors, ThatLeaveNothingMakeTheWindowForgetIt) {
  auto harness = EvictedSums(DeltaEvictor(0, [](const Reading&, const Reading&) { return 1.0; }, EvictWhen::kAfter));
  const StatusOr<std::string> empty = harness.Snapshot();
  harness.Push({1, 1}).Push({1, 2});
  EXPECT_OK(harness.ExpectOutput({3}));
  EXPECT_EQ(*harness.Snapshot(), *empty);
}

// Fires when the sum of a window reaches a limit.
struct SumSoFar {
  int64_t sum = 0;
};
class SumTrigger : public Trigger<SumSoFar> {
 public:
  explicit SumTrigger(int64_t limit) : limit_(limit) {}
  TriggerResult OnElement(const Reading& reading, const TimeWindow& window, Context& ctx) {
    ctx.timers().RegisterEventTime(window.max_timestamp());
    ctx.state().sum += reading.value;
    return FireIfReached(ctx);
  }
  TriggerResult OnEventTime(Timestamp time, const TimeWindow& window, Context&) {
    return time == window.max_timestamp() ? TriggerResult::kFireAndPurge : TriggerResult::kContinue;
  }
  void OnMerge(std::span<const SumSoFar> merged, const TimeWindow& window, Context& ctx) {
    for (const SumSoFar& each : merged) ctx.state().sum += each.sum;
    ctx.timers().RegisterEventTime(window.max_timestamp());
  }
  std::string name() const { return "SumTrigger"; }

 private:
  TriggerResult FireIfReached(Context& ctx) const {
    if (ctx.state().sum < limit_) return TriggerResult::kContinue;
    ctx.state().sum = 0;
    return TriggerResult::kFire;
  }
  int64_t limit_;
};

template <class Assigner>
auto SumTriggered(Assigner assigner, HarnessOptions options = {}) {
  return HarnessOf<Reading>(
      [&](auto readings) {
        return readings.KeyBy(&Reading::key).Window(assigner).Trigger(SumTrigger(10)).Aggregate(Sum(&Reading::value));
      },
      std::move(options));
}

TEST(Triggers, MayBeWrittenByUsers) {
  auto harness = SumTriggered(TumblingEventTimeWindows(10ms));
  harness.Push({1, 4}, 1).SnapshotAndRestore().Push({1, 7}, 2).Push({1, 1}, 3).Watermark(9);
  EXPECT_OK(harness.ExpectOutput({{1, 11}, {1, 12}}));
}

TEST(Triggers, OfUsersHearOfSessionsThatMerge) {
  auto harness = SumTriggered(EventTimeSessionWindows(10ms));
  harness.Push({1, 4}, 0).Push({1, 5}, 15);
  EXPECT_OK(harness.ExpectNoOutput());
  harness.Push({1, 1}, 8).Watermark(25);
  EXPECT_OK(harness.ExpectOutput({{1, 10}, {1, 10}}));
}

TEST(Triggers, OfUsersGiveTheSameResultsHoweverTheInputIsCutAndRestored) {
  std::vector<StreamElement<Reading>> elements;
  for (int64_t i = 0; i < 60; ++i) {
    elements.push_back(StreamElement<Reading>::Record({1, i % 7}, i * 3 - (i % 4) * 5));
    if (i % 9 == 0) elements.push_back(StreamElement<Reading>::Watermark(i * 3 - 25));
  }
  const auto make = [](HarnessOptions options) {
    return SumTriggered(EventTimeSessionWindows(4ms), std::move(options));
  };
  EXPECT_OK(CheckSameResults(make, elements));
}

// Windows that end when the hour of a made-up day does: [0, 7), [7, 10), and again.
struct UnevenWindows {
  template <class F>
  void ForEachWindow(EventTime time, F&& f) const {
    const EventTime day = time / 10 * 10;
    const EventTime start = time % 10 < 7 ? day : day + 7;
    f(TimeWindow{FromEventTime(start), FromEventTime(time % 10 < 7 ? day + 7 : day + 10)});
  }
};

TEST(Assigners, MayBeWrittenByUsers) {
  auto harness = HarnessOf<Reading>([](auto readings) {
    return readings.KeyBy(&Reading::key).Window(UnevenWindows()).Aggregate(Sum(&Reading::value));
  });
  harness.Push({1, 1}, 0).Push({1, 2}, 6).Push({1, 4}, 7).Push({1, 8}, 10).EndInput();
  EXPECT_OK(harness.ExpectOutput({{1, 3}, {1, 4}, {1, 8}}));
}

TEST(Assigners, MayTakeTheGapOfASessionFromItsRecords) {
  auto harness = HarnessOf<Reading>([](auto readings) {
    return readings.KeyBy(&Reading::key)
        .Window(EventTimeSessionWindows::WithDynamicGap([](const Reading& reading) { return Duration(reading.value); }))
        .Aggregate(Count(), [](int64_t, const TimeWindow& window, int64_t count) {
          return std::pair(ToEventTime(window.end), count);
        });
  });
  // A long gap, and short ones inside it.
  harness.Push({1, 50}, 0).Push({1, 2}, 10).Push({1, 2}, 53).Push({1, 5}, 49).EndInput();
  EXPECT_OK(harness.ExpectOutput({{55, 4}}));
}

TEST(Assigners, FailWhereAGapIsNotPositive) {
  auto harness = HarnessOf<Reading>([](auto readings) {
    return readings.KeyBy(&Reading::key)
        .Window(ProcessingTimeSessionWindows::WithDynamicGap([](const Reading&) { return Duration(0); }))
        .Aggregate(Count());
  });
  harness.Push({1, 50});
  EXPECT_NE(harness.status().message().find("WithDynamicGap"), std::string::npos) << harness.status().message();
}

}  // namespace
}  // namespace weir
