// Functions over windows: classes and lambdas, their contexts and their state; windows over whole streams.
#include <gtest/gtest.h>

#include <span>
#include <string>
#include <string_view>
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
struct Report {
  int64_t key = 0;
  int64_t end = 0;
  int64_t sum = 0;
  int64_t in_window = 0;  // firings of this window so far
  int64_t in_key = 0;     // firings of this key's windows so far
};
struct Firings {
  int64_t count = 0;
};
const OutputTag<int64_t> kCleared("cleared");

// Counts firings per window and per key.
class Reporter : public ProcessWindowFunction<Reading, Report, int64_t, TimeWindow, Firings> {
 public:
  explicit Reporter(int64_t factor) : factor_(factor) {}
  void Process(const Key& key, Context& ctx, std::span<const Reading> readings, Collector<Report>& out) {
    int64_t sum = 0;
    for (const Reading& reading : readings) sum += reading.value;
    firings_.Update([](int64_t n) { return n + 1; });
    out.Collect({key, ToEventTime(ctx.window().end), sum * factor_, ++ctx.window_state().count, firings_.Value()});
  }
  void Clear(Context& ctx) { ctx.Output(kCleared, ctx.window_state().count); }

 private:
  const int64_t factor_;
  ValueState<int64_t> firings_{this, "firings"};
};

TEST(ProcessWindowFunction, HasStatePerWindowAndPerKeyAndIsToldWhenAWindowGoes) {
  auto harness = HarnessOf<Reading>([](auto readings) {
    auto reports = readings.KeyBy(&Reading::key)
                       .Window(TumblingEventTimeWindows(10ms))
                       .AllowedLateness(5ms)
                       .template Process<Reporter>(10);
    reports.GetSideOutput(kCleared);
    return reports;
  });
  harness.Push({1, 1}, 1).Push({1, 2}, 2).Watermark(9).SnapshotAndRestore().Watermark(9).Push({1, 4}, 3);
  harness.Push({1, 8}, 11).Watermark(13);
  EXPECT_OK(harness.ExpectOutput({{1, 10, 30, 1, 1}, {1, 10, 70, 2, 2}}));
  EXPECT_OK(harness.ExpectSideOutput(kCleared, {}));
  harness.Watermark(19);
  EXPECT_OK(harness.ExpectOutput({{1, 20, 80, 1, 3}}));
  EXPECT_OK(harness.ExpectSideOutput(kCleared, {2}));
  harness.EndInput();
  EXPECT_OK(harness.ExpectSideOutput(kCleared, {1}));
}

// The results of an aggregate, one at a time, with what the context says.
struct Seen {
  int64_t key = 0;
  int64_t result = 0;
  EventTime watermark = 0;
  int64_t processing_time = 0;
};
class Observer : public ProcessWindowFunction<int64_t, Seen, int64_t> {
 public:
  void Open(RuntimeContext& context) {
    opened_ = &context.metrics().GetCounter("opened");
    opened_->Inc();
  }
  void Process(const Key& key, Context& ctx, std::span<const int64_t> results, Collector<Seen>& out) {
    for (const int64_t result : results)
      out.Collect({key, result, ctx.watermark(), ToEventTime(ctx.processing_time())});
  }

 private:
  Counter* opened_ = nullptr;
};

TEST(ProcessWindowFunction, GetsTheResultOfAnAggregate) {
  auto harness = HarnessOf<Reading>(
      [](auto readings) {
        return readings.KeyBy(&Reading::key)
            .Window(TumblingEventTimeWindows(10ms))
            .template Aggregate<Observer>(Sum(&Reading::value));
      },
      {.start = Timestamp(500ms)});
  harness.Push({1, 1}, 1).Push({1, 2}, 2).Watermark(15);
  EXPECT_OK(harness.ExpectOutput({{1, 3, 15, 500}}));
  EXPECT_EQ(harness.metrics().GetCounter("opened").Count(), 1);
}

class Doubler : public ProcessWindowFunction<Reading, int64_t, int64_t> {
 public:
  void Process(const Key&, Context&, std::span<const Reading> readings, Collector<int64_t>& out) {
    out.Collect(readings.front().value * 2);
    out.Collect(static_cast<int64_t>(readings.size()));
  }
};

TEST(ProcessWindowFunction, GetsTheRecordOfAReduce) {
  auto harness = HarnessOf<Reading>([](auto readings) {
    return readings.KeyBy(&Reading::key)
        .Window(EventTimeSessionWindows(10ms))
        .template Reduce<Doubler>([](const Reading& a, const Reading& b) { return Reading{a.key, a.value + b.value}; });
  });
  harness.Push({1, 1}, 1).Push({1, 2}, 11).EndInput();
  EXPECT_OK(harness.ExpectOutput({6, 1}));
}

