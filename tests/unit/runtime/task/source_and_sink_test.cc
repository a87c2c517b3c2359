#include <gtest/gtest.h>

#include <deque>

#include "weir/runtime/operators/sink_operator.h"
#include "weir/runtime/operators/source_operator.h"
#include "weir/testing.h"

#include "tests/harness/status_matchers.h"
#include "tests/unit/runtime/task/scripted_operator.h"

namespace weir {
namespace {

// Reads the numbers [next, end) of each split, two per batch.
struct Span {
  int64_t next = 0, end = 0;
};
class SpanReader final : public SourceReader<SmallRow, Span> {
 public:
  ReadResult Read(Batch<SmallRow>& into, Budget) override {
    if (spans_.empty()) return no_more_ ? ReadResult::End() : ReadResult::Idle();
    Span& span = spans_.front();
    if (span.next == 13) throw std::runtime_error("thirteen");
    for (int i = 0; i < 2 && span.next < span.end; ++i) into.Append() = {.value = span.next++};
    if (span.next == span.end) spans_.pop_front();
    return ReadResult::Progress();
  }
  Status AddSplits(std::vector<Span> splits) override {
    for (const Span& span : splits) {
      if (span.end < 0) throw std::invalid_argument("a split that ends below zero");
      if (span.end < span.next) return InvalidArgumentError("a split that ends before it begins");
      spans_.push_back(span);
    }
    return OkStatus();
  }
  void NoMoreSplits() override { no_more_ = true; }
  std::vector<Span> Snapshot() override { return {spans_.begin(), spans_.end()}; }
  bool WantsSplit() const override { return spans_.empty(); }
  std::string Position() const override { return spans_.empty() ? "" : "span:" + std::to_string(spans_.front().next); }

