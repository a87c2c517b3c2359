#include "weir/runtime/worker/worker.h"

#include <algorithm>
#include <map>
#include <utility>

#include "weir/base/clock.h"
#include "weir/base/execution/thread.h"
#include "weir/base/execution/thread_executor.h"
#include "weir/base/fault_point.h"
#include "weir/base/mutex.h"
#include "weir/config/configuration.h"
#include "weir/runtime/task/closure_stepper.h"
#include "weir/runtime/task/step_executor.h"
#include "weir/runtime/worker/task_builder.h"
#include "weir/runtime/worker/task_snapshot.h"
#include "weir/runtime/worker/worker_channels.h"
#include "weir/runtime/worker/worker_memory.h"
#include "weir/runtime/worker/worker_metrics.h"
#include "weir/runtime/worker/worker_state.h"

namespace weir {

namespace {

// Threads that wait for disks; started with the first work.
class StateWriters {
 public:
  explicit StateWriters(ExecutorFactory* executors) : executors_(executors) {}

  void Post(Closure work) {
    MutexLock lock(mutex_);
    if (is_shut_down_) return;
    // One: snapshots of a worker's tasks share the disk anyway.
    if (threads_ == nullptr) {
      if (executors_ != nullptr) {
        threads_ = executors_->NewExecutor("weir-state-io");
      } else {
        threads_ = std::make_unique<ThreadExecutor>("weir-state-io", 1);
      }
    }
    threads_->Post(std::move(work));
  }
  // Waits for what runs; what has not begun is dropped.
  void Shutdown() {
    std::unique_ptr<Executor> threads;
    {
      MutexLock lock(mutex_);
      is_shut_down_ = true;
      threads = std::move(threads_);
    }
  }

 private:
  ExecutorFactory* const executors_;
  Mutex mutex_;
  std::unique_ptr<Executor> threads_ WEIR_GUARDED_BY(mutex_);
  bool is_shut_down_ WEIR_GUARDED_BY(mutex_) = false;
};

// Stands between a task and the listener: turns what the task says into updates of its attempt.
class AttemptObserver final : public TaskObserver {
 public:
  struct Options {
    TaskDeploymentDescriptor task;
    std::shared_ptr<const JobGraph> graph;
    WorkerListener* listener = nullptr;
    FileSystem* files = nullptr;
    StateWriters* writers = nullptr;
    const Clock* clock = nullptr;
    EventCount* executor = nullptr;
    LocalCopies* copies = nullptr;
  };
  explicit AttemptObserver(Options options)
      : options_(std::make_shared<const Options>(std::move(options))),
        snapshots_(std::make_shared<TaskSnapshots>(SnapshotsOf(*options_))),
        job_(options_->task.job_id),
        attempt_(options_->task.attempt_id),
        listener_(options_->listener) {}

  void OnState(ExecutionState state, const Status& error) override {
    TaskStateUpdate update;
    update.job_id = job_;
    update.attempt_id = attempt_;
    update.state = state;
    update.error = error;
    if (IsTerminal(state)) {
      if (accumulators != nullptr) update.accumulators = accumulators->Snapshot();
      if (task != nullptr) update.statistics = task->statistics();
      // Reported when the task is gone and its channels are closed: see Worker's on_done.
      last = std::move(update);
      return;
    }
    listener_->OnTaskState(std::move(update));
  }
  void OnReaderRegistered() override { listener_->OnReaderRegistered(attempt_); }
  void OnSplitRequest() override { listener_->OnSplitRequest(attempt_); }
  void OnEndOfData() override { listener_->OnEndOfData(attempt_); }
  void OnSnapshot(const CheckpointTrigger& trigger, FrozenTask snapshot) override {
    CheckpointMetrics metrics = snapshot.metrics;
    // The task may be gone when it is written; the worker ends its writers before it goes itself.
    snapshots_->Begin(trigger.location, std::move(snapshot),
                      [options = options_, id = trigger.id, metrics,
                       began = options_->clock->MonotonicNanos()](StatusOr<WrittenSnapshot> written) mutable {
                        if (!written.ok()) {
                          options->listener->OnCheckpointDeclined(options->task.attempt_id, id, written.status());
                          return;
                        }
                        FaultPoint("state-written");
                        metrics.async_ms = (options->clock->MonotonicNanos() - began) / 1'000'000;
                        metrics.checkpointed_bytes = static_cast<int64_t>(written->new_bytes);
                        options->listener->OnCheckpointAcknowledged(options->task.attempt_id, id,
                                                                    std::move(written->state), metrics);
                      });
  }
  void OnSnapshotFailed(CheckpointId id, const Status& reason) override {
    listener_->OnCheckpointDeclined(attempt_, id, reason);
  }
  void OnCheckpointComplete(CheckpointId id) override { snapshots_->OnComplete(id); }
  void OnWatermark(const WatermarkReport& report) override { listener_->OnWatermark(attempt_, report); }

