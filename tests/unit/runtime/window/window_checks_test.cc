// Windows of all kinds under the operator checks: cut in any way, restored between any two elements, rescaled.
#include <gtest/gtest.h>

#include <span>
#include <string>
#include <utility>
#include <vector>

#include "weir/api/windowed_stream.h"
#include "weir/base/random.h"
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
using Element = StreamElement<Reading>;
constexpr EventTime kStart = 1000;

// Records nearly in order; watermarks; the clock moves.
std::vector<Element> Stream(uint64_t seed, uint64_t keys) {
  SeededRandom random(seed);
  std::vector<Element> elements;
  EventTime now = kStart;
  for (EventTime time = 0; time < 300; time += 2) {
    const EventTime at = time - static_cast<int64_t>(random.Uniform(12));
    elements.push_back(Element::Record({static_cast<int64_t>(random.Uniform(keys)), time}, at));
    if (random.Uniform(5) == 0) elements.push_back(Element::Watermark(time - 12));
    if (random.Uniform(7) == 0) elements.push_back(Element::ProcessingTime(now += 9));
  }
  return elements;
}

// `windows`: makes an operator of a keyed stream.
template <class Windows>
void CheckAll(Windows windows, bool may_be_rescaled = true) {
  const auto make = [&](HarnessOptions options) {
    options.start = FromEventTime(kStart);
    return HarnessOf<Reading>([&](auto readings) { return windows(readings.KeyBy(&Reading::key)); }, options);
  };
  // One key: windows of several keys that end together fire in any order.
  EXPECT_OK(CheckSameResults(make, Stream(1, 1)));
  if (may_be_rescaled) {
    EXPECT_OK(CheckRescaling(make, Stream(2, 20)));
  }
}

TEST(Windows, WithACountTriggerPassTheOperatorChecks) {
  CheckAll([](auto keyed) { return keyed.CountWindow(3).Aggregate(Sum(&Reading::value)); });
}

TEST(Windows, OfSessionsWithAContinuousTriggerPassTheOperatorChecks) {
  CheckAll([](auto keyed) {
    return keyed.Window(EventTimeSessionWindows(9ms))
        .Trigger(PurgingTrigger(ContinuousEventTimeTrigger(15ms)))
        .Aggregate(Sum(&Reading::value));
  });
}

TEST(Windows, OfProcessingTimePassTheOperatorChecks) {
  // Not rescaled: the clock of a new subtask's harness begins again.
  CheckAll(
      [](auto keyed) { return keyed.Window(SlidingProcessingTimeWindows(20ms, 10ms)).Aggregate(Sum(&Reading::value)); },
      false);
}

TEST(Windows, WithAnEvictorPassTheOperatorChecks) {
  CheckAll([](auto keyed) {
    return keyed.Window(SlidingEventTimeWindows(30ms, 10ms)).Evictor(TimeEvictor(8ms)).Aggregate(Sum(&Reading::value));
  });
}

struct Firings {
  int64_t count = 0;
};
struct Summary {
  int64_t key = 0;
  int64_t end = 0;
  int64_t size = 0;
  int64_t in_window = 0;
  int64_t in_key = 0;
};
class Summarizer : public ProcessWindowFunction<Reading, Summary, int64_t, TimeWindow, Firings> {
 public:
  void Process(const Key& key, Context& ctx, std::span<const Reading> readings, Collector<Summary>& out) {
    firings_.Update([](int64_t n) { return n + 1; });
    out.Collect({key, ToEventTime(ctx.window().end), static_cast<int64_t>(readings.size()), ++ctx.window_state().count,
                 firings_.Value()});
  }

 private:
  ValueState<int64_t> firings_{this, "firings"};
};

TEST(Windows, WithAFunctionThatKeepsStatePassTheOperatorChecks) {
  CheckAll([](auto keyed) {
    return keyed.Window(TumblingEventTimeWindows(25ms)).Trigger(CountTrigger(2)).template Process<Summarizer>();
  });
}

}  // namespace
}  // namespace weir
