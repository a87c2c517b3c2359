// Workers whose tasks do what the test says, for SimulatedCluster.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "weir/base/execution/executor.h"
#include "weir/graph/job/job_graph.h"
#include "weir/taskmanager/task_executor.h"

namespace weir::jobmanager_test {

// A task as the fake worker has it.
struct FakeTask {
  TaskDeploymentDescriptor descriptor;
  std::string vertex;
  std::vector<OperatorId> operators = {};  // of its chain
  WorkerListener* listener = nullptr;
  Executor* lane = nullptr;
  std::string task_manager;
  bool alive = true;
  bool cancelled = false;
  std::vector<std::string> splits;
  bool no_more_splits = false;
  std::vector<CheckpointTrigger> triggered = {};
  std::vector<int64_t> completed = {};  // checkpoints that it was told of
  std::vector<int64_t> aborted = {};
};

// What fake workers do of their own accord, and all tasks that they ever had, in the order of their deployment.
struct FakeWorld {
  bool runs_by_itself = true;  // deployed tasks initialize, run, and sources register their readers
  bool cancels_by_itself = true;
  bool acknowledges_by_itself = true;  // checkpoints; the state of every operator is one list with the checkpoint's id
  Redistribution redistribution = Redistribution::kSplit;  // of that list
  std::string deploy_error;                                // not empty: deployments fail with it
  Status first_failure;                                    // not OK: the next task to be deployed fails with it at once
  std::vector<std::unique_ptr<FakeTask>> tasks;

  void Acknowledge(FakeTask& task, CheckpointId id) {
    std::vector<OperatorSubtaskState> state;
    for (const OperatorId& op : task.operators) {
      OperatorSubtaskState& written = state.emplace_back();
      written.operator_id = op;
      written.subtask_index = task.descriptor.subtask_index;
      ListStateHandle list{.name = "seen", .redistribution = redistribution, .count = 1};
      list.elements = StreamStateHandle::Inline(id.ToString());
      written.lists.push_back(std::move(list));
    }
    task.lane->Post([listener = task.listener, attempt = task.descriptor.attempt_id, id, state]() mutable {
      listener->OnCheckpointAcknowledged(attempt, id, std::move(state), {.checkpointed_bytes = 7});
    });
  }
  void Decline(FakeTask& task, CheckpointId id, Status reason) {
    task.lane->Post([listener = task.listener, attempt = task.descriptor.attempt_id, id, reason] {
      listener->OnCheckpointDeclined(attempt, id, reason);
    });
  }
  void Report(FakeTask& task, ExecutionState state, Status error = {}, AccumulatorTotals accumulators = {}) {
    if (!task.alive) return;
    task.alive = !IsTerminal(state);
    TaskStateUpdate update;
    update.job_id = task.descriptor.job_id;
    update.attempt_id = task.descriptor.attempt_id;
    update.state = state;
    update.error = std::move(error);
    update.accumulators = std::move(accumulators);
    task.lane->Post(
        [listener = task.listener, update = std::move(update)]() mutable { listener->OnTaskState(std::move(update)); });
  }
};

class FakeWorker final : public Worker {
 public:
  FakeWorker(FakeWorld* world, Executor* lane, std::string task_manager, WorkerListener* listener)
      : world_(world), lane_(lane), task_manager_(std::move(task_manager)), listener_(listener) {}

  Status Deploy(TaskDeploymentDescriptor descriptor, std::shared_ptr<const JobGraph> graph) override {
    if (!world_->deploy_error.empty()) return InvalidArgumentError(world_->deploy_error);
    const JobVertex& vertex = graph->vertices[graph->IndexOf(descriptor.vertex_id)];
    FakeTask& task = *world_->tasks.emplace_back(std::make_unique<FakeTask>());
    task.vertex = vertex.name;
    for (const JobOperator& op : vertex.operators) task.operators.push_back(op.id);
    task.descriptor = std::move(descriptor);
    task.listener = listener_;
    task.lane = lane_;
    task.task_manager = task_manager_;
    if (!world_->first_failure.ok()) {
      world_->Report(task, ExecutionState::kFailed, std::exchange(world_->first_failure, OkStatus()));
      return OkStatus();
    }
    if (!world_->runs_by_itself) return OkStatus();
    world_->Report(task, ExecutionState::kInitializing);
    world_->Report(task, ExecutionState::kRunning);
    if (vertex.is_source()) {
      lane_->Post([listener = listener_, id = task.descriptor.attempt_id] {
        listener->OnReaderRegistered(id);
        listener->OnSplitRequest(id);
      });
    }
    return OkStatus();
  }
  void Cancel(ExecutionAttemptId attempt) override {
    FakeTask* const task = Find(attempt);
    if (task == nullptr) return;
    task->cancelled = true;
    if (world_->cancels_by_itself) world_->Report(*task, ExecutionState::kCanceled);
  }
  void AddSplits(ExecutionAttemptId attempt, std::vector<std::string> splits) override {
    FakeTask* const task = Find(attempt);
    if (task != nullptr) task->splits.insert(task->splits.end(), splits.begin(), splits.end());
  }
  void NoMoreSplits(ExecutionAttemptId attempt) override {
    if (FakeTask* const task = Find(attempt)) task->no_more_splits = true;
  }
  void TriggerCheckpoint(ExecutionAttemptId attempt, CheckpointTrigger trigger) override {
    FakeTask* const task = Find(attempt);
    if (task == nullptr) return;
    task->triggered.push_back(trigger);
    if (world_->acknowledges_by_itself) world_->Acknowledge(*task, trigger.id);
  }
  void NotifyCheckpointComplete(ExecutionAttemptId attempt, CheckpointId id) override {
    if (FakeTask* const task = Find(attempt)) task->completed.push_back(id.value());
  }
  void NotifyCheckpointAborted(ExecutionAttemptId attempt, CheckpointId id) override {
    if (FakeTask* const task = Find(attempt)) task->aborted.push_back(id.value());
  }
  std::vector<std::pair<ExecutionAttemptId, TaskStatistics>> Statistics() const override { return {}; }
  void Shutdown() override {}

 private:
  FakeTask* Find(ExecutionAttemptId attempt) {
    for (const auto& task : world_->tasks) {
      if (task->descriptor.attempt_id == attempt && task->alive) return task.get();
    }
    return nullptr;
  }

  FakeWorld* const world_;
  Executor* const lane_;
  const std::string task_manager_;
  WorkerListener* const listener_;
};

class FakeLauncher final : public WorkerLauncher {
 public:
  FakeLauncher(FakeWorld* world, Executor* lane, std::string task_manager)
      : world_(world), lane_(lane), task_manager_(std::move(task_manager)) {}
  StatusOr<std::unique_ptr<Worker>> Launch(WorkerRequest, WorkerListener* listener) override {
    return std::make_unique<FakeWorker>(world_, lane_, task_manager_, listener);
  }

 private:
  FakeWorld* const world_;
  Executor* const lane_;
  const std::string task_manager_;
};

}  // namespace weir::jobmanager_test