  void ReportEnd() { listener_->OnTaskState(std::move(last)); }

  std::shared_ptr<Accumulators> accumulators;
  StreamTask* task = nullptr;
  TaskStateUpdate last;

 private:
  static TaskSnapshots::Options SnapshotsOf(const Options& options) {
    TaskSnapshots::Options snapshots;
    snapshots.files = options.files;
    snapshots.task = options.task;
    const int vertex = options.graph->IndexOf(options.task.vertex_id);
    for (const JobOperator& op : options.graph->vertices[static_cast<size_t>(vertex)].operators)
      snapshots.operators.emplace_back(op.id, op.name);
    snapshots.post = [writers = options.writers](Closure work) { writers->Post(std::move(work)); };
    snapshots.executor = options.executor;
    snapshots.copies = options.copies;
    return snapshots;
  }

  const std::shared_ptr<const Options> options_;
  const std::shared_ptr<TaskSnapshots> snapshots_;
  const JobId job_;
  const ExecutionAttemptId attempt_;
  WorkerListener* const listener_;
};

class InProcessWorker final : public Worker {
 public:
  InProcessWorker(WorkerOptions options, WorkerListener* listener)
      : options_(std::move(options)),
        listener_(listener),
        writers_(options_.executors),
        metrics_(ConfigurationOf(options_), options_.name,
                 options_.owns_process ? ShownProcess::kWorker : ShownProcess::kNone),
        state_(ConfigurationOf(options_), options_.file_system, options_.owns_process, options_.memory_share),
        channels_(ChannelsOptionsOf(options_)) {
    std::vector<StepExecutor*> threads;
    for (int slot = 0; slot < options_.slots; ++slot) {
      executors_.push_back(NewExecutor("slot-" + std::to_string(slot)));
      if (options_.executors == nullptr) threads.push_back(static_cast<StepExecutor*>(executors_.back().get()));
    }
    channels_.SetExecutors(std::move(threads));
  }
  ~InProcessWorker() override { Shutdown(); }

  Status Deploy(TaskDeploymentDescriptor descriptor, std::shared_ptr<const JobGraph> graph) override;
  void Cancel(ExecutionAttemptId attempt) override {
    WithTask(attempt, [](StreamTask& task) { task.Cancel(); });
  }
  void AddSplits(ExecutionAttemptId attempt, std::vector<std::string> splits) override {
    WithTask(attempt, [&](StreamTask& task) { task.AddSplits(std::move(splits)); });
  }
  void NoMoreSplits(ExecutionAttemptId attempt) override {
    WithTask(attempt, [](StreamTask& task) { task.NoMoreSplits(); });
  }
  void TriggerCheckpoint(ExecutionAttemptId attempt, CheckpointTrigger trigger) override {
    WithTask(attempt, [&](StreamTask& task) { task.TriggerCheckpoint(std::move(trigger)); });
  }
  void NotifyCheckpointComplete(ExecutionAttemptId attempt, CheckpointId id) override {
    WithTask(attempt, [&](StreamTask& task) { task.NotifyCheckpointComplete(id); });
  }
  void NotifyCheckpointAborted(ExecutionAttemptId attempt, CheckpointId id) override {
    WithTask(attempt, [&](StreamTask& task) { task.NotifyCheckpointAborted(id); });
  }
  void LimitWatermark(ExecutionAttemptId attempt, int64_t limit) override {
    WithTask(attempt, [&](StreamTask& task) { task.SetWatermarkLimit(limit); });
  }
  std::vector<std::pair<ExecutionAttemptId, TaskStatistics>> Statistics() const override;
  void AdoptConnection(Descriptor socket, TaskManagerId from) override { channels_.Adopt(std::move(socket), from); }
  std::shared_ptr<const MetricSnapshot> TakeMetrics() override {
    return std::make_shared<const MetricSnapshot>(metrics_.Take(options_.clock->MonotonicNanos()));
  }
  void Shutdown() override;

