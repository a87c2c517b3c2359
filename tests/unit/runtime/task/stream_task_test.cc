#include "weir/runtime/task/stream_task.h"

#include <gtest/gtest.h>

#include <chrono>

#include "weir/testing.h"

#include "tests/harness/status_matchers.h"
#include "tests/unit/runtime/task/scripted_operator.h"

namespace weir {
namespace {

using State = ExecutionState;
using States = std::vector<ExecutionState>;

class StreamTaskTest : public ::testing::Test {
 protected:
  void Make(std::vector<Script> scripts, bool with_output = false) {
    for (Script& script : scripts) script.journal = &journal_;
    TaskHarnessOptions options;
    options.operators = ChainOf(std::move(scripts), with_output);
    options.inputs = {{.type = &BatchTypeOf<SmallRow>()}};
    if (with_output) options.outputs = {{.type = &BatchTypeOf<SmallRow>()}};
    task_ = std::make_unique<TaskHarness>(std::move(options));
  }
  void Push(int64_t value) { task_->input(0).Push({.batch = batches_.Make({{.value = value}})}); }
  void End() { task_->input(0).Push({.event = {.kind = StreamEvent::Kind::kEndOfData}}); }
  // Takes all that waits in the output; how many elements.
  int Read() {
    ChannelElement element;
    int count = 0;
    for (; task_->output().Pop(element); ++count) {
      if (element.batch != nullptr) Recycle(element.batch);
    }
    return count;
  }