 private:
  std::deque<Span> spans_;
  bool no_more_ = false;
};
class SpanFactory final : public SourceFactory {
 public:
  Boundedness boundedness() const override { return Boundedness::kBounded; }
  bool blocking() const override { return false; }
  StatusOr<std::unique_ptr<SplitEnumeratorBase>> CreateEnumerator(const std::string*) const override {
    return InternalError("tasks make no enumerators");
  }
  StatusOr<std::unique_ptr<SourceReaderBase>> CreateReader(const RuntimeContext&) const override {
    return std::unique_ptr<SourceReaderBase>(new SpanReader);
  }
};

std::unique_ptr<TaskHarness> SourceTask(Journal* journal) {
  TaskHarnessOptions options;
  options.is_source = true;
  options.operators = ChainOf({{.name = "replaced"}, {.name = "sink", .journal = journal}});
  options.operators[0].op = std::make_unique<SourceOperator>(std::make_shared<SpanFactory>());
  options.operators[0].name = "spans";
  options.operators[0].inputs = 0;
  return std::make_unique<TaskHarness>(std::move(options));
}

TEST(SourceTask, RegistersItsReaderAndAsksForASplitOnce) {
  auto task = SourceTask(nullptr);
  for (int i = 0; i < 3; ++i) task->Step();
  EXPECT_EQ(task->readers_registered(), 1);
  EXPECT_EQ(task->splits_requested(), 1);
}

TEST(SourceTask, ReadsItsSplitsAndFinishesWhenThereAreNoMore) {
  Journal journal;
  auto task = SourceTask(&journal);
  task->Step();
  task->task().AddSplits({EncodeToString(Span{0, 3})});
  EXPECT_EQ(task->RunUntilIdle(), StepResult::kIdle);
  EXPECT_EQ(task->splits_requested(), 2) << "it has read what it had";
  task->task().NoMoreSplits();
  EXPECT_EQ(task->RunUntilIdle(), StepResult::kDone);
  EXPECT_EQ(task->state(), ExecutionState::kFinished);
  EXPECT_EQ(journal, (Journal{"sink: Open", "sink: Process 0 1", "sink: Process 2", "sink: Process", "sink: EndInput 0",
                              "sink: Close"}));
  EXPECT_EQ(task->task().statistics().records_in, 3);
}

TEST(SourceTask, ItsStateIsHowFarItHasRead) {  // I3
  auto task = SourceTask(nullptr);
  task->Step();
  task->task().AddSplits({EncodeToString(Span{0, 10})});
  task->Step();
  task->task().TriggerCheckpoint({.id = CheckpointId(1)});
  task->Step();
  ASSERT_EQ(task->snapshots().size(), 1u);
  const std::vector<std::string>& splits = task->snapshots()[0].second[0].lists[0].elements;
  ASSERT_EQ(splits.size(), 1u);
  Span rest;
  ASSERT_TRUE(DecodeFrom(splits[0], rest).ok());
  EXPECT_EQ(rest.next, 8) << "four batches of two in a step; the barrier comes between two steps";
  EXPECT_EQ(rest.end, 10);
}

TEST(SourceTask, DrainedItEndsBeforeTheSavepointAndFinishesWithIt) {
  Journal journal;
  auto task = SourceTask(&journal);
  task->Step();
  task->task().AddSplits({EncodeToString(Span{0, 1'000'000})});
  task->Step();
  task->task().TriggerCheckpoint({.id = CheckpointId(1), .stops = true, .drains = true});
  EXPECT_EQ(task->RunUntilIdle(), StepResult::kIdle);
  ASSERT_EQ(task->snapshots().size(), 1u);
  EXPECT_EQ(std::vector<std::string>(journal.end() - 2, journal.end()),
            (Journal{"sink: EndInput 0", "sink: Snapshot 1"}));
  task->task().NotifyCheckpointComplete(CheckpointId(1));
  EXPECT_EQ(task->RunUntilIdle(), StepResult::kDone);
  EXPECT_EQ(task->state(), ExecutionState::kFinished);
}

TEST(SourceTask, TellsItsSideOutputsThatEventTimeHasEnded) {
  Journal main, side;
  TaskHarnessOptions options;
  options.is_source = true;
  options.operators = ChainOf({{.name = "replaced"}, {.name = "main", .journal = &main}});
  ChainedOperator& source = options.operators[0];
  source.op = std::make_unique<SourceOperator>(std::make_shared<SpanFactory>());
  source.inputs = 0;
  source.output_types.push_back(&BatchTypeOf<SmallRow>());
  source.links.push_back({.output = 1, .target = 2});
  options.operators.push_back(std::move(ChainOf({{.name = "side", .journal = &side}}).front()));
  TaskHarness task(std::move(options));
  task.Step();
  task.task().NoMoreSplits();
  EXPECT_EQ(task.RunUntilIdle(), StepResult::kDone);
  // An empty batch carries the watermark.
  EXPECT_EQ(side, (Journal{"side: Open", "side: Process", "side: EndInput 0", "side: Close"}));
}

TEST(SourceTask, SaysHowFarItHadReadWhenTheReaderFails) {
  auto task = SourceTask(nullptr);
  task->Step();
  task->task().AddSplits({EncodeToString(Span{11, 20})});
  EXPECT_EQ(task->RunUntilIdle(), StepResult::kDone);
  EXPECT_TRUE(IsError(task->error(), StatusCode::kUnknown, "operator \"spans\" threw std::runtime_error: thirteen"));
  EXPECT_TRUE(IsError(task->error(), StatusCode::kUnknown, "(input read up to span:13)"));
}

TEST(SourceTask, FailsIfTheReaderRefusesASplit) {
  auto task = SourceTask(nullptr);
  task->Step();
  task->task().AddSplits({EncodeToString(Span{5, 3})});
  EXPECT_EQ(task->RunUntilIdle(), StepResult::kDone);
  EXPECT_TRUE(
      IsError(task->error(), StatusCode::kInvalidArgument, "operator \"spans\": a split that ends before it begins"));
}

TEST(SourceTask, FailsIfTheReaderThrowsOverASplit) {
  auto task = SourceTask(nullptr);
  task->Step();
  task->task().AddSplits({EncodeToString(Span{0, -1})});
  EXPECT_EQ(task->RunUntilIdle(), StepResult::kDone);
  EXPECT_TRUE(IsError(task->error(), StatusCode::kUnknown, "operator \"spans\" threw std::invalid_argument"));
}

class WitnessSync final : public PendingSync {
 public:
  explicit WitnessSync(Journal* journal) : journal_(journal) {}
  Status Sync() override {
    journal_->push_back("sync");
    return OkStatus();
  }

