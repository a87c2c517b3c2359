// The window operator beside a naive model: all assigners, triggers and evictors, disorder, lateness, restores.
#include "tests/unit/runtime/window/window_model.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <string>
#include <utility>
#include <vector>

#include "weir/api/windowed_stream.h"
#include "weir/base/random.h"
#include "weir/metrics/metric_group.h"
#include "weir/testing/harness_of.h"
#include "weir/testing/operator_harness.h"

namespace weir {
namespace {

using namespace std::chrono_literals;

using Element = StreamElement<ModelRecord>;
constexpr EventTime kStart = 1000;

// `windows`: makes a WindowedStream of a keyed one.
template <class Windows>
auto HarnessFor(Windows windows, int64_t lateness, uint32_t resume_budget) {
  return HarnessOf<ModelRecord>(
      [&](auto records) {
        return windows(records.KeyBy(&ModelRecord::key))
            .AllowedLateness(Duration(lateness))
            .Aggregate(Aggregates(Sum(&ModelRecord::value), Count()),
                       [](int64_t key, const auto& window, const auto& result) {
                         const auto& [sum, count] = result;
                         ModelResult all{key, kMinWatermark, kMaxWatermark, sum, count};
                         if constexpr (requires { window.end; }) {
                           all.start = ToEventTime(window.start);
                           all.end = ToEventTime(window.end);
                         }
                         return all;
                       });
      },
      {.resume_budget = resume_budget, .start = FromEventTime(kStart)});
}

// Feeds both with the same random stream; compares after each step, results in any order.
class Comparison {
 public:
  Comparison(uint64_t seed, const ModelOptions& options)
      : random_(seed), model_(options, kStart), lateness_(options.lateness) {}

  template <class Windows>
  void Run(Windows windows) {
    auto harness = HarnessFor(windows, lateness_, 1 + static_cast<uint32_t>(random_.Uniform(20)));
    const StatusOr<std::string> empty = harness.Snapshot();
    for (int step = 0; step < 60; ++step) {
      Step(harness);
      ASSERT_TRUE(harness.status().ok()) << harness.status().message();
      std::vector<ModelResult> actual = harness.TakeOutput();
      std::sort(actual.begin(), actual.end());
      std::sort(expected_.begin(), expected_.end());
      ASSERT_TRUE(actual == expected_) << "step " << step << ": " << Text(actual) << "\nexpected: " << Text(expected_);
      ASSERT_EQ(harness.metrics().GetCounter("numLateRecordsDropped").Count(), model_.dropped());
      ASSERT_EQ(*harness.Snapshot() == *empty, model_.empty()) << "step " << step;
    }
  }

 private:
  static std::string Text(const std::vector<ModelResult>& results) {
    std::string text;
    for (const ModelResult& result : results) text += "\n  " + Printed(result);
    return text;
  }
  void Expect(const std::vector<ModelResult>& results) {
    expected_.insert(expected_.end(), results.begin(), results.end());
  }
  template <class Harness>
  void Step(Harness& harness) {
    expected_.clear();
    switch (random_.Uniform(8)) {
      case 0:
        harness.SnapshotAndRestore();
        return model_.Restore();
      case 1:
        now_ += static_cast<int64_t>(random_.Uniform(30));
        harness.ProcessingTime(FromEventTime(now_));
        return Expect(model_.ProcessingTime(now_));
      default:
        harness.PushElements(Batch(), random_.Uniform(2) == 0 ? InputForm::kDense : InputForm::kSelected);
    }
  }
  // Records out of order, and watermarks.
  std::vector<Element> Batch() {
    std::vector<Element> batch;
    for (uint64_t i = 0, n = 1 + random_.Uniform(20); i < n; ++i) {
      if (random_.Uniform(6) == 0) {
        watermark_ += 1 + static_cast<int64_t>(random_.Uniform(30));
        batch.push_back(Element::Watermark(watermark_));
        Expect(model_.Watermark(watermark_));
        continue;
      }
      const ModelRecord record{static_cast<int64_t>(random_.Uniform(4)), static_cast<int64_t>(random_.Uniform(100))};
      const EventTime time = watermark_ - 40 + static_cast<int64_t>(random_.Uniform(90));
      batch.push_back(Element::Record(record, time));
      Expect(model_.Record(record, time));
    }
    return batch;
  }

