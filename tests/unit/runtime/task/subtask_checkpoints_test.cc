// The task's side of docs/checkpointing.md: steps 2 to 6, 8 and 9, and the end of a bounded job.
#include "weir/runtime/task/subtask_checkpoints.h"

#include <gtest/gtest.h>

#include "weir/testing.h"

#include "tests/unit/runtime/task/scripted_operator.h"
#include "tests/unit/runtime/task/seen_output.h"

namespace weir {
namespace {

using State = ExecutionState;
using Texts = std::vector<std::string>;

class SubtaskCheckpointsTest : public ::testing::Test {
 public:
  void Make(Script script, int channels = 1, AlignmentMode alignment = AlignmentMode::kExactlyOnce) {
    script.journal = &journal_;
    TaskHarnessOptions options;
    options.operators = ChainOf({std::move(script)}, /*writer=*/true);
    options.inputs = {{.type = &BatchTypeOf<SmallRow>(), .channels = channels}};
    options.outputs = {{.type = &BatchTypeOf<SmallRow>()}};
    options.has_checkpoints = true;
    options.alignment = alignment;
    task_ = std::make_unique<TaskHarness>(std::move(options));
    task_->RunUntilIdle();
    journal_.clear();
  }
  SubtaskCheckpointsTest& Push(int64_t value, int channel = 0) {
    task_->input(0, channel).Push({.batch = batches_.Make({{.value = value}})});
    return *this;
  }
  SubtaskCheckpointsTest& Barrier(int64_t id, int channel = 0, bool stops = false) {
    task_->input(0, channel)
        .Push({.event = {.kind = StreamEvent::Kind::kBarrier, .stops = stops, .checkpoint_id = id}});
    return *this;
  }
  SubtaskCheckpointsTest& End(int channel = 0) {
    task_->input(0, channel).Push({.event = {.kind = StreamEvent::Kind::kEndOfData}});
    return *this;
  }
  void Trigger(int64_t id, bool stops = false) {
    task_->task().TriggerCheckpoint({.id = CheckpointId(id), .stops = stops});
    task_->RunUntilIdle();
  }
  void Complete(int64_t id) {
    task_->task().NotifyCheckpointComplete(CheckpointId(id));
    task_->RunUntilIdle();
  }
  void Abort(int64_t id) {
    task_->task().NotifyCheckpointAborted(CheckpointId(id));
    task_->RunUntilIdle();
  }
  // What the consumer gets, in order.
  Texts Output() {
    task_->RunUntilIdle();
    return TakeOutput(task_->output());
  }
  std::vector<int64_t> Snapshots() {
    std::vector<int64_t> ids;
    for (const auto& [id, state] : task_->snapshots()) ids.push_back(id.value());
    return ids;
  }

