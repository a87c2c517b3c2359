// Step 4 of docs/checkpointing.md where barriers overtake: what is in flight becomes part of the snapshot, and nothing else does.
#include <gtest/gtest.h>

#include <algorithm>
#include <random>
#include <set>

#include "weir/runtime/task/subtask_checkpoints.h"
#include "weir/testing.h"

#include "tests/unit/runtime/task/scripted_operator.h"
#include "tests/unit/runtime/task/seen_output.h"

namespace weir {
namespace {

using Texts = std::vector<std::string>;
using std::chrono_literals::operator""ms;

class UnalignedCheckpointsTest : public ::testing::Test {
 public:
  void Make(Script script, int channels = 2, Duration aligned_timeout = Duration(0), bool may_overtake = true) {
    script.journal = &journal_;
    TaskHarnessOptions options;
    options.operators = ChainOf({std::move(script)}, /*writer=*/true);
    options.inputs = {{.type = &BatchTypeOf<SmallRow>(), .channels = channels, .may_overtake = may_overtake}};
    if (aligning_channels_ > 0) {
      options.operators.front().inputs = 2;
      options.inputs.push_back(
          {.type = &BatchTypeOf<SmallRow>(), .channels = aligning_channels_, .may_overtake = false});
    }
    options.outputs = {{.type = &BatchTypeOf<SmallRow>()}};
    options.has_checkpoints = true;
    options.overtakes = true;
    options.aligned_timeout = aligned_timeout;
    options.restore_channels = std::move(restore_);
    channels_ = channels;
    task_ = std::make_unique<TaskHarness>(std::move(options));
    task_->RunUntilIdle();
    journal_.clear();
  }
  // A second input, whose barriers align.
  void MakeWithAligningInput(int channels) {
    aligning_channels_ = channels;
    Make({}, 1);
  }
  UnalignedCheckpointsTest& Push(int64_t value, int channel = 0) {
    task_->input(0, channel).Push({.batch = batches_.Make({{.value = value}})});
    return *this;
  }
  // As a producer with unaligned checkpoints sends it.
  UnalignedCheckpointsTest& Barrier(int64_t id, int channel, bool announces = true) {
    task_->input(0, channel)
        .Push({.event = {.kind = StreamEvent::Kind::kBarrier, .overtakes = true, .checkpoint_id = id}});
    if (announces) task_->input(0, channel).Announce(id);
    return *this;
  }
  void Trigger(int64_t id, SnapshotKind kind = SnapshotKind::kCheckpoint) {
    CheckpointTrigger trigger{.id = CheckpointId(id)};
    trigger.location.kind = kind;
    task_->task().TriggerCheckpoint(trigger);
    Settle();
  }
  // Producers and the task go on until nothing moves.
  void Settle() {
    for (int turn = 0; turn < 3; ++turn) {
      for (int channel = 0; channel < channels_; ++channel) task_->input(0, channel).Drain();
      task_->RunUntilIdle();
    }
  }
  // Makes the task stand before full outputs: nobody takes anything.
  int FillOutput() {
    int pushed = 0;
    for (; task_->RunUntilIdle() != StepResult::kBlocked; ++pushed) Push(1000 + pushed);
    return pushed;
  }
  // What the consumer gets until it is all there.
  Texts Output() {
    Texts seen;
    for (size_t before = 1; before != seen.size();) {
      before = seen.size();
      Settle();
      for (std::string& text : TakeOutput(task_->output())) seen.push_back(std::move(text));
    }
    return seen;
  }
  // The values stored for `channel` by the last snapshot, as a task restored from it would read them.
  std::vector<int64_t> Captured(int channel) {
    std::vector<int64_t> values;
    for (const CapturedChannel& captured : task_->captured().back()) {
      if (captured.index != channel) continue;
      InputGate gate(&BatchTypeOf<SmallRow>(), {std::make_shared<LocalChannel>()}, &executor_);
      EXPECT_TRUE(gate.RestoreChannel(0, 0, captured.batches).ok());
      BatchBase* batch = nullptr;
      while (gate.Poll(batch) == InputGate::Polled::kBatch) {
        for (const SmallRow& row : RowsOf<SmallRow>(*batch)) values.push_back(row.value);
        Recycle(batch);
      }
    }
    return values;
  }
  std::vector<int64_t> Snapshots() {
    std::vector<int64_t> ids;
    for (const auto& [id, state] : task_->snapshots()) ids.push_back(id.value());
    return ids;
  }