 private:
  Journal* const journal_;
};

// Writes down what a writer is told.
class WitnessWriter final : public CommittingWriter<SmallRow, int64_t> {
 public:
  explicit WitnessWriter(Journal* journal) : journal_(journal) {}
  Status Write(const SmallRow& row, EventTime) override {
    if (row.value < 0) return InvalidArgumentError("negative");
    ++written_;
    return Note("write " + std::to_string(row.value));
  }
  Status Flush(bool end_of_input) override { return Note(end_of_input ? "flush all" : "flush"); }
  Status OnProcessingTime(Timestamp) override { return Note("tick"); }
  StatusOr<std::vector<int64_t>> PrepareCommit() override {
    WEIR_RETURN_IF_ERROR(Note("prepare"));
    return std::vector<int64_t>{std::exchange(written_, 0)};
  }
  Status Commit(std::vector<int64_t> committables) override {
    for (const int64_t count : committables) WEIR_RETURN_IF_ERROR(Note("commit " + std::to_string(count)));
    return OkStatus();
  }
  std::shared_ptr<PendingSync> TakePendingSync() override { return std::make_shared<WitnessSync>(journal_); }
  Status Close(CloseReason reason) override {
    return Note(reason == CloseReason::kFinished ? "close" : "close failed");
  }

 private:
  Status Note(std::string note) {
    journal_->push_back(std::move(note));
    return OkStatus();
  }
  Journal* const journal_;
  int64_t written_ = 0;
};
class WitnessFactory final : public SinkFactory {
 public:
  explicit WitnessFactory(Journal* journal) : journal_(journal) {}
  bool blocking() const override { return false; }
  StatusOr<std::unique_ptr<SinkWriterBase>> CreateWriter(const RuntimeContext&) const override {
    return std::unique_ptr<SinkWriterBase>(new WitnessWriter(journal_));
  }

 private:
  Journal* const journal_;
};

class SinkTaskTest : public ::testing::Test {
 protected:
  SinkTaskTest() { Make(false); }
  void Make(bool has_checkpoints) {
    TaskHarnessOptions options;
    options.has_checkpoints = has_checkpoints;
    options.operators = ChainOf({{.name = "witness"}});
    options.operators[0].op = std::make_unique<SinkOperator>(std::make_shared<WitnessFactory>(&journal_));
    options.inputs = {{.type = &BatchTypeOf<SmallRow>()}};
    task_ = std::make_unique<TaskHarness>(std::move(options));
  }
  void Push(int64_t value) { task_->input(0).Push({.batch = batches_.Make({{.value = value}})}); }
  void Checkpoint(int64_t id) {
    task_->input(0).Push({.event = {.kind = StreamEvent::Kind::kBarrier, .checkpoint_id = id}});
    task_->task().TriggerCheckpoint({.id = CheckpointId(id)});
    task_->RunUntilIdle();
  }
  // What is written down from now on.
  Journal Complete(int64_t id) {
    journal_.clear();
    task_->task().NotifyCheckpointComplete(CheckpointId(id));
    task_->RunUntilIdle();
    return journal_;
  }