 private:
  static Configuration ConfigurationOf(const WorkerOptions& options) {
    return options.configuration != nullptr ? *options.configuration : Configuration();
  }
  WorkerChannelsOptions ChannelsOptionsOf(const WorkerOptions& options);
  std::shared_ptr<TaskStepper> NewExecutor(const std::string& name) {
    if (options_.executors != nullptr) return std::make_shared<ClosureStepper>(options_.executors->NewExecutor(name));
    return std::make_shared<StepExecutor>(name, options_.clock);
  }
  std::shared_ptr<TaskStepper> ExecutorFor(const TaskDeploymentDescriptor& descriptor, const JobGraph& graph);
  template <class F>
  void WithTask(const ExecutionAttemptId& attempt, F&& f) {
    MutexLock lock(mutex_);
    const auto found = tasks_.find(attempt);
    if (found != tasks_.end()) f(*found->second);
  }
  // Builds the task and makes it known.
  StatusOr<BuiltTask> Build(const TaskDeploymentDescriptor& descriptor, const JobGraph& graph,
                            const TaskEnvironment& environment);
  void ChannelLost(const ExecutionAttemptId& attempt, const Status& why);
  // The task's thread, right before the task is destroyed: nobody may reach it from now on.
  void Forget(const TaskDeploymentDescriptor& descriptor, ExecutionState state);

  const WorkerOptions options_;
  WorkerListener* const listener_;
  StateWriters writers_;
  WorkerMetrics metrics_;  // before the executors, whose tasks have groups in it
  WorkerState state_;      // likewise: tasks keep their state in it
  WorkerChannels channels_;
  std::vector<std::shared_ptr<TaskStepper>> executors_;  // one per slot
  mutable Mutex mutex_;
  // Threads of tasks that may block. They are kept until the end, since peers may still wake them.
  std::vector<std::shared_ptr<TaskStepper>> own_threads_ WEIR_GUARDED_BY(mutex_);
  std::map<ExecutionAttemptId, StreamTask*> tasks_ WEIR_GUARDED_BY(mutex_);
  // Tasks that are being built, and why they fail already: they may have lost a channel.
  std::map<ExecutionAttemptId, Status> building_ WEIR_GUARDED_BY(mutex_);
};

// Takes the task out of the worker's reach before it goes.
class RegisteredTask final : public Stepped {
 public:
  RegisteredTask(BuiltTask built, std::function<void()> unregister, std::shared_ptr<const JobGraph> graph)
      : graph_(std::move(graph)),
        unregister_(std::move(unregister)),
        task_(std::move(built.task)),
        metrics_(std::move(built.metrics)) {}
  ~RegisteredTask() override { unregister_(); }

  StepResult Step() override { return task_->Step(); }
  EventTime wake_up() const override { return task_->wake_up(); }

