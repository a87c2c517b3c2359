// Rows of sinks that fail and are restored at any step: the program gets those of the run that counts, each once.
#include <gtest/gtest.h>

#include <algorithm>
#include <memory>
#include <numeric>
#include <string>
#include <vector>

#include "weir/base/clock.h"
#include "weir/base/random.h"
#include "weir/connectors/collect/collect_sink.h"
#include "weir/connectors/collect/collected_batch.h"
#include "weir/runtime/operators/operator_state.h"
#include "weir/runtime/operators/sink_operator.h"
#include "weir/types/batch_pool.h"

#include "tests/harness/status_matchers.h"

namespace weir {
namespace {

// `number` is what the job is about; another attempt makes another row of it.
struct Row {
  int64_t number = 0;
  int attempt = 0;
};

// A job of one source and some sinks, which writes the numbers 0, 1, 2, ... It fails and recovers as a job does: from the last complete checkpoint.
class CollectingJobModel {
 public:
  CollectingJobModel() { Start(1); }

  // To the subtasks in turn.
  void Write(int count) {
    for (; count > 0; --count, ++position_) {
      BatchBase* const batch = pool_->Get();
      AsBatch<Row>(*batch).Append() = {position_, attempt_};
      Operator& sink = *sinks_[static_cast<size_t>(position_) % sinks_.size()];
      EXPECT_OK(sink.ProcessBatch(0, batch));
      EXPECT_OK(sink.EndStep());
    }
  }
  void Snapshot() {
    Checkpoint checkpoint{.id = ++last_id_, .position = position_, .states = {}};
    for (const auto& sink : sinks_) {
      OperatorStateWriter writer(checkpoint.id);
      EXPECT_OK(sink->Snapshot(writer));
      checkpoint.states.push_back(writer.Take());
    }
    taken_ = std::move(checkpoint);
  }
  // The last snapshot is a checkpoint. The sinks may fail before they hear of it.
  void Complete(bool is_heard) {
    if (taken_.id <= complete_.id) return;
    complete_ = taken_;
    if (is_heard) Notify();
  }
  // Again, with this parallelism.
  void FailAndRecover(int parallelism) {
    for (const auto& sink : sinks_) EXPECT_OK(sink->Close(/*failed=*/true));
    ++attempt_;
    position_ = complete_.position;
    taken_ = complete_;
    Start(parallelism);
  }
  void Finish() {
    for (const auto& sink : sinks_) EXPECT_OK(sink->EndInput(0));
    Snapshot();
    Complete(/*is_heard=*/true);
    for (const auto& sink : sinks_) EXPECT_OK(sink->Close(/*failed=*/false));
    sinks_.clear();
  }

  int64_t covered() const { return complete_.position; }
  // All that have come so far, sorted.
  std::vector<int64_t> numbers() {
    std::vector<Row> rows;
    EXPECT_OK(reader_.TakeAvailable(rows));
    for (const Row& row : rows) numbers_.push_back(row.number);
    std::sort(numbers_.begin(), numbers_.end());
    return numbers_;
  }

 private:
  struct Checkpoint {
    int64_t id = 0;
    int64_t position = 0;  // of the source
    std::vector<std::string> states;
  };

  void Start(int parallelism) {
    sinks_.clear();
    contexts_.clear();
    for (int subtask = 0; subtask < parallelism; ++subtask) {
      RuntimeContext::Values values;
      values.subtask_index = subtask;
      values.parallelism = parallelism;
      values.attempt_number = attempt_;
      values.has_checkpoints = true;
      values.clock = &clock_;
      contexts_.push_back(std::make_unique<RuntimeContext>(std::move(values)));
      OperatorContext context;
      context.runtime = contexts_.back().get();
      context.clock = &clock_;
      context.has_checkpoints = true;
      sinks_.push_back(std::make_unique<SinkOperator>(
          std::make_shared<TypedSinkFactory<CollectSink<Row>>>(CollectSink<Row>(buffer_))));
      EXPECT_OK(sinks_.back()->Open(context));
    }
    for (size_t i = 0; i < complete_.states.size(); ++i) {
      StatusOr<OperatorStateReader> reader = OperatorStateReader::Of(complete_.states[i]);
      EXPECT_OK(sinks_[i % sinks_.size()]->Restore(*reader));
    }
  }
  void Notify() {
    for (const auto& sink : sinks_) EXPECT_OK(sink->NotifyCheckpointComplete(complete_.id));
  }