  EventCount executor_;
  BatchMaker<SmallRow> batches_;
  Journal journal_;
  std::function<Status(std::vector<std::unique_ptr<InputGate>>&)> restore_;
  std::unique_ptr<TaskHarness> task_;
  int channels_ = 0;
  int aligning_channels_ = 0;
};

using Values = std::vector<int64_t>;

TEST_F(UnalignedCheckpointsTest, ABarrierBeforeFullOutputsOvertakesWhatIsInFlight) {  // I3
  Make({});
  FillOutput();
  Push(1, 0).Push(2, 1).Barrier(7, 0).Push(3, 0).Barrier(7, 1);
  EXPECT_EQ(task_->RunUntilIdle(), StepResult::kBlocked);
  EXPECT_EQ(task_->output().announced(), 7);
  Trigger(7);
  ASSERT_EQ(Snapshots(), Values{7});
  EXPECT_EQ(Captured(0), Values{1});
  EXPECT_EQ(Captured(1), Values{2});
  EXPECT_TRUE(task_->metrics()[0].is_unaligned);
  EXPECT_GT(task_->metrics()[0].persisted_bytes, 0);
  const Texts seen = Output();
  // Its own barrier stands where its state was taken: behind what it had sent, before what it had not read.
  const auto barrier = std::find(seen.begin(), seen.end(), "barrier 7");
  EXPECT_EQ(std::set<std::string>(barrier, seen.end()), (std::set<std::string>{"barrier 7", "1", "2", "3"}));
}

TEST_F(UnalignedCheckpointsTest, ItIsHandedOverWhenTheLastBarrierHasCome) {  // I3
  Make({});
  Trigger(7);  // it waits for no barrier
  EXPECT_EQ(Output(), Texts{"barrier 7"});
  Push(2, 1).Push(3, 1).Barrier(7, 0);
  EXPECT_EQ(Output(), (Texts{"2", "3"}));
  EXPECT_TRUE(Snapshots().empty());
  Barrier(7, 1).Push(4, 1);
  EXPECT_EQ(Output(), Texts{"4"});
  ASSERT_EQ(Snapshots(), Values{7});
  EXPECT_EQ(Captured(0), Values{});
  EXPECT_EQ(Captured(1), (Values{2, 3}));
}

TEST_F(UnalignedCheckpointsTest, WhereBarriersMustNotOvertakeTheyAlign) {
  Make({}, 2, Duration(0), /*may_overtake=*/false);
  Trigger(7);
  Barrier(7, 0).Push(10, 0).Push(20, 1);
  EXPECT_EQ(Output(), Texts{"20"});
  Barrier(7, 1);
  EXPECT_EQ(Output(), (Texts{"barrier 7", "10"}));
  EXPECT_TRUE(task_->captured()[0].empty());
  EXPECT_FALSE(task_->metrics()[0].is_unaligned);
}

TEST_F(UnalignedCheckpointsTest, ASavepointAlignsEvenSo) {
  Make({});
  Trigger(7, SnapshotKind::kSavepoint);
  const StreamEvent barrier{.kind = StreamEvent::Kind::kBarrier, .checkpoint_id = 7};
  task_->input(0, 0).Push({.event = barrier});
  Push(10, 0).Push(20, 1);
  EXPECT_EQ(Output(), Texts{"20"});
  task_->input(0, 1).Push({.event = barrier});
  EXPECT_EQ(Output(), (Texts{"barrier 7", "10"}));
  EXPECT_TRUE(task_->captured()[0].empty());
}

TEST_F(UnalignedCheckpointsTest, ItAlignsUntilTheTimeoutAndOvertakesFromThen) {
  Make({}, 2, 100ms);
  Barrier(7, 0, /*announces=*/false).Push(10, 0);
  EXPECT_EQ(Output(), Texts{});
  EXPECT_EQ(task_->task().wake_up(), task_->clock().WallMillis() + 100);
  task_->clock().Advance(100ms);
  EXPECT_EQ(Output(), (Texts{"barrier 7", "10"}));
  EXPECT_EQ(task_->output().announced(), 7);
}

TEST_F(UnalignedCheckpointsTest, WhatAlignsInTimeStoresNothing) {
  Make({}, 2, 100ms);
  Trigger(7);
  Barrier(7, 0, false).Push(10, 0).Push(20, 1).Barrier(7, 1, false);
  EXPECT_EQ(Output(), (Texts{"20", "barrier 7", "10"}));
  ASSERT_EQ(Snapshots(), Values{7});
  EXPECT_TRUE(task_->captured()[0].empty());
  EXPECT_EQ(task_->output().announced(), 0);
}

TEST_F(UnalignedCheckpointsTest, AnAlignedBarrierThatWaitsInFullOutputsIsAnnouncedAtTheTimeout) {
  Make({}, 1, 100ms);
  FillOutput();
  Barrier(7, 0, false);
  Trigger(7);
  EXPECT_EQ(task_->output().announced(), 0);
  task_->clock().Advance(100ms);
  task_->Step();
  EXPECT_EQ(task_->output().announced(), 7);
}

TEST_F(UnalignedCheckpointsTest, AnAbortEndsTheCaptureAndTheRecordsStay) {  // I2
  Make({});
  Trigger(7);
  Barrier(7, 0).Push(1, 0);
  task_->RunUntilIdle();
  task_->task().NotifyCheckpointAborted(CheckpointId(7));
  EXPECT_EQ(Output(), (Texts{"barrier 7", "1"}));
  Push(2, 1).Barrier(7, 1).Push(3, 1);
  EXPECT_EQ(Output(), (Texts{"2", "3"}));
  EXPECT_TRUE(Snapshots().empty());
}

TEST_F(UnalignedCheckpointsTest, ANewerOneGivesUpTheCaptureOfTheOlder) {  // I2
  Make({});
  Trigger(7);
  Barrier(7, 0);
  task_->RunUntilIdle();
  // The producer of channel 1 has been told that 7 is over, and goes on to 8.
  Push(5, 1).Barrier(8, 1).Barrier(8, 0);
  Trigger(8);
  ASSERT_EQ(task_->declined().size(), 1u);
  EXPECT_EQ(task_->declined()[0].first, CheckpointId(7));
  EXPECT_EQ(Snapshots(), Values{8});
  EXPECT_EQ(Captured(1), Values{5});
}

TEST_F(UnalignedCheckpointsTest, AProducerThatHasEndedIsCapturedToItsEnd) {
  Make({});
  FillOutput();
  Push(1, 1);
  task_->input(0, 1).Push({.event = {.kind = StreamEvent::Kind::kEndOfData}});
  task_->input(0, 1).Announce(LocalChannel::kEndAnnounced);
  Barrier(7, 0);
  Trigger(7);
  ASSERT_EQ(Snapshots(), Values{7});
  EXPECT_EQ(Captured(1), Values{1});
}

TEST_F(UnalignedCheckpointsTest, NothingIsReadBetweenTheEndOfAnAligningChannelAndTheSnapshot) {  // I3
  MakeWithAligningInput(2);
  Trigger(7);
  task_->input(1, 0).Push({.event = {.kind = StreamEvent::Kind::kBarrier, .overtakes = true, .checkpoint_id = 7}});
  task_->RunUntilIdle();
  // The task reads its inputs in turn: the record, then the end, which says nothing else to it, and then it must not read the barrier.
  Push(1).Barrier(7, 0);
  task_->input(1, 1).Push({.event = {.kind = StreamEvent::Kind::kEndOfData}});
  EXPECT_EQ(Output(), (Texts{"1", "barrier 7"}));
  EXPECT_EQ(Snapshots(), Values{7}) << "it waits for a barrier that it has read";
}

TEST_F(UnalignedCheckpointsTest, WhatWasCapturedAndNotProcessedIsCapturedAgain) {
  Make({});
  FillOutput();
  Push(1, 0).Barrier(7, 0).Barrier(7, 1);
  Trigger(7);
  Push(2, 0).Barrier(8, 0).Barrier(8, 1);
  Trigger(8);
  ASSERT_EQ(Snapshots(), (Values{7, 8}));
  EXPECT_EQ(Captured(0), (Values{1, 2}));
}

TEST_F(UnalignedCheckpointsTest, WhatWasTakenOutAheadStillTakesRoomForTheProducer) {
  Make({}, 1);
  FillOutput();
  while (task_->input(0).HasSpace()) Push(1, 0);
  Barrier(7, 0);
  Trigger(7);
  ASSERT_EQ(Snapshots(), Values{7});
  EXPECT_FALSE(task_->input(0).HasSpace());
  Output();
  EXPECT_TRUE(task_->input(0).HasSpace());
}

TEST_F(UnalignedCheckpointsTest, AnOperatorInTheMiddleOfItsWorkEndsItThoughThereIsNoRoom) {  // I3
  Make({.work_per_batch = 40});
  while (task_->RunUntilIdle() != StepResult::kBlocked) Push(1, 0);
  Barrier(7, 0).Barrier(7, 1);
  Trigger(7);
  EXPECT_EQ(Snapshots(), Values{7});
}

TEST_F(UnalignedCheckpointsTest, RestoredRowsComeBeforeAllElse) {
  Make({}, 1);
  FillOutput();
  Push(1, 0).Push(2, 0).Barrier(7, 0);
  Trigger(7);
  const std::vector<CapturedChannel> captured = task_->captured()[0];
  restore_ = [captured](std::vector<std::unique_ptr<InputGate>>& gates) {
    for (const CapturedChannel& channel : captured)
      WEIR_RETURN_IF_ERROR(gates[0]->RestoreChannel(channel.edge, channel.index, channel.batches));
    return OkStatus();
  };
  Make({}, 1);
  Push(9, 0);
  EXPECT_EQ(Output(), (Texts{"1", "2", "9"}));
}

// A random history of a task with two channels, checked against what exactly once means: state + captured = all that came before the barriers.
TEST_F(UnalignedCheckpointsTest, StateAndInFlightDataTogetherAreWhatCameBeforeTheBarriers) {  // I3
  for (uint32_t seed = 1; seed <= 200; ++seed) {
    SCOPED_TRACE(seed);
    std::mt19937 random(seed);
    Make({}, 2, Duration(random() % 3 == 0 ? 5 : 0));
    Values before[2], all[2];
    bool sent[2] = {false, false};
    bool triggered = false;
    for (int step = 0; step < 60; ++step) {
      const int channel = static_cast<int>(random() % 2);
      switch (random() % 8) {
        case 0:
          if (!std::exchange(sent[channel], true)) Barrier(1, channel, random() % 2 == 0);
          break;
        case 1:
          if (!std::exchange(triggered, true)) Trigger(1);
          break;
        case 2:
          Output();
          break;
        case 3:
          task_->clock().Advance(3ms);
          break;
        default:
          if (!task_->input(0, channel).HasSpace()) break;
          Push(step, channel);
          all[channel].push_back(step);
          if (!sent[channel]) before[channel].push_back(step);
      }
      if (random() % 2 == 0) task_->Step();
    }
    if (!triggered) Trigger(1);
    for (int channel : {0, 1}) {
      if (!sent[channel]) Barrier(1, channel);
    }
    Output();
    ASSERT_EQ(Snapshots(), Values{1});
    Values state;
    const std::string processed = "op: Process ";
    for (const std::string& call : journal_) {
      if (call == "op: Snapshot 1") break;
      if (call.starts_with(processed)) state.push_back(std::stoll(call.substr(processed.size())));
    }
    for (int channel : {0, 1}) {
      for (int64_t value : Captured(channel)) state.push_back(value);
    }
    std::sort(state.begin(), state.end());
    Values expected = before[0];
    expected.insert(expected.end(), before[1].begin(), before[1].end());
    std::sort(expected.begin(), expected.end());
    EXPECT_EQ(state, expected);
  }
}

}  // namespace
}  // namespace weir