  SeededRandom random_;
  WindowModel model_;
  const int64_t lateness_;
  EventTime watermark_ = -300;
  EventTime now_ = kStart;
  std::vector<ModelResult> expected_;
};

template <class Windows>
void CompareOften(ModelOptions options, Windows windows) {
  for (const int64_t lateness : {0, 12}) {
    options.lateness = lateness;
    for (uint64_t seed = 1; seed <= 12; ++seed) {
      SCOPED_TRACE("seed " + std::to_string(seed) + ", lateness " + std::to_string(lateness));
      Comparison(seed, options).Run(windows);
      if (testing::Test::HasFatalFailure()) return;
    }
  }
}

// The same trigger as another type: windows that share slices know EventTimeTrigger only, so that these are computed each apart.
struct EventTimeTriggerApart : EventTimeTrigger {};
TEST(WindowModel, AgreesOnWindowsOfEventTimeThatAreComputedEachApart) {
  CompareOften({.size = 13, .offset = -5}, [](auto keyed) {
    return keyed.Window(TumblingEventTimeWindows(13ms, -5ms)).Trigger(EventTimeTriggerApart());
  });
  CompareOften({.assigner = ModelAssigner::kSliding, .size = 20, .slide = 6, .offset = 2}, [](auto keyed) {
    return keyed.Window(SlidingEventTimeWindows(20ms, 6ms, 2ms)).Trigger(EventTimeTriggerApart());
  });
}

TEST(WindowModel, AgreesOnCountTriggers) {
  CompareOften({.size = 13, .trigger = ModelTrigger::kCount, .every = 3},
               [](auto keyed) { return keyed.Window(TumblingEventTimeWindows(13ms)).Trigger(CountTrigger(3)); });
  CompareOften({.assigner = ModelAssigner::kSession, .size = 6, .trigger = ModelTrigger::kCount, .every = 4},
               [](auto keyed) { return keyed.Window(EventTimeSessionWindows(6ms)).Trigger(CountTrigger(4)); });
}

TEST(WindowModel, AgreesOnContinuousTriggers) {
  CompareOften({.size = 30, .offset = -4, .trigger = ModelTrigger::kContinuousEventTime, .every = 7}, [](auto keyed) {
    return keyed.Window(TumblingEventTimeWindows(30ms, -4ms)).Trigger(ContinuousEventTimeTrigger(7ms));
  });
  CompareOften({.size = 20, .trigger = ModelTrigger::kContinuousProcessingTime, .every = 15}, [](auto keyed) {
    return keyed.Window(TumblingEventTimeWindows(20ms)).Trigger(ContinuousProcessingTimeTrigger(15ms));
  });
}

TEST(WindowModel, AgreesOnContinuousTriggersOfSessions) {
  CompareOften(
      {.assigner = ModelAssigner::kSession, .size = 8, .trigger = ModelTrigger::kContinuousEventTime, .every = 5},
      [](auto keyed) { return keyed.Window(EventTimeSessionWindows(8ms)).Trigger(ContinuousEventTimeTrigger(5ms)); });
  CompareOften(
      {.assigner = ModelAssigner::kSession, .size = 8, .trigger = ModelTrigger::kContinuousProcessingTime, .every = 15},
      [](auto keyed) {
        return keyed.Window(EventTimeSessionWindows(8ms)).Trigger(ContinuousProcessingTimeTrigger(15ms));
      });
}

TEST(WindowModel, AgreesOnPurgingTriggers) {
  CompareOften({.assigner = ModelAssigner::kSliding, .size = 20, .slide = 5, .purges = true}, [](auto keyed) {
    return keyed.Window(SlidingEventTimeWindows(20ms, 5ms)).Trigger(PurgingTrigger(EventTimeTrigger()));
  });
  CompareOften({.assigner = ModelAssigner::kSession, .size = 6, .purges = true}, [](auto keyed) {
    return keyed.Window(EventTimeSessionWindows(6ms)).Trigger(PurgingTrigger(EventTimeTrigger()));
  });
}

TEST(WindowModel, AgreesOnWindowsOfProcessingTime) {
  CompareOften({.is_processing_time = true, .size = 20, .offset = 3, .trigger = ModelTrigger::kProcessingTime},
               [](auto keyed) { return keyed.Window(TumblingProcessingTimeWindows(20ms, 3ms)); });
  CompareOften({.assigner = ModelAssigner::kSliding,
                .is_processing_time = true,
                .size = 20,
                .slide = 10,
                .trigger = ModelTrigger::kProcessingTime},
               [](auto keyed) { return keyed.Window(SlidingProcessingTimeWindows(20ms, 10ms)); });
  CompareOften({.assigner = ModelAssigner::kSession,
                .is_processing_time = true,
                .size = 15,
                .trigger = ModelTrigger::kProcessingTime},
               [](auto keyed) { return keyed.Window(ProcessingTimeSessionWindows(15ms)); });
}

TEST(WindowModel, AgreesOnCountWindows) {
  CompareOften({.assigner = ModelAssigner::kGlobal, .trigger = ModelTrigger::kCount, .every = 3, .purges = true},
               [](auto keyed) { return keyed.CountWindow(3); });
  CompareOften({.assigner = ModelAssigner::kGlobal,
                .trigger = ModelTrigger::kCount,
                .every = 2,
                .evictor = ModelEvictor::kCountBefore,
                .evicts = 3},
               [](auto keyed) { return keyed.CountWindow(3, 2); });
}

TEST(WindowModel, AgreesOnEvictors) {
  CompareOften({.size = 20, .evictor = ModelEvictor::kTime, .evicts = 8},
               [](auto keyed) { return keyed.Window(TumblingEventTimeWindows(20ms)).Evictor(TimeEvictor(8ms)); });
  CompareOften(
      {.size = 20, .trigger = ModelTrigger::kCount, .every = 2, .evictor = ModelEvictor::kCountAfter, .evicts = 1},
      [](auto keyed) {
        return keyed.Window(TumblingEventTimeWindows(20ms))
            .Trigger(CountTrigger(2))
            .Evictor(CountEvictor(1, EvictWhen::kAfter));
      });
  CompareOften({.assigner = ModelAssigner::kSession, .size = 6, .evictor = ModelEvictor::kCountBefore, .evicts = 2},
               [](auto keyed) { return keyed.Window(EventTimeSessionWindows(6ms)).Evictor(CountEvictor(2)); });
}

}  // namespace
}  // namespace weir