 private:
  const std::shared_ptr<const JobGraph> graph_;  // its factories are in use
  const std::function<void()> unregister_;
  const std::unique_ptr<StreamTask> task_;
  const std::vector<std::unique_ptr<MetricGroup>> metrics_;  // ask the task
};

std::shared_ptr<TaskStepper> InProcessWorker::ExecutorFor(const TaskDeploymentDescriptor& descriptor,
                                                          const JobGraph& graph) {
  const int vertex = graph.IndexOf(descriptor.vertex_id);
  if (vertex < 0 || !graph.vertices[vertex].is_blocking)
    return executors_[static_cast<size_t>(descriptor.slot) % executors_.size()];
  MutexLock lock(mutex_);
  own_threads_.push_back(NewExecutor("blocking-" + std::to_string(own_threads_.size())));
  return own_threads_.back();
}

Status InProcessWorker::Deploy(TaskDeploymentDescriptor descriptor, std::shared_ptr<const JobGraph> graph) {
  const std::shared_ptr<TaskStepper> executor = ExecutorFor(descriptor, *graph);
  WEIR_ASSIGN_OR_RETURN(const LocalRecovery local, state_.LocalRecoveryOf(*graph, descriptor.job_id));
  auto observer = std::make_shared<AttemptObserver>(AttemptObserver::Options{.task = descriptor,
                                                                             .graph = graph,
                                                                             .listener = listener_,
                                                                             .files = options_.file_system,
                                                                             .writers = &writers_,
                                                                             .clock = options_.clock,
                                                                             .executor = executor->event_count(),
                                                                             .copies = local.copies});
  TaskEnvironment environment;
  environment.clock = options_.clock;
  environment.file_system = options_.file_system;
  environment.ship_directory = options_.ship_directory;
  environment.copies = local.is_used ? local.copies : nullptr;
  environment.metrics = &metrics_;
  environment.channels = &channels_;
  environment.executor = executor->event_count();
  environment.observer = observer.get();
  WEIR_ASSIGN_OR_RETURN(environment.state_backend, state_.BackendFor(*graph));
  StatusOr<BuiltTask> built = Build(descriptor, *graph, environment);
  if (!built.ok()) return built.status();
  observer->task = built->task.get();
  observer->accumulators = built->accumulators;
  auto task = std::make_unique<RegisteredTask>(
      std::move(*built), [this, descriptor, observer] { Forget(descriptor, observer->last.state); }, std::move(graph));
  executor->Add(std::move(task), [observer] { observer->ReportEnd(); });
  return OkStatus();
}

void InProcessWorker::Forget(const TaskDeploymentDescriptor& descriptor, ExecutionState state) {
  {
    MutexLock lock(mutex_);
    tasks_.erase(descriptor.attempt_id);
  }
  channels_.Close(descriptor, state == ExecutionState::kFinished);
}

std::vector<std::pair<ExecutionAttemptId, TaskStatistics>> InProcessWorker::Statistics() const {
  std::vector<std::pair<ExecutionAttemptId, TaskStatistics>> all;
  MutexLock lock(mutex_);
  for (const auto& [attempt, task] : tasks_) all.emplace_back(attempt, task->statistics());
  return all;
}

void InProcessWorker::Shutdown() {
  std::vector<std::shared_ptr<TaskStepper>> own_threads;
  {
    MutexLock lock(mutex_);
    for (const auto& [attempt, task] : tasks_) task->Cancel();
    own_threads = own_threads_;
  }
  for (const auto& executor : executors_) executor->Stop();
  for (const auto& executor : own_threads) executor->Stop();
  writers_.Shutdown();
  state_.RemoveCopies();
  channels_.Shutdown();
}

WorkerChannelsOptions InProcessWorker::ChannelsOptionsOf(const WorkerOptions& options) {
  WorkerChannelsOptions channels;
  channels.task_manager = options.task_manager;
  channels.data_token = options.data_token;
  channels.configuration = ConfigurationOf(options);
  channels.memory_bytes = NetworkMemoryBytes(channels.configuration, options.memory_share);
  channels.clock = options.clock;
  channels.on_failure = [this](const ExecutionAttemptId& attempt, const Status& why) { ChannelLost(attempt, why); };
  return channels;
}

StatusOr<BuiltTask> InProcessWorker::Build(const TaskDeploymentDescriptor& descriptor, const JobGraph& graph,
                                           const TaskEnvironment& environment) {
  {
    MutexLock lock(mutex_);
    building_[descriptor.attempt_id] = OkStatus();
  }
  StatusOr<BuiltTask> built = BuildTask(descriptor, graph, environment);
  Status lost;
  {
    MutexLock lock(mutex_);
    lost = building_.extract(descriptor.attempt_id).mapped();
    if (built.ok()) tasks_[descriptor.attempt_id] = built->task.get();
  }
  if (!built.ok()) {
    channels_.Close(descriptor, /*has_finished=*/false);
  } else if (!lost.ok()) {
    built->task->Fail(std::move(lost));
  }
  return built;
}

void InProcessWorker::ChannelLost(const ExecutionAttemptId& attempt, const Status& why) {
  MutexLock lock(mutex_);
  if (const auto task = tasks_.find(attempt); task != tasks_.end()) return task->second->Fail(why);
  if (const auto task = building_.find(attempt); task != building_.end()) task->second.Update(why);
}

}  // namespace

int StepExecutorsFor(int slots) { return std::min(slots, std::max(16, 2 * AvailableCpus())); }

std::unique_ptr<Worker> Worker::New(WorkerOptions options, WorkerListener* listener) {
  return std::make_unique<InProcessWorker>(std::move(options), listener);
}

}  // namespace weir
