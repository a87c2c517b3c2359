// The WORKER role: runs the tasks of one job for a TaskManager (proto/weir/v1/worker.proto).
#pragma once

#include <memory>
#include <string>

#include "weir/base/execution/thread_executor.h"
#include "weir/client/role/frame_inbox.h"
#include "weir/client/role/task_log.h"
#include "weir/graph/job/job_graph.h"
#include "weir/rpc/wire/deployment_values.h"
#include "weir/runtime/worker/worker.h"

namespace weir {

class Configuration;
class FileSystem;

namespace v1 {
class FromWorker;
class ToWorker;
class WorkerJob;
}  // namespace v1

// Threads: the program's main thread, which becomes the worker's control loop; one that takes stacks, since looking up names takes
// long; the listener's calls come from task threads.
class WorkerRole final : private WorkerListener {
 public:
  // Takes over the socket of the role.
  WorkerRole();
  ~WorkerRole() override;

  // The job that this worker is for. Ends the process if the TaskManager goes away first.
  const JobGraph& WaitForJob();
  // Serves its tasks with the code of `program` until the TaskManager says that it is over or goes away; ends the process.
  [[noreturn]] void Serve(const StreamGraph& program);

 private:
  void OnTaskState(TaskStateUpdate update) override;
  void OnReaderRegistered(ExecutionAttemptId attempt) override;
  void OnSplitRequest(ExecutionAttemptId attempt) override;
  void OnEndOfData(ExecutionAttemptId attempt) override;
  void OnCheckpointAcknowledged(ExecutionAttemptId attempt, CheckpointId id, std::vector<OperatorSubtaskState> state,
                                const CheckpointMetrics& metrics) override;
  void OnCheckpointDeclined(ExecutionAttemptId attempt, CheckpointId id, Status reason) override;
  void OnWatermark(ExecutionAttemptId attempt, WatermarkReport report) override;

  // The next message; ends the process when there will be none. False: `timeout` passed first.
  bool Next(std::optional<Duration> timeout, v1::ToWorker& message);
  void Handle(const v1::ToWorker& message);
  void Deploy(const v1::ToWorker& message);
  void TellThreads(const v1::ToWorker& message);
  void Send(const v1::FromWorker& message);
  void ReportStatistics();
  // Statistics and metrics, when it is time for them.
  void Report(Duration interval);
  [[noreturn]] void Refuse(const Status& why);
  [[noreturn]] void Exit(int code);

  FrameInbox inbox_;
  FrameChannel channel_;
  std::unique_ptr<v1::WorkerJob> job_;
  std::shared_ptr<JobGraph> graph_;
  ReceivedRegions regions_;
  std::unique_ptr<Configuration> configuration_;
  std::unique_ptr<FileSystem> files_;
  TaskLog task_log_;
  std::unique_ptr<Worker> worker_;
  std::unique_ptr<ThreadExecutor> dumps_;  // null until somebody asks for stacks
  int64_t next_statistics_nanos_ = 0;
  int64_t next_metrics_nanos_ = 0;
};

}  // namespace weir