  ManualClock clock_;  // stands still: attempts are told apart without it
  BatchPoolHandle pool_{&BatchTypeOf<Row>()};
  const std::shared_ptr<CollectBuffer> buffer_ = std::make_shared<CollectBuffer>();
  CollectedRows<Row> reader_{buffer_};
  std::vector<int64_t> numbers_;
  std::vector<std::unique_ptr<RuntimeContext>> contexts_;
  std::vector<std::unique_ptr<SinkOperator>> sinks_;
  Checkpoint taken_;
  Checkpoint complete_;
  int64_t last_id_ = 0;
  int64_t position_ = 0;
  int attempt_ = 0;
};

std::vector<int64_t> NumbersBelow(int64_t end) {
  std::vector<int64_t> numbers(static_cast<size_t>(end));
  std::iota(numbers.begin(), numbers.end(), 0);
  return numbers;
}

TEST(CollectCommit, RowsComeWhenTheirCheckpointIsComplete) {  // I7
  CollectingJobModel job;
  job.Write(3);
  job.Snapshot();
  job.Write(2);
  EXPECT_EQ(job.numbers(), NumbersBelow(0));
  job.Complete(/*is_heard=*/true);
  EXPECT_EQ(job.numbers(), NumbersBelow(3));
}

TEST(CollectCommit, ACheckpointThatWasCompleteBeforeTheFailureCounts) {
  CollectingJobModel job;
  job.Write(3);
  job.Snapshot();
  job.Complete(/*is_heard=*/false);
  job.FailAndRecover(1);
  EXPECT_EQ(job.numbers(), NumbersBelow(3));
  job.FailAndRecover(2);
  EXPECT_EQ(job.numbers(), NumbersBelow(3));
}

TEST(CollectCommit, RowsThatAFailureTakesBackAreNotSeen) {
  CollectingJobModel job;
  job.Write(3);
  job.Snapshot();
  job.FailAndRecover(1);
  job.Write(5);
  job.Finish();
  EXPECT_EQ(job.numbers(), NumbersBelow(5));
}

TEST(CollectCommit, WhatWaitsForACheckpointSlowsTheSinkDownWhenItIsMuch) {
  constexpr size_t kMiB = size_t{1} << 20;
  EXPECT_EQ(PauseWhileKeeping(63 * kMiB), Duration(0));
  EXPECT_EQ(PauseWhileKeeping(64 * kMiB), Duration(5));
  EXPECT_EQ(PauseWhileKeeping(640 * kMiB), Duration(50));
}

// One step of a job's life, at random.
void Live(CollectingJobModel& job, Random& random) {
  switch (random.Uniform(5)) {
    case 0:
      return job.Snapshot();
    case 1:
      return job.Complete(/*is_heard=*/random.Chance(0.7));
    case 2:
      return job.FailAndRecover(static_cast<int>(1 + random.Uniform(3)));
    default:
      return job.Write(static_cast<int>(random.Uniform(4)));
  }
}

TEST(CollectCommit, WhateverFailsEachRowComesOnce) {
  for (uint64_t seed = 1; seed <= 200 && !::testing::Test::HasFailure(); ++seed) {
    SCOPED_TRACE("seed " + std::to_string(seed));
    SeededRandom random(seed);
    CollectingJobModel job;
    for (int step = 0; step < 60; ++step) {
      Live(job, random);
      const std::vector<int64_t> seen = job.numbers();
      EXPECT_EQ(seen, NumbersBelow(static_cast<int64_t>(seen.size()))) << "no gap, and none twice";
      EXPECT_LE(static_cast<int64_t>(seen.size()), job.covered());
    }
    job.Write(1);
    job.Finish();
    EXPECT_EQ(job.numbers(), NumbersBelow(job.covered()));
  }
}

}  // namespace
}  // namespace weir
