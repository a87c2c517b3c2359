// Tasks of a simulated cluster: a source whose splits must all be read exactly once, whatever fails.
//
// A reader "reads" each split for a while, and then asks for the next. What it has, it writes into its checkpoints, so that at any time
//
//   splits that the enumerator has left  +  splits of all readers  =  all splits, each once
#pragma once

#include <algorithm>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "weir/base/execution/executor.h"
#include "weir/functions/source.h"
#include "weir/graph/job/job_graph.h"
#include "weir/runtime/worker/worker.h"
#include "weir/taskmanager/worker_launcher.h"

namespace weir::simulation_test {

// A split is one character.
inline const std::string kAllSplits = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ";

class CharacterEnumerator;

struct SimulatedTask {
  TaskDeploymentDescriptor descriptor;
  std::string vertex;
  std::vector<OperatorId> operators;
  bool is_source = false;
  WorkerListener* listener = nullptr;
  Executor* lane = nullptr;
  std::string task_manager;
  bool alive = true;
  std::string splits = {};  // restored and received
};

// Everything that runs, in the order in which it was started: pointers order nothing here, so that a seed repeats.
struct SimulatedWorld {
  std::vector<std::unique_ptr<SimulatedTask>> tasks;
  std::vector<CharacterEnumerator*> enumerators;
  Duration read_time{150};

  void Report(SimulatedTask& task, ExecutionState state, Status error = {}) {
    if (!task.alive) return;
    task.alive = !IsTerminal(state);
    TaskStateUpdate update;
    update.job_id = task.descriptor.job_id;
    update.attempt_id = task.descriptor.attempt_id;
    update.state = state;
    update.error = std::move(error);
    task.lane->Post(
        [listener = task.listener, update = std::move(update)]() mutable { listener->OnTaskState(update); });
  }
  SimulatedTask* Find(ExecutionAttemptId attempt) {
    for (const auto& task : tasks) {
      if (task->alive && task->descriptor.attempt_id == attempt) return task.get();
    }
    return nullptr;
  }
  std::vector<SimulatedTask*> Living() {
    std::vector<SimulatedTask*> living;
    for (const auto& task : tasks) {
      if (task->alive) living.push_back(task.get());
    }
    return living;
  }
};

class CharacterEnumerator final : public SplitEnumeratorBase {
 public:
  CharacterEnumerator(SimulatedWorld* world, const std::string* restored)
      : world_(world), left_(restored != nullptr ? *restored : kAllSplits) {
    world_->enumerators.push_back(this);
  }
  ~CharacterEnumerator() override { std::erase(world_->enumerators, this); }

  Status Start(EnumeratorContext& context) override {
    context_ = &context;
    return OkStatus();
  }
  void HandleSplitRequest(int subtask) override {
    if (left_.empty()) return;  // more may come: the job does not end by itself
    context_->AssignEncodedSplit(subtask, left_.substr(0, 1));
    left_.erase(0, 1);
  }
  Status AddEncodedSplitsBack(const std::vector<std::string>& splits, int) override {
    for (const std::string& split : splits) left_ += split;
    return OkStatus();
  }
  std::string SnapshotEncodedState() override { return left_; }

  const std::string& left() const { return left_; }
  void Crash() {
    if (context_ != nullptr) context_->Fail(UnavailableError("its coordinator process was killed"));
  }

 private:
  SimulatedWorld* const world_;
  std::string left_;
  EnumeratorContext* context_ = nullptr;
};

class CharacterSource final : public SourceFactory {
 public:
  explicit CharacterSource(SimulatedWorld* world) : world_(world) {}
  Boundedness boundedness() const override { return Boundedness::kBounded; }
  bool blocking() const override { return false; }
  StatusOr<std::unique_ptr<SplitEnumeratorBase>> CreateEnumerator(const std::string* restored) const override {
    return std::unique_ptr<SplitEnumeratorBase>(new CharacterEnumerator(world_, restored));
  }
  StatusOr<std::unique_ptr<SourceReaderBase>> CreateReader(const RuntimeContext&) const override {
    return InternalError("readers are simulated");
  }

 private:
  SimulatedWorld* const world_;
};

class SimulatedWorker final : public Worker {
 public:
  SimulatedWorker(SimulatedWorld* world, Executor* lane, std::string task_manager, WorkerListener* listener)
      : world_(world), lane_(lane), task_manager_(std::move(task_manager)), listener_(listener) {}