TEST(WindowLambdas, MayTakeTheContextInsteadOfTheWindow) {
  const OutputTag<int64_t> sums("sums");
  auto harness = HarnessOf<Reading>([&](auto readings) {
    auto counts = readings.KeyBy(&Reading::key)
                      .Window(TumblingEventTimeWindows(10ms))
                      .Process([sums](int64_t key, WindowContext<TimeWindow>& ctx, const std::vector<Reading>& elements,
                                      Collector<Seen>& out) {
                        for (const Reading& element : elements) ctx.Output(sums, element.value);
                        out.Collect({key, static_cast<int64_t>(elements.size()), ctx.watermark()});
                      });
    counts.GetSideOutput(sums);
    return counts;
  });
  harness.Push({1, 5}, 1).Push({1, 6}, 2).Watermark(9);
  EXPECT_OK(harness.ExpectOutput({{1, 2, 9, 0}}));
  EXPECT_OK(harness.ExpectSideOutput(sums, {5, 6}));
}

TEST(WindowAll, HasTheRecordsOfAllKeys) {
  auto harness = HarnessOf<Reading>([](auto readings) {
    return readings.WindowAll(TumblingEventTimeWindows(10ms))
        .Aggregate(Sum(&Reading::value),
                   [](const TimeWindow& window, int64_t sum) { return std::pair(ToEventTime(window.end), sum); });
  });
  harness.Push({1, 1}, 1).Push({2, 2}, 2).Push({3, 4}, 12).SnapshotAndRestore().EndInput();
  EXPECT_OK(harness.ExpectOutput({{10, 3}, {20, 4}}));
}

TEST(WindowAll, OfCountsHasItsRecordsOnce) {
  auto harness =
      HarnessOf<Reading>([](auto readings) { return readings.CountWindowAll(3).Aggregate(Sum(&Reading::value)); });
  for (int64_t i = 1; i <= 7; ++i) harness.Push({i, i});
  harness.EndInput();
  EXPECT_OK(harness.ExpectOutput({6, 15}));
}

class Spread : public ProcessAllWindowFunction<Reading, int64_t, GlobalWindow> {
 public:
  void Process(Context&, std::span<const Reading> readings, Collector<int64_t>& out) {
    out.Collect(readings.back().value - readings.front().value);
  }
};

TEST(WindowAll, GivesItsRecordsToAFunction) {
  auto harness =
      HarnessOf<Reading>([](auto readings) { return readings.CountWindowAll(3, 1).template Process<Spread>(); });
  for (const int64_t value : {1, 2, 4, 8}) harness.Push({0, value});
  EXPECT_OK(harness.ExpectOutput({0, 1, 3, 6}));
}

TEST(WindowAll, RunsInOneSubtask) {
  auto plan = std::make_shared<Plan>();
  DataStream<Reading> readings(plan, {StreamOrigin{.node = 0}});
  auto sums = readings.WindowAll(TumblingEventTimeWindows(10ms)).Aggregate(Sum(&Reading::value));
  EXPECT_TRUE(plan->graph().nodes.back().is_non_parallel);
  EXPECT_EQ(plan->graph().nodes.back().name, "WindowAll(TumblingEventTimeWindows(10 ms), EventTimeTrigger, Aggregate)");
}

TEST(Windows, CountDroppedRecordsInAMetric) {
  auto harness = HarnessOf<Reading>([](auto readings) {
    return readings.KeyBy(&Reading::key).Window(TumblingEventTimeWindows(10ms)).Aggregate(Count());
  });
  harness.Watermark(9).Push({1, 1}, 3).Push({1, 1}, 9).Push({1, 1}, 10);
  EXPECT_EQ(harness.metrics().GetCounter("numLateRecordsDropped").Count(), 2);
}

// Windows without timestamps: results carry the end of their window all the same.
struct Named {
  std::string_view name;
  int64_t value = 0;
};
TEST(Windows, OfProcessingTimeMayPutTextKeysIntoResults) {
  auto harness = HarnessOf<Named>(
      [](auto records) {
        return records.KeyBy(&Named::name)
            .Window(ProcessingTimeSessionWindows(50ms))
            .Aggregate(Sum(&Named::value),
                       [](std::string_view name, const TimeWindow&, int64_t sum) { return Named{name, sum}; });
      },
      {.start = Timestamp(1000ms)});
  harness.Push({"a key that is longer than its slot", 3}).AdvanceProcessingTime(48ms);
  harness.Push({"a key that is longer than its slot", 4});
  EXPECT_OK(harness.ExpectNoOutput());
  harness.AdvanceProcessingTime(49ms);
  const auto fired = harness.TakeElements();
  ASSERT_EQ(fired.size(), 1u);
  EXPECT_EQ(fired[0].record.name, "a key that is longer than its slot");
  EXPECT_EQ(fired[0].record.value, 7);
  EXPECT_EQ(fired[0].time, 1097);
}

}  // namespace
}  // namespace weir