  BatchMaker<SmallRow> batches_;
  Journal journal_;
  std::unique_ptr<TaskHarness> task_;
};

TEST_F(StreamTaskTest, OpensAtItsFirstStepAndThenRuns) {
  Make({{}});
  EXPECT_EQ(task_->states(), States{});
  EXPECT_EQ(task_->Step(), StepResult::kIdle);
  EXPECT_EQ(task_->states(), (States{State::kInitializing, State::kRunning}));
}

TEST_F(StreamTaskTest, FinishesAfterTheEndOfItsInput) {
  Make({{}});
  Push(1);
  End();
  EXPECT_EQ(task_->RunUntilIdle(), StepResult::kDone);
  EXPECT_EQ(task_->state(), State::kFinished);
  EXPECT_EQ(journal_.back(), "op: Close");
}

TEST_F(StreamTaskTest, TellsItsProducerOfRoomThoughWhatItTookSaidNothing) {
  Make({{}});
  task_->RunUntilIdle();
  int told = 0;
  EventCount producer([&told] { ++told; });
  task_->input(0).SetProducer(&producer);
  producer.PrepareWait();
  for (uint32_t i = 0; i < LocalChannel::kCapacity; ++i) task_->input(0).Push({.batch = batches_.Make({})});
  EXPECT_EQ(task_->RunUntilIdle(), StepResult::kIdle);
  EXPECT_TRUE(task_->input(0).HasSpace());
  EXPECT_EQ(told, 1);
}

TEST_F(StreamTaskTest, ReportsItsEndOnce) {
  Make({{}});
  End();
  task_->RunUntilIdle();
  task_->task().Cancel();
  EXPECT_EQ(task_->Step(), StepResult::kDone);
  EXPECT_EQ(task_->states(), (States{State::kInitializing, State::kRunning, State::kFinished}));
}

TEST_F(StreamTaskTest, CancelsBeforeItsNextStep) {
  Make({{}});
  task_->Step();
  Push(1);
  task_->task().Cancel();
  EXPECT_EQ(task_->Step(), StepResult::kDone);
  EXPECT_EQ(task_->state(), State::kCanceled);
  EXPECT_EQ(journal_, (Journal{"op: Open", "op: Close"}));
}

TEST_F(StreamTaskTest, OpensNothingIfItWasCancelledBeforeItsFirstStep) {
  Make({{}});
  task_->task().Cancel();
  EXPECT_EQ(task_->Step(), StepResult::kDone);
  EXPECT_EQ(journal_, Journal{});
  EXPECT_EQ(task_->states(), States{State::kCanceled});
}

TEST_F(StreamTaskTest, CancelsWhileItsOutputIsFull) {
  Make({{}}, /*with_output=*/true);
  for (int i = 0; i < 40; ++i) Push(i);
  EXPECT_EQ(task_->RunUntilIdle(), StepResult::kBlocked);
  task_->task().Cancel();
  EXPECT_EQ(task_->Step(), StepResult::kDone);
  EXPECT_EQ(task_->state(), State::kCanceled);
}

TEST_F(StreamTaskTest, IsBackPressuredWhileWhoSharesItsThreadEmptiesItsOutput) {
  Make({{}}, /*with_output=*/true);
  for (int i = 0; i < 200; ++i) Push(i);
  // One turn each: the task fills its output, then who reads from it works for a while on the same thread.
  StepResult result = task_->Step();
  while (result == StepResult::kProgress && !task_->task().is_backpressured()) result = task_->Step();
  ASSERT_EQ(result, StepResult::kProgress) << "the step that fills the output makes progress";
  const int64_t before = task_->task().statistics().backpressured_ns;
  task_->clock().Advance(std::chrono::milliseconds(500));
  EXPECT_EQ(task_->task().statistics().backpressured_ns - before, 500'000'000);
  EXPECT_GT(Read(), 0);
  EXPECT_NE(task_->Step(), StepResult::kBlocked);
}

struct FailureCase {
  const char* in;
  bool throws;
};
class StreamTaskFailure : public StreamTaskTest, public ::testing::WithParamInterface<FailureCase> {};

TEST_P(StreamTaskFailure, FailsWithTheOperatorsErrorAndClosesEverything) {
  Make({{.name = "head"}, {.name = "bad", .fails_in = GetParam().in, .throws = GetParam().throws}});
  Push(1);
  End();
  EXPECT_EQ(task_->RunUntilIdle(), StepResult::kDone);
  EXPECT_EQ(task_->state(), State::kFailed);
  EXPECT_TRUE(IsError(task_->error(), GetParam().throws ? StatusCode::kUnknown : StatusCode::kInvalidArgument,
                      std::string("in ") + GetParam().in));
  EXPECT_TRUE(IsError(task_->error(), task_->error().code(), "operator \"bad\""));
  EXPECT_TRUE(journal_.back().starts_with("bad: Close"));
}

INSTANTIATE_TEST_SUITE_P(Everywhere, StreamTaskFailure,
                         ::testing::Values(FailureCase{"Open", false}, FailureCase{"Open", true},
                                           FailureCase{"Process", false}, FailureCase{"Process", true},
                                           FailureCase{"EndStep", false}, FailureCase{"EndStep", true},
                                           FailureCase{"EndInput", false}, FailureCase{"EndInput", true},
                                           FailureCase{"Close", false}, FailureCase{"Close", true}),
                         [](const auto& info) {
                           return std::string(info.param.in) + (info.param.throws ? "Throws" : "ReturnsAnError");
                         });

TEST_F(StreamTaskTest, StopsReadingWhileItsOutputIsFullAndGoesOnWhenThereIsRoom) {
  Make({{}}, /*with_output=*/true);
  for (int i = 0; i < 40; ++i) Push(i);
  task_->input(0).Drain();
  EXPECT_EQ(task_->RunUntilIdle(), StepResult::kBlocked);
  int read = 0;
  for (int i = 0; i < 10; ++i) {
    read += Read();
    task_->input(0).Drain();
    task_->RunUntilIdle();
  }
  EXPECT_EQ(read, 40);
}

TEST_F(StreamTaskTest, OverdrawsAFullOutputByNoMoreThanOneBatchPerInput) {
  Make({{}}, /*with_output=*/true);
  for (int i = 0; i < 40; ++i) Push(i);
  task_->RunUntilIdle();
  EXPECT_EQ(Read(), static_cast<int>(LocalChannel::kCapacity));
  EXPECT_FALSE(task_->output().HasSurplus());
}

TEST_F(StreamTaskTest, WaitsForRoomBeforeItFinishes) {
  Make({{}}, /*with_output=*/true);
  for (uint32_t i = 0; i < LocalChannel::kCapacity; ++i) Push(i);
  EXPECT_EQ(task_->RunUntilIdle(), StepResult::kBlocked);
  Read();
  End();
  for (int i = 0; i < 3; ++i) task_->RunUntilIdle();
  EXPECT_EQ(task_->state(), State::kFinished);
  EXPECT_EQ(Read(), 2) << "the last watermark and the end of data";
}

TEST_F(StreamTaskTest, GoesOnWithPendingWorkBeforeItReadsMore) {
  Make({{.name = "a", .work_per_batch = 3}, {.name = "b"}});
  Push(1);
  Push(2);
  task_->RunUntilIdle();
  EXPECT_EQ(journal_[3], "b: Process 1");
  EXPECT_EQ(std::count(journal_.begin(), journal_.end(), "a: Resume"), 6);
  const auto second = std::find(journal_.begin(), journal_.end(), "a: Process 2");
  EXPECT_EQ(std::count(journal_.begin(), second, "a: Resume"), 3);
}

TEST_F(StreamTaskTest, SleepsWhileAnOperatorWaitsAndGoesOnAfterALetter) {
  bool waits = true;
  OperatorMailbox* mailbox = nullptr;
  Make({{.work_per_batch = 1, .waits = &waits, .mailbox = &mailbox}}, /*with_output=*/true);
  Push(1);
  End();
  EXPECT_EQ(task_->RunUntilIdle(), StepResult::kIdle);
  EXPECT_EQ(journal_.back(), "op: Process 1");
  mailbox->Post([&] { waits = false; });
  EXPECT_EQ(task_->RunUntilIdle(), StepResult::kDone);
  EXPECT_EQ(journal_, (Journal{"op: Open", "op: Process 1", "op: Resume", "op: Process", "op: Resume", "op: EndInput 0",
                               "op: Close"}))
      << "the second batch is the last watermark";
}

TEST_F(StreamTaskTest, AsksToBeWokenWhenAnOperatorWantsToBeCalled) {
  Make({{}});
  EXPECT_EQ(task_->RunUntilIdle(), StepResult::kIdle);
  EXPECT_EQ(task_->task().wake_up(), kNoEventTime);
  const EventTime now = task_->clock().WallMillis();
  Make({{.wants_time = now + 100}});
  EXPECT_EQ(task_->RunUntilIdle(), StepResult::kIdle);
  EXPECT_EQ(task_->task().wake_up(), now + 100);
  task_->clock().Advance(std::chrono::milliseconds(100));
  task_->RunUntilIdle();
  EXPECT_EQ(journal_.back(), "op: Time " + std::to_string(now + 100));
}

TEST_F(StreamTaskTest, EndsAStepAfterABatchThatTookLong) {
  std::chrono::nanoseconds takes{0};
  Make({{.while_processing = [this, &takes] { task_->clock().Advance(takes); }}});
  task_->Step();
  for (int i = 0; i < 3; ++i) Push(i);
  takes = std::chrono::milliseconds(1);
  task_->Step();
  EXPECT_EQ(journal_.back(), "op: Process 0");
  takes = std::chrono::microseconds(100);
  task_->Step();
  EXPECT_EQ(journal_.back(), "op: Process 2");
}

TEST_F(StreamTaskTest, CountsRecordsInAndOut) {
  Make({{}}, /*with_output=*/true);
  Push(1);
  Push(2);
  task_->RunUntilIdle();
  EXPECT_EQ(task_->task().statistics().records_in, 2);
  EXPECT_EQ(task_->task().statistics().records_out, 2);
}

}  // namespace
}  // namespace weir