  Status Deploy(TaskDeploymentDescriptor descriptor, std::shared_ptr<const JobGraph> graph) override {
    const JobVertex& vertex = graph->vertices[graph->IndexOf(descriptor.vertex_id)];
    SimulatedTask& task = *world_->tasks.emplace_back(std::make_unique<SimulatedTask>());
    task.vertex = vertex.name;
    task.is_source = vertex.is_source();
    for (const JobOperator& op : vertex.operators) task.operators.push_back(op.id);
    task.descriptor = std::move(descriptor);
    task.listener = listener_;
    task.lane = lane_;
    task.task_manager = task_manager_;
    for (const OperatorSubtaskState& state : task.descriptor.restored_state) {
      for (const ListStateHandle& list : state.lists) task.splits += list.elements.inline_bytes;
    }
    world_->Report(task, ExecutionState::kInitializing);
    world_->Report(task, ExecutionState::kRunning);
    if (task.is_source) {
      lane_->Post([listener = listener_, id = task.descriptor.attempt_id] { listener->OnReaderRegistered(id); });
      Ask(task);
    }
    return OkStatus();
  }
  void Cancel(ExecutionAttemptId attempt) override {
    if (SimulatedTask* const task = Find(attempt)) world_->Report(*task, ExecutionState::kCanceled);
  }
  void AddSplits(ExecutionAttemptId attempt, std::vector<std::string> splits) override {
    SimulatedTask* const task = Find(attempt);
    if (task == nullptr) return;
    for (const std::string& split : splits) task->splits += split;
    // The worker may be gone by then.
    lane_->PostAfter(world_->read_time, [world = world_, attempt] {
      if (SimulatedTask* const reader = world->Find(attempt)) Ask(*reader);
    });
  }
  void NoMoreSplits(ExecutionAttemptId) override {}
  void TriggerCheckpoint(ExecutionAttemptId attempt, CheckpointTrigger trigger) override {
    SimulatedTask* const task = Find(attempt);
    if (task == nullptr) return;
    std::vector<OperatorSubtaskState> state;
    for (const OperatorId& op : task->operators) {
      OperatorSubtaskState& written = state.emplace_back();
      written.operator_id = op;
      written.subtask_index = task->descriptor.subtask_index;
      if (!task->is_source || op != task->operators[0]) continue;
      ListStateHandle list{.name = "splits", .redistribution = Redistribution::kSplit, .count = 1};
      list.elements = StreamStateHandle::Inline(task->splits);
      written.lists.push_back(std::move(list));
    }
    lane_->Post([listener = listener_, attempt, id = trigger.id, state = std::move(state)]() mutable {
      listener->OnCheckpointAcknowledged(attempt, id, std::move(state), {});
    });
  }
  void NotifyCheckpointComplete(ExecutionAttemptId, CheckpointId) override {}
  void NotifyCheckpointAborted(ExecutionAttemptId, CheckpointId) override {}
  std::vector<std::pair<ExecutionAttemptId, TaskStatistics>> Statistics() const override { return {}; }
  bool Kill() override { return true; }
  void Shutdown() override {}

 private:
  static void Ask(SimulatedTask& task) {
    task.lane->Post([listener = task.listener, id = task.descriptor.attempt_id] { listener->OnSplitRequest(id); });
  }
  SimulatedTask* Find(ExecutionAttemptId attempt) { return world_->Find(attempt); }

  SimulatedWorld* const world_;
  Executor* const lane_;
  const std::string task_manager_;
  WorkerListener* const listener_;
};

class SimulatedLauncher final : public WorkerLauncher {
 public:
  SimulatedLauncher(SimulatedWorld* world, Executor* lane, std::string task_manager)
      : world_(world), lane_(lane), task_manager_(std::move(task_manager)) {}
  StatusOr<std::unique_ptr<Worker>> Launch(WorkerRequest, WorkerListener* listener) override {
    return std::make_unique<SimulatedWorker>(world_, lane_, task_manager_, listener);
  }

 private:
  SimulatedWorld* const world_;
  Executor* const lane_;
  const std::string task_manager_;
};

}  // namespace weir::simulation_test
