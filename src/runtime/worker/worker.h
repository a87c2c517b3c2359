// Everything that runs the tasks of one job on one machine: step executors, channels, tasks. Daemon-free.
//
// Embedded, one lives in the user's process; on a cluster, one per worker process. Only the TaskExecutor talks to it.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "weir/base/ids.h"
#include "weir/base/net/descriptor.h"
#include "weir/base/status.h"
#include "weir/rpc/checkpoint_messages.h"
#include "weir/rpc/job_messages.h"
#include "weir/rpc/task_deployment.h"

namespace weir {

class Clock;
class Configuration;
class ExecutorFactory;
class FileSystem;
struct JobGraph;
struct MetricSnapshot;

// Told by the worker what happens. Threads: called from the worker's task threads; implementations post to their own event loop and return.
class WorkerListener {
 public:
  virtual ~WorkerListener() = default;
  // Attempts go kInitializing, kRunning and then one of the terminal states, which is reported exactly once.
  virtual void OnTaskState(TaskStateUpdate update) = 0;
  // The source task `attempt` has registered its reader (first call) or wants another split (further calls).
  virtual void OnReaderRegistered(ExecutionAttemptId attempt) = 0;
  virtual void OnSplitRequest(ExecutionAttemptId attempt) = 0;
  // The task has processed all its input, and waits for the checkpoint that covers it.
  virtual void OnEndOfData(ExecutionAttemptId attempt) = 0;
  // A snapshot of the task is written and synced, at the cost of `metrics`; or there will be none of this id.
  virtual void OnCheckpointAcknowledged(ExecutionAttemptId attempt, CheckpointId id,
                                        std::vector<OperatorSubtaskState> state, const CheckpointMetrics& metrics) = 0;
  virtual void OnCheckpointDeclined(ExecutionAttemptId attempt, CheckpointId id, Status reason) = 0;
  // The aligned source task `attempt` says how far it is.
  virtual void OnWatermark(ExecutionAttemptId attempt, WatermarkReport report) {}
};

struct WorkerOptions {
  int slots = 1;  // one step executor thread each
  std::string name = "worker";
  // The process is the worker's own: its memory and CPU are shown as the worker's.
  bool owns_process = false;
  // Of the TaskManager's memory (worker_memory.h).
  double memory_share = 1;
  const Clock* clock = nullptr;
  FileSystem* file_system = nullptr;
  const Configuration* configuration = nullptr;
  std::string ship_directory;
  // For channels to workers on other TaskManagers; without a TaskManager there are none.
  TaskManagerId task_manager = {};
  std::string data_token = {};  // shows them that this is a worker of the job
  // Gives the worker's threads; null: real ones. A simulation's: tasks are stepped, and snapshots written, in closures of it.
  ExecutorFactory* executors = nullptr;
};

// A thread per slot keeps a slow task from holding up other slots; far more threads than CPUs only cost memory and switches, so slots then share them.
int StepExecutorsFor(int slots);

// Threads: every method may be called from any thread; none waits for a task.
class Worker {
 public:
  virtual ~Worker() = default;

  // `listener` must outlive the worker. Threads start with the first task.
  static std::unique_ptr<Worker> New(WorkerOptions options, WorkerListener* listener);

  // Builds the task of `descriptor` from its vertex in `graph` (shared: factories live in it) and runs it. An error means that nothing was started and
  // nothing will be reported.
  virtual Status Deploy(TaskDeploymentDescriptor descriptor, std::shared_ptr<const JobGraph> graph) = 0;
  // Cancels in bounded time: the task ends after its current step. Unknown attempts are ignored: they have ended.
  virtual void Cancel(ExecutionAttemptId attempt) = 0;
  virtual void AddSplits(ExecutionAttemptId attempt, std::vector<std::string> splits) = 0;
  virtual void NoMoreSplits(ExecutionAttemptId attempt) = 0;
  // From the coordinator: docs/checkpointing.md, steps 2, 8 and 9.
  virtual void TriggerCheckpoint(ExecutionAttemptId attempt, CheckpointTrigger trigger) = 0;
  virtual void NotifyCheckpointComplete(ExecutionAttemptId attempt, CheckpointId id) = 0;
  virtual void NotifyCheckpointAborted(ExecutionAttemptId attempt, CheckpointId id) = 0;
  virtual void LimitWatermark(ExecutionAttemptId attempt, int64_t limit) {}
  // Numbers of all living tasks, for progress.
  virtual std::vector<std::pair<ExecutionAttemptId, TaskStatistics>> Statistics() const = 0;
  // Takes a connection that a worker of the same job on TaskManager `from` has made, for channels between the two.
  virtual void AdoptConnection(Descriptor socket, TaskManagerId from) {}
  // What its tasks and their operators export, as it is now; nullptr: nothing. To be called about every second, from one thread: rates are made of that.
  virtual std::shared_ptr<const MetricSnapshot> TakeMetrics() { return nullptr; }
  // What it has of collected rows (connectors/collect/collect_outbox.h), at once. Embedded workers hand them over in memory.
  virtual void FetchRows(std::string request, Reply<std::string> reply) {
    reply(UnimplementedError("this worker collects no rows for another process"));
  }
  // False: it has died. What it ran has been reported as failed; it takes no more tasks.
  virtual bool alive() const { return true; }
  // Ends it with tasks that do not end by themselves. False: that is not possible, since it shares its process with others.
  virtual bool Kill() { return false; }
  // Cancels everything, waits until all tasks have ended and joins the threads.
  virtual void Shutdown() = 0;
};

}  // namespace weir