  BatchMaker<SmallRow> batches_;
  Journal journal_;
  std::unique_ptr<TaskHarness> task_;
};

TEST_F(SinkTaskTest, FlushesOncePerStepThatWrote) {
  Push(1);
  Push(2);
  task_->RunUntilIdle();
  EXPECT_EQ(journal_, (Journal{"write 1", "write 2", "flush"}));
}

TEST_F(SinkTaskTest, CommitsAtTheEndOfItsInput) {
  Push(1);
  task_->input(0).Push({.event = {.kind = StreamEvent::Kind::kEndOfData}});
  task_->RunUntilIdle();
  EXPECT_EQ(task_->state(), ExecutionState::kFinished);
  EXPECT_EQ(std::vector<std::string>(journal_.end() - 5, journal_.end()),
            (Journal{"flush all", "prepare", "sync", "commit 1", "close"}));
}

TEST_F(SinkTaskTest, FinishesWhatItHasWhenItIsCancelled) {
  Push(1);
  task_->RunUntilIdle();
  task_->task().Cancel();
  task_->RunUntilIdle();
  EXPECT_EQ(journal_, (Journal{"write 1", "flush", "flush all", "prepare", "sync", "commit 1", "close"}));
}

TEST_F(SinkTaskTest, CommitsNothingWhenTheTaskFails) {
  Push(1);
  Push(-1);
  task_->RunUntilIdle();
  EXPECT_TRUE(IsError(task_->error(), StatusCode::kInvalidArgument, "operator \"witness\": negative"));
  EXPECT_EQ(journal_, (Journal{"write 1", "close failed"}));
}

TEST_F(SinkTaskTest, LooksAtTheClockOnceASecond) {
  task_->RunUntilIdle();
  task_->clock().Advance(std::chrono::milliseconds(999));
  task_->RunUntilIdle();
  EXPECT_EQ(journal_, Journal{});
  task_->clock().Advance(std::chrono::milliseconds(1));
  task_->RunUntilIdle();
  EXPECT_EQ(journal_, Journal{"tick"});
}

TEST_F(SinkTaskTest, CommitsWhatACompleteCheckpointCoversAndNoMore) {  // I7
  Make(/*has_checkpoints=*/true);
  Push(1);
  Checkpoint(1);
  Push(2);
  Push(3);
  Checkpoint(2);
  EXPECT_EQ(Complete(1), Journal{"commit 1"});
  EXPECT_EQ(Complete(1), Journal{});
  EXPECT_EQ(Complete(2), Journal{"commit 2"});
}

TEST_F(SinkTaskTest, ALaterCheckpointCommitsWhatWasPreparedForOneThatWasAborted) {  // I7
  Make(/*has_checkpoints=*/true);
  Push(1);
  Checkpoint(1);
  task_->task().NotifyCheckpointAborted(CheckpointId(1));
  Checkpoint(2);
  EXPECT_EQ(Complete(2), (Journal{"commit 1", "commit 0"}));
}

TEST_F(SinkTaskTest, WithCheckpointsTheEndOfTheInputIsCommittedByTheLastOne) {  // I7
  Make(/*has_checkpoints=*/true);
  Push(1);
  task_->input(0).Push({.event = {.kind = StreamEvent::Kind::kEndOfData}});
  task_->RunUntilIdle();
  EXPECT_EQ(journal_, (Journal{"write 1", "flush all"}));
  task_->task().TriggerCheckpoint({.id = CheckpointId(5)});
  task_->RunUntilIdle();
  EXPECT_EQ(Complete(5), (Journal{"commit 1", "close", "sync"})) << "no checkpoint comes behind that commit";
  EXPECT_EQ(task_->state(), ExecutionState::kFinished);
}

TEST_F(SinkTaskTest, WithCheckpointsACancelledTaskCommitsNothing) {  // I7
  Make(/*has_checkpoints=*/true);
  Push(1);
  Checkpoint(1);
  Push(2);
  task_->RunUntilIdle();
  journal_.clear();
  task_->task().Cancel();
  task_->RunUntilIdle();
  EXPECT_EQ(journal_, (Journal{"close failed", "sync"})) << "it may have been stopped with a savepoint";
}

TEST_F(SinkTaskTest, LeavesSyncingToWhoeverWritesTheSnapshot) {
  Make(/*has_checkpoints=*/true);
  Push(1);
  Checkpoint(1);
  EXPECT_EQ(journal_.back(), "prepare");
  ASSERT_EQ(task_->snapshots().size(), 1u);
  ASSERT_EQ(task_->snapshots()[0].second[0].syncs.size(), 1u);
  ASSERT_OK(task_->snapshots()[0].second[0].syncs[0]->Sync());
  EXPECT_EQ(journal_.back(), "sync");
}

}  // namespace
}  // namespace weir
