// A task on an executor that the test turns by hand: one step per call, its channels in the test's hands.
//
//   TaskHarness task({.operators = std::move(chain), .inputs = {{&BatchTypeOf<int64_t>(), 2}}, .outputs = {{&BatchTypeOf<int64_t>(), 1}}});
//   task.input(0, 1).Push({.batch = batch});
//   task.RunUntilIdle();
//   EXPECT_EQ(task.state(), ExecutionState::kRunning);
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "weir/base/clock.h"
#include "weir/base/execution/event_count.h"
#include "weir/base/status.h"
#include "weir/functions/runtime_context.h"
#include "weir/graph/stream_graph.h"
#include "weir/rpc/execution_state.h"
#include "weir/runtime/network/local_channel.h"
#include "weir/runtime/task/stream_task.h"

namespace weir {

struct TaskHarnessOptions {
  struct Input {
    const BatchType* type = nullptr;
    int channels = 1;
    bool may_overtake = true;
  };
  struct Output {
    const BatchType* type = nullptr;
    int channels = 1;
    Partitioner partitioner = Partitioner::kRebalance;
  };
  std::vector<ChainedOperator> operators;
  bool is_source = false;
  std::vector<Input> inputs = {};    // none: the head is a source
  std::vector<Output> outputs = {};  // by ChainLink::writer
  bool has_checkpoints = false;      // the job takes them: at the end of its input the task waits for the last one
  AlignmentMode alignment = AlignmentMode::kExactlyOnce;
  bool overtakes = false;  // unaligned checkpoints
  Duration aligned_timeout{0};
  std::function<Status(std::vector<std::unique_ptr<InputGate>>&)> restore_channels = {};
};

// Threads: one.
class TaskHarness final : private TaskObserver {
 public:
  explicit TaskHarness(TaskHarnessOptions options);
  ~TaskHarness() override;

  StreamTask& task() { return *task_; }
  StepResult Step() { return task_->Step(); }
  // Steps until the task says something else than progress; what it says.
  StepResult RunUntilIdle();

  // The producer's side of an input channel; the consumer's side of an output channel.
  LocalChannel& input(int input, int channel = 0) { return *inputs_[input][channel]; }
  LocalChannel& output(int output = 0, int channel = 0) { return *outputs_[output][channel]; }

  // What the task has reported, in order; the last one; the error of the last one.
  const std::vector<ExecutionState>& states() const { return states_; }
  ExecutionState state() const { return states_.empty() ? ExecutionState::kCreated : states_.back(); }
  const Status& error() const { return error_; }
  int readers_registered() const { return readers_registered_; }
  int splits_requested() const { return splits_requested_; }
  int ends_of_data() const { return ends_of_data_; }
  // Snapshots that were handed over to be written, by id; and those that there will not be, with the reasons.
  const std::vector<std::pair<CheckpointId, std::vector<OperatorStateParts>>>& snapshots() const { return snapshots_; }
  const std::vector<std::pair<CheckpointId, Status>>& declined() const { return declined_; }
  // In-flight data of each of the snapshots.
  const std::vector<std::vector<CapturedChannel>>& captured() const { return captured_; }
  // What was measured of each of the snapshots.
  const std::vector<CheckpointMetrics>& metrics() const { return metrics_; }
  // Of an aligned source.
  const std::vector<WatermarkReport>& watermark_reports() const { return watermark_reports_; }
  ManualClock& clock() { return clock_; }

 private:
  void OnState(ExecutionState state, const Status& error) override;
  void OnReaderRegistered() override { ++readers_registered_; }
  void OnSplitRequest() override { ++splits_requested_; }
  void OnEndOfData() override { ++ends_of_data_; }
  void OnSnapshot(const CheckpointTrigger& trigger, FrozenTask snapshot) override {
    snapshots_.emplace_back(trigger.id, std::move(snapshot.operators));
    metrics_.push_back(snapshot.metrics);
    captured_.push_back(std::move(snapshot.channels));
  }
  void OnSnapshotFailed(CheckpointId id, const Status& reason) override { declined_.emplace_back(id, reason); }
  void OnWatermark(const WatermarkReport& report) override { watermark_reports_.push_back(report); }

  using Channels = std::vector<std::shared_ptr<LocalChannel>>;
  ManualClock clock_;
  EventCount executor_;
  Accumulators accumulators_;
  std::unique_ptr<RuntimeContext> runtime_;
  std::vector<Channels> inputs_;
  std::vector<Channels> outputs_;
  std::vector<ExecutionState> states_;
  Status error_;
  int readers_registered_ = 0;
  int splits_requested_ = 0;
  int ends_of_data_ = 0;
  std::vector<std::pair<CheckpointId, std::vector<OperatorStateParts>>> snapshots_;
  std::vector<std::pair<CheckpointId, Status>> declined_;
  std::vector<CheckpointMetrics> metrics_;
  std::vector<std::vector<CapturedChannel>> captured_;
  std::vector<WatermarkReport> watermark_reports_;
  std::unique_ptr<StreamTask> task_;
};

}  // namespace weir
