// Keyed state that is written piece by piece between the steps of its task.
#include <gtest/gtest.h>

#include <chrono>
#include <memory>

#include "weir/runtime/task/stream_task.h"
#include "weir/testing.h"

#include "tests/unit/runtime/task/scripted_operator.h"
#include "tests/unit/state/snapshot_to_memory.h"
#include "tests/unit/state/state_model.h"

namespace weir {
namespace {

struct Count : StatefulFunction {
  ValueState<int64_t> count{this, "count"};
};

class RunningSnapshotsTest : public ::testing::Test {
 protected:
  RunningSnapshotsTest() {
    function_.BindStates(*rows_);
    for (int64_t key = 0; key < 100'000; ++key) {
      const uint64_t hash = Hash64(static_cast<uint64_t>(key));
      char* row = nullptr;
      rows_->Prepare({.integers = &key}, &hash, 1, &row);
      function_.key_context().row = row;
      function_.count.Update(key);
    }
    rows_->Finish();
    TaskHarnessOptions options;
    options.operators =
        ChainOf({{.while_processing = [this] { task_->clock().Advance(batch_takes_); }, .rows = rows_.get()}});
    options.inputs = {{.type = &BatchTypeOf<SmallRow>()}};
    task_ = std::make_unique<TaskHarness>(std::move(options));
  }

  void StepWithABatch() {
    task_->input(0).Push({.batch = batches_.Make({{.value = 1}})});
    task_->Step();
  }
  // How many steps it takes until a snapshot is written.
  int StepsOfASnapshot() {
    task_->Step();
    StepWithABatch();
    task_->task().TriggerCheckpoint({.id = CheckpointId(1)});
    task_->input(0).Push({.event = {.kind = StreamEvent::Kind::kBarrier, .checkpoint_id = 1}});
    task_->Step();
    WrittenToMemory written;
    task_->snapshots().front().second.front().running.front()->Start({.checkpoint_id = 1, .is_native = true},
                                                                     std::make_shared<MemorySink>(written, is_full_));
    int steps = 0;
    for (; !written.is_done && steps < 1000; ++steps) StepWithABatch();
    return steps;
  }

  bool is_full_ = false;
  std::chrono::nanoseconds batch_takes_{0};
  Count function_;
  std::unique_ptr<KeyedRows> rows_ = NewRows(function_, KeyForm::kInteger, {0, 127}, 128);
  BatchMaker<SmallRow> batches_;
  std::unique_ptr<TaskHarness> task_;
};

TEST_F(RunningSnapshotsTest, TakeAPieceBesideAQuickStep) { EXPECT_GT(StepsOfASnapshot(), 10); }

// The clock stands still while pieces are written: there is time for all of them.
TEST_F(RunningSnapshotsTest, TakeAPartOfTheTimeOfASlowStep) {
  batch_takes_ = std::chrono::milliseconds(10);
  EXPECT_EQ(StepsOfASnapshot(), 1);
}

}  // namespace
}  // namespace weir