  BatchMaker<SmallRow> batches_;
  Journal journal_;
  std::unique_ptr<TaskHarness> task_;
};

TEST_F(SubtaskCheckpointsTest, TheStateHoldsTheRecordsBeforeTheBarrierAndNoOther) {  // I3
  Make({});
  Push(1).Barrier(1).Push(2);
  EXPECT_EQ(Output(), (Texts{"1", "barrier 1", "2"}));
  EXPECT_EQ(journal_, (Journal{"op: Process 1", "op: Snapshot 1", "op: Process 2"}));
}

TEST_F(SubtaskCheckpointsTest, ItIsHandedOverWhenTheCoordinatorsMessageSaysWhereItGoes) {
  Make({});
  Barrier(1);
  Output();
  EXPECT_TRUE(task_->snapshots().empty());
  Trigger(1);
  ASSERT_EQ(Snapshots(), std::vector<int64_t>{1});
  EXPECT_EQ(task_->snapshots()[0].second[0].lists[0].elements, Texts{"1"});
}

TEST_F(SubtaskCheckpointsTest, AChannelThatHasDeliveredWaitsForTheOthers) {  // I3
  Make({}, 2);
  Barrier(1, 0).Push(10, 0).Push(20, 1);
  EXPECT_EQ(Output(), Texts{"20"});
  Barrier(1, 1);
  EXPECT_EQ(Output(), (Texts{"barrier 1", "10"}));
}

TEST_F(SubtaskCheckpointsTest, ItsMetricsSayHowLongItAlignedAndWhatItReadMeanwhile) {
  Make({}, 2);
  const int64_t triggered_ms = task_->clock().WallMillis();
  task_->clock().Advance(std::chrono::milliseconds(30));
  Barrier(1, 0).Push(20, 1);
  Output();
  task_->clock().Advance(std::chrono::milliseconds(70));
  Barrier(1, 1);
  Output();
  task_->task().TriggerCheckpoint({.id = CheckpointId(1), .time_ms = triggered_ms});
  task_->RunUntilIdle();
  ASSERT_EQ(task_->metrics().size(), 1u);
  const CheckpointMetrics& metrics = task_->metrics()[0];
  EXPECT_EQ(metrics.start_delay_ms, 30);
  EXPECT_EQ(metrics.alignment_ms, 70);
  EXPECT_EQ(metrics.processed_bytes, static_cast<int64_t>(sizeof(SmallRow)));
  EXPECT_FALSE(metrics.is_unaligned);
}

TEST_F(SubtaskCheckpointsTest, ATaskTakesEverySnapshotThatItHasHeardOfBetweenTwoSteps) {  // I2
  Make({});
  Push(1).End();
  Output();
  task_->task().TriggerCheckpoint({.id = CheckpointId(1)});
  task_->task().TriggerCheckpoint({.id = CheckpointId(2)});
  task_->RunUntilIdle();
  EXPECT_EQ(Snapshots(), (std::vector<int64_t>{1, 2}));
}

TEST_F(SubtaskCheckpointsTest, AtLeastOnceNoChannelWaits) {  // I3
  Make({}, 2, AlignmentMode::kAtLeastOnce);
  Barrier(1, 0).Push(10, 0).Push(20, 1);
  EXPECT_EQ(Output().size(), 2u);
  Barrier(1, 1);
  EXPECT_EQ(Output(), Texts{"barrier 1"});
}

TEST_F(SubtaskCheckpointsTest, WhatAnOperatorIsStillWorkingOnComesBeforeTheBarrier) {  // I3
  Make({.work_per_batch = 3});
  Push(1).Barrier(1);
  EXPECT_EQ(Output(), (Texts{"1", "1002", "1001", "1000", "barrier 1"}));
  EXPECT_EQ(journal_.back(), "op: Snapshot 1");
}

TEST_F(SubtaskCheckpointsTest, ANewerBarrierDeclinesTheOlderCheckpointAndFreesItsChannels) {  // I2
  Make({}, 2);
  Barrier(1, 0).Push(10, 0).Barrier(2, 1);
  EXPECT_EQ(Output(), Texts{"10"});
  ASSERT_EQ(task_->declined().size(), 1u);
  EXPECT_EQ(task_->declined()[0].second.code(), StatusCode::kAborted);
  Barrier(2, 0);
  EXPECT_EQ(Output(), Texts{"barrier 2"});
}

TEST_F(SubtaskCheckpointsTest, AnAbortFreesTheChannelsAndReachesTheOperators) {
  Make({}, 2);
  Barrier(1, 0).Push(10, 0);
  EXPECT_EQ(Output(), Texts{});
  Abort(1);
  EXPECT_EQ(Output(), Texts{"10"});
  EXPECT_EQ(journal_.front(), "op: Aborted 1");
}

TEST_F(SubtaskCheckpointsTest,
       AnAbortTouchesNoOlderCheckpoint) {  // a savepoint that failed elsewhere, beside a checkpoint
  Make({}, 2);
  Barrier(1, 0);
  Output();
  task_->task().TriggerCheckpoint({.id = CheckpointId(1)});
  task_->task().TriggerCheckpoint({.id = CheckpointId(2)});
  Abort(2);
  Barrier(1, 1);
  EXPECT_EQ(Output(), Texts{"barrier 1"});
  EXPECT_EQ(Snapshots(), std::vector<int64_t>{1});
}

TEST_F(SubtaskCheckpointsTest, WhatWaitsForItsTriggerOutlivesTheAbortOfANewerOne) {
  Make({});
  Barrier(1);
  Output();
  Abort(2);
  Trigger(1);
  EXPECT_EQ(Snapshots(), std::vector<int64_t>{1});
}

TEST_F(SubtaskCheckpointsTest, AnOperatorThatCannotWriteItsStateDeclinesAndTheTaskRunsOn) {
  Make({.fails_in = "Snapshot", .throws = true});
  Barrier(1).Push(2);
  EXPECT_EQ(Output(), (Texts{"barrier 1", "2"}));
  ASSERT_EQ(task_->declined().size(), 1u);
  EXPECT_NE(task_->declined()[0].second.message().find("thrown in Snapshot"), std::string::npos);
  EXPECT_EQ(task_->state(), State::kRunning);
}

TEST_F(SubtaskCheckpointsTest, AfterItsInputTheTaskWaitsForACheckpointOfItsLastState) {  // I7
  Make({});
  Push(1).End();
  EXPECT_EQ(Output(), (Texts{"1", "end"}));
  EXPECT_EQ(task_->ends_of_data(), 1);
  EXPECT_EQ(task_->state(), State::kRunning);
  Trigger(4);
  EXPECT_EQ(Snapshots(), std::vector<int64_t>{4});
  EXPECT_EQ(Output(), Texts{}) << "nothing follows the end";
  Complete(4);
  EXPECT_EQ(task_->state(), State::kFinished);
  EXPECT_EQ(journal_.back(), "op: Close");
}

TEST_F(SubtaskCheckpointsTest, ACheckpointFromBeforeTheEndOfTheInputDoesNotFinishTheTask) {  // I7
  Make({});
  Barrier(3).Push(1).End();
  Output();
  Trigger(3);
  Complete(3);
  EXPECT_EQ(task_->state(), State::kRunning);
  Trigger(4);
  Complete(4);
  EXPECT_EQ(task_->state(), State::kFinished);
}

TEST_F(SubtaskCheckpointsTest, BehindTheSavepointItStopsWithATaskProcessesNothing) {
  Make({});
  Barrier(1, 0, /*stops=*/true).Push(2);
  EXPECT_EQ(Output(), Texts{"barrier 1"});
  Trigger(1, /*stops=*/true);
  Complete(1);
  EXPECT_EQ(task_->state(), State::kFinished);
  EXPECT_EQ(journal_, (Journal{"op: Snapshot 1", "op: Complete 1", "op: Close"}));
}

TEST_F(SubtaskCheckpointsTest, ItsBarrierGoesOutWhenThereIsRoomAgainThoughTheTaskHasStopped) {
  Make({});
  const int more_than_fits = static_cast<int>(LocalChannel::kCapacity) + 3;
  for (int i = 0; i < more_than_fits; ++i) {
    Push(i);
    task_->Step();
  }
  Barrier(1, 0, /*stops=*/true);
  Texts seen;
  for (int i = 0; i < 3; ++i) {
    for (std::string& element : Output()) seen.push_back(std::move(element));
  }
  ASSERT_EQ(seen.size(), static_cast<size_t>(more_than_fits) + 1);
  EXPECT_EQ(seen.back(), "barrier 1");
}

TEST_F(SubtaskCheckpointsTest, IfThatSavepointFailsTheTaskGoesOn) {
  Make({});
  Barrier(1, 0, /*stops=*/true).Push(2);
  Output();
  Abort(1);
  EXPECT_EQ(Output(), Texts{"2"});
  EXPECT_EQ(task_->state(), State::kRunning);
}

TEST_F(SubtaskCheckpointsTest, ACommitThatFailsFailsTheTask) {  // I7
  Make({.fails_in = "Complete"});
  Barrier(1);
  Output();
  Trigger(1);
  Complete(1);
  EXPECT_EQ(task_->state(), State::kFailed);
}

}  // namespace
}  // namespace weir
