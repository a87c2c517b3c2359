// The TaskManager's core: keeps slots for jobs, and runs their tasks in a worker per job.
//
//   RequestSlot ─▶ slot belongs to the job ─▶ OfferSlot
//   SubmitTask  ─▶ the job's worker (launched for the first task) ─▶ UpdateTaskState, RegisterReader, RequestSplit
//   FreeSlot    ─▶ tasks left in the slot are cancelled; when they have ended the slot is free ─▶ NotifySlotFree
//
// The worker goes with the job's last slot. A worker whose tasks do not end cannot be shut down: it is let go of with its threads (in a process of its
// own it would be killed).
//
// Threads: the event loop of `options.strand`; the destructor after that has stopped.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "weir/base/execution/strand.h"
#include "weir/rpc/job_master_gateway.h"
#include "weir/rpc/resource_manager_gateway.h"
#include "weir/rpc/task_executor_gateway.h"
#include "weir/taskmanager/worker_launcher.h"

namespace weir {

struct TaskExecutorOptions {
  TaskManagerId id;
  LeaderId leader;  // of the JobManager that it is registered with
  int slots = 1;
  Strand* strand = nullptr;
  WorkerLauncher* launcher = nullptr;
  std::shared_ptr<ResourceManagerGateway> resource_manager;
  std::shared_ptr<JobMasterGateway> job_masters;  // of all jobs
  TaskManagerHardware hardware = {};              // for people
  // How often the numbers of living tasks are reported; 0: only when they end.
  Duration statistics_interval{0};
};

class TaskExecutor final : public TaskExecutorGateway {
 public:
  explicit TaskExecutor(TaskExecutorOptions options);
  ~TaskExecutor() override;

  // Reaches this TaskExecutor within the process.
  const std::shared_ptr<TaskExecutorGateway>& gateway() const { return gateway_; }
  // What it has to offer, for its registration.
  TaskExecutorRegistration Registration() const;
  // Begins to report statistics, if that is asked for.
  void Start();

  void RequestSlot(SlotRequest request) override;
  void FreeSlot(MessageHeader header, AllocationId allocation_id) override;
  void SubmitTask(TaskSubmission submission) override;
  void CancelTask(MessageHeader header, ExecutionAttemptId attempt) override;
  void AddSplits(MessageHeader header, ExecutionAttemptId attempt, std::vector<std::string> splits) override;
  void NoMoreSplits(MessageHeader header, ExecutionAttemptId attempt) override;
  void TriggerCheckpoint(MessageHeader header, ExecutionAttemptId attempt, CheckpointTrigger trigger) override;
  void NotifyCheckpointComplete(MessageHeader header, ExecutionAttemptId attempt, CheckpointId id) override;
  void NotifyCheckpointAborted(MessageHeader header, ExecutionAttemptId attempt, CheckpointId id) override;
  void LimitWatermark(MessageHeader header, ExecutionAttemptId attempt, int64_t limit) override;

  int64_t stale_messages() const { return stale_messages_; }

 private:
  struct Slot {
    MessageHeader header;
    AllocationId allocation_id;  // zero: free
    bool is_leaving = false;     // FreeSlot came; waits for its tasks
  };
  struct Job;

  Slot* FindSlot(const MessageHeader& header, const AllocationId& allocation_id);
  // The job if the task runs here, else null, and counts that.
  Job* FindTask(const MessageHeader& header, const ExecutionAttemptId& attempt);
  Status Deploy(TaskSubmission& submission, int slot);
  // Launches the job's worker if it has none that lives.
  StatusOr<Job*> JobFor(const TaskSubmission& submission);
  void TaskChanged(JobId job_id, TaskStateUpdate update);
  void FreeIfIdle(int slot);
  bool HasTasksIn(JobId job_id, int slot) const;
  void RetireJobWithoutSlots(JobId job_id);
  void ReportStatistics();

  const TaskExecutorOptions options_;
  const std::shared_ptr<TaskExecutorGateway> gateway_;
  std::vector<Slot> slots_;
  std::map<JobId, std::unique_ptr<Job>> jobs_;  // those that have a worker
  int64_t stale_messages_ = 0;
};

}  // namespace weir
