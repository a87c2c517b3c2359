// Idleness from an operator with a strategy, through a chain and a channel, to the next task.
#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "weir/base/clock.h"
#include "weir/base/execution/event_count.h"
#include "weir/functions/watermark_strategy.h"
#include "weir/runtime/network/input_gate.h"
#include "weir/runtime/operators/assign_timestamps.h"
#include "weir/runtime/operators/stateless.h"
#include "weir/runtime/operators/two_input.h"
#include "weir/runtime/task/operator_chain.h"
#include "weir/testing/operator_harness.h"

#include "tests/harness/test_batches.h"

namespace weir {
namespace {

using namespace std::chrono_literals;

struct Everything {
  bool operator()(const SmallRow&) const { return true; }
};

// A task of two operators, AssignTimestamps -> Filter, and the gate of its consumer.
class IdleTask {
 public:
  IdleTask() {
    auto channel = std::make_shared<LocalChannel>();
    PartitionWriterOptions options;
    options.type = &BatchTypeOf<SmallRow>();
    options.channels = {channel};
    options.self = &executor_;
    writer_ = PartitionWriter::New(std::move(options));
    gate_ = std::make_unique<InputGate>(&BatchTypeOf<SmallRow>(), std::vector{channel}, &executor_);
    std::vector<ChainedOperator> operators(2);
    operators[0].op = std::make_unique<AssignTimestampsOperator>(WatermarkStrategy<SmallRow>::ForMonotonousTimestamps()
                                                                     .WithTimestamps(&SmallRow::value)
                                                                     .WithIdleness(1s)
                                                                     .strategy(),
                                                                 &BatchTypeOf<SmallRow>());
    operators[0].links = {{.target = 1}};
    operators[1].op = std::make_unique<FilterOperator<SmallRow, Everything>>(Everything());
    operators[1].links = {{.writer = 0}};
    for (ChainedOperator& each : operators) each.output_types = {&BatchTypeOf<SmallRow>()};
    chain_ = std::make_unique<OperatorChain>(std::move(operators), std::vector{writer_.get()});
    EXPECT_TRUE(chain_
                    ->Open([this](size_t) {
                      OperatorContext context;
                      context.runtime = &runtime_;
                      context.clock = &clock_;
                      return context;
                    })
                    .ok());
  }

  void Push(int64_t time) {
    EXPECT_TRUE(chain_->ProcessBatch(0, batches_.Make({{.key = 1, .value = time}})).ok());
    EndStep();
  }
  void Wait(Duration duration) {
    clock_.Advance(duration);
    EXPECT_EQ(chain_->NextProcessingTime(), clock_.WallMillis());
    EXPECT_TRUE(chain_->OnProcessingTime(clock_.WallMillis()).ok());
    EndStep();
  }
  // Whether the consumer takes its input for idle, once it has read everything.
  bool ConsumerIsIdle() {
    BatchBase* batch = nullptr;
    for (auto polled = gate_->Poll(batch); polled != InputGate::Polled::kNothing; polled = gate_->Poll(batch)) {
      if (polled == InputGate::Polled::kBatch) Recycle(batch);
    }
    return gate_->idle();
  }
  EventTime ConsumerWatermark() const { return gate_->watermark(); }

 private:
  void EndStep() {
    EXPECT_TRUE(chain_->EndStep().ok());
    writer_->EndStep();
  }

  EventCount executor_;
  ManualClock clock_;
  RuntimeContext runtime_{RuntimeContext::Values{}};
  BatchMaker<SmallRow> batches_;
  std::unique_ptr<PartitionWriter> writer_;
  std::unique_ptr<InputGate> gate_;
  std::unique_ptr<OperatorChain> chain_;
};

TEST(Idleness, TravelsThroughTheChainToTheConsumerAndEndsWithTheNextRecord) {
  IdleTask task;
  task.Push(100);
  EXPECT_FALSE(task.ConsumerIsIdle());
  task.Wait(1s);
  EXPECT_TRUE(task.ConsumerIsIdle());
  task.Push(200);
  EXPECT_FALSE(task.ConsumerIsIdle());
  EXPECT_EQ(task.ConsumerWatermark(), 199);
}

TEST(TwoInputWatermark, LeavesAnIdleInputOut) {
  TwoInputWatermark watermark;
  watermark.OnMark(0, 10);
  watermark.OnMark(1, 3);
  EXPECT_TRUE(watermark.OnIdle(1, true));
  EXPECT_EQ(watermark.watermark(), 10);
  EXPECT_FALSE(watermark.OnIdle(1, false));
  EXPECT_FALSE(watermark.OnMark(0, 20)) << "the input is back, and behind";
}

TEST(TwoInputWatermark, DoesNotTakeTheEndOfOneInputForTheEndOfAnIdleOne) {
  TwoInputWatermark watermark;
  watermark.OnMark(0, 10);
  watermark.OnIdle(0, true);
  EXPECT_FALSE(watermark.OnMark(1, kMaxWatermark) && watermark.watermark() == kMaxWatermark);
  watermark.OnIdle(0, false);
  EXPECT_TRUE(watermark.OnMark(0, kMaxWatermark));
  EXPECT_EQ(watermark.watermark(), kMaxWatermark);
}

TEST(AssignTimestamps, ReplacesTheWatermarksOfUpstreamButForTheLast) {
  const auto strategy = WatermarkStrategy<SmallRow>::ForMonotonousTimestamps().WithTimestamps(&SmallRow::value);
  OperatorUnderTest under_test;
  under_test.make = [&] { return new AssignTimestampsOperator(strategy.strategy(), &BatchTypeOf<SmallRow>()); };
  OperatorHarness<SmallRow, SmallRow> harness(std::move(under_test));
  harness.Watermark(5000).Push({1, 100}).EndInput();
  const auto elements = harness.TakeElements();
  ASSERT_EQ(elements.size(), 3u);
  EXPECT_EQ(elements[0].time, 100);
  EXPECT_EQ(elements[1].time, 99);
  EXPECT_EQ(elements[2].time, kMaxWatermark);
}

}  // namespace
}  // namespace weir
