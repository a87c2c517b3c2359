// The TaskManager's core: keeps slots for jobs, and runs their tasks in a worker per job.
//
//   RequestSlot ─▶ slot belongs to the job ─▶ OfferSlot
//   SubmitTask  ─▶ the job's worker (launched for the first task) ─▶ UpdateTaskState, RegisterReader, RequestSplit
//   FreeSlot    ─▶ tasks left in the slot are cancelled; when they have ended the slot is free ─▶ NotifySlotFree
//
// Leaders come and go (FollowLeader, LoseLeader). Without one, tasks run on, and what they say is lost; the next one gets the slots back as soon as the
// tasks of the earlier term have ended, and finds the job's worker still there.
//
// The worker goes with the job's last slot. A worker whose tasks do not end cannot be shut down: it is let go of with its threads (in a process of its
// own it would be killed).
//
// Threads: the event loop of `options.strand`; the destructor after that has stopped.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "weir/base/execution/strand.h"
#include "weir/base/net/descriptor.h"
#include "weir/rpc/job_master_gateway.h"
#include "weir/rpc/resource_manager_gateway.h"
#include "weir/rpc/task_executor_gateway.h"
#include "weir/taskmanager/worker_launcher.h"

namespace weir {

class Configuration;
class MetricStore;
class WorkerMetrics;

struct TaskExecutorOptions {
  TaskManagerId id;
  LeaderId leader;  // of the JobManager that it is registered with; may come later
  int slots = 1;
  Strand* strand = nullptr;
  WorkerLauncher* launcher = nullptr;
  std::shared_ptr<ResourceManagerGateway> resource_manager;
  std::shared_ptr<JobMasterGateway> job_masters;  // of all jobs
  Duration leaderless{300000};                    // for so long tasks run on without a leader
  Duration return_wait{60000};                    // for so long a worker without tasks waits for its job to come back
  TaskManagerHardware hardware = {};              // for people
  std::string data_address = {};                  // of its data port, for other TaskManagers; empty: it has none
  // How often the numbers of living tasks are reported; 0: only when they end.
  Duration statistics_interval{0};
  // Answers what people ask of this machine; null: nothing is answered.
  std::function<void(const TaskManagerQuestion&, Reply<std::string>)> answer = {};
  // How often metrics are reported, together with statistics; 0: never.
  Duration metrics_interval{0};
  // The process of the TaskExecutor shows its own memory and CPU in its metrics; with formats from `metrics_configuration`.
  std::shared_ptr<const Configuration> metrics_configuration = nullptr;
  // What is reported goes here too, also while there is no JobManager; null: nowhere.
  MetricStore* shown_metrics = nullptr;
};

class TaskExecutor final : public TaskExecutorGateway {
 public:
  explicit TaskExecutor(TaskExecutorOptions options);
  ~TaskExecutor() override;

  // Reaches this TaskExecutor within the process.
  const std::shared_ptr<TaskExecutorGateway>& gateway() const { return gateway_; }
  // What it has to offer, for its registration. FollowLeader tells what has changed since.
  TaskExecutorRegistration Registration();
  // Begins to report statistics, if that is asked for.
  void Start();

  // A JobManager has taken the registration: what was for an earlier term ends, and its slots become free for this one.
  void FollowLeader(LeaderId leader, std::shared_ptr<ResourceManagerGateway> resource_manager,
                    std::shared_ptr<JobMasterGateway> job_masters);
  // The connection is gone. Until FollowLeader nothing new is taken.
  void LoseLeader();

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

  // A worker of the job on TaskManager `from` wants to exchange records with the one here, for which the connection waits if it is yet to be launched.
  void AdoptConnection(JobId job, TaskManagerId from, Descriptor socket);
  void Ask(TaskManagerQuestion question, Reply<std::string> reply) override;

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
  int SlotsOf(JobId job_id) const;
  void RetireJobWithoutSlots(JobId job_id);
  // Ends all tasks; slots become free as they do.
  void LeaveAllSlots();
  void ReportStatistics();
  // In place of the next report, if one is due.
  void ReportAfter(Duration wait);
  void GiveConnections(JobId job, Worker& worker);
  void ReportMetrics();
  void ReportMetricsOf(const std::string& process, std::shared_ptr<const MetricSnapshot> snapshot);

  const TaskExecutorOptions options_;
  LeaderId leader_;   // zero: none
  int64_t term_ = 0;  // number of the present leader, or of the time without one
  std::shared_ptr<ResourceManagerGateway> resource_manager_;
  std::shared_ptr<JobMasterGateway> job_masters_;
  const std::shared_ptr<TaskExecutorGateway> gateway_;
  std::vector<Slot> slots_;
  std::vector<SlotStatus> registered_;          // as of the last Registration
  std::map<JobId, std::unique_ptr<Job>> jobs_;  // those that have a worker
  // Connections for workers that are yet to be launched.
  struct WaitingConnection {
    TaskManagerId from;
    Descriptor socket;
    int64_t number = 0;
  };
  std::map<JobId, std::vector<WaitingConnection>> waiting_connections_;
  int64_t connections_ = 0;
  std::unique_ptr<WorkerMetrics> process_metrics_;  // of this process; null without metrics
  int64_t next_metrics_nanos_ = 0;
  int64_t report_ = 0;                   // number of the next report
  int64_t next_idle_metrics_nanos_ = 0;  // while there are no jobs
  int64_t stale_messages_ = 0;
};

}  // namespace weir
