// Runs one job: gets its slots, deploys its tasks, follows their states, fails over, and says how it ended.
//
//   CREATED ─▶ RUNNING ─────────────────────────────────▶ FINISHED
//                │  ▲ all tasks of the region ended, wait over
//                ▼  │
//              RESTARTING ── restart strategy refuses ──▶ FAILING ─▶ FAILED
//   any of these ── Cancel ──▶ CANCELLING ─▶ CANCELED
//
// A failed task takes its pipelined region with it. While a region is being cancelled for a restart, further failures in it are its echo and do not
// count. A job fails with the cause that began its last failover, never with an echo. Tasks that do not end when cancelled are given up after
// task.cancellation.timeout, and the job fails.
//
// Decisions are the pure functions beside this file (restart_strategy, slot_layout, deployment); the class keeps the state and sends the messages.
//
// Threads: the event loop of `options.executor`; the destructor too.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "weir/base/execution/executor.h"
#include "weir/jobmanager/checkpoint/checkpoint_coordinator.h"
#include "weir/jobmanager/checkpoint/checkpoint_settings.h"
#include "weir/jobmanager/scheduler/execution_graph.h"
#include "weir/jobmanager/scheduler/restart_strategy.h"
#include "weir/jobmanager/scheduler/slot_layout.h"
#include "weir/jobmanager/scheduler/slot_pool.h"
#include "weir/jobmanager/scheduler/source_coordinator.h"
#include "weir/jobmanager/scheduler/watermark_groups.h"
#include "weir/rpc/job_master_gateway.h"
#include "weir/rpc/resource_manager_gateway.h"

namespace weir {

struct JobMasterOptions {
  LeaderId leader;
  Executor* executor = nullptr;  // the JobMaster's own strand
  Random* random = nullptr;
  Executor* io = nullptr;             // for calls that wait for a disk; null: `executor`
  FileSystem* file_system = nullptr;  // for the sources' split enumerators, and for checkpoints
  std::shared_ptr<const RestoredSnapshot> restored = nullptr;  // what the job starts from; it fits the graph
  std::shared_ptr<ResourceManagerGateway> resource_manager;
  std::shared_ptr<JobMasterGateway> self;  // what the ResourceManager calls back
  // Once, when the job has ended and before its checkpoints are deleted: keeps the result for the next JobManager, which would run the job again without it,
  // and then calls the other, on any thread. Null: there is nothing to be kept.
  UniqueFunction<void(JobResult, Closure)> keep_result = nullptr;
  UniqueFunction<void(JobResult)> on_end;  // once
};

class JobMaster final : public JobMasterGateway, private SourceCoordinatorHost, private CheckpointCoordinatorHost {
 public:
  JobMaster(JobMasterOptions options, JobSubmission submission);
  ~JobMaster() override;

  // Asks for slots and deploys the tasks as soon as they are there. Once.
  void Start();
  // kFailedPrecondition: the job has ended, or is failing.
  Status Cancel();
  void TriggerSavepoint(SavepointRequest request, Reply<std::string> reply);
  void TriggerCheckpoint(CheckpointType type, Reply<CheckpointId> reply);

  // Asks all workers; those that do not answer within a second are left out.
  void FetchRows(const std::string& request, Reply<std::vector<std::string>> reply);

  JobStatus status() const { return status_; }
  JobOverview Overview() const;
  JobDetails Details() const;
  // Messages dropped because their leader, job, attempt or slot is not the present one.
  int64_t stale_messages() const { return stale_messages_; }

  void OfferSlot(SlotOffer offer, std::shared_ptr<TaskExecutorGateway> gateway) override;
  void UpdateTaskState(LeaderId leader, TaskStateUpdate update) override;
  void RegisterReader(MessageHeader header, ExecutionAttemptId attempt) override;
  void RequestSplit(MessageHeader header, ExecutionAttemptId attempt) override;
  void NotifyEndOfData(MessageHeader header, ExecutionAttemptId attempt) override;
  void AcknowledgeCheckpoint(CheckpointAcknowledgement acknowledgement) override;
  void DeclineCheckpoint(CheckpointDecline decline) override;
  void ReportWatermark(MessageHeader header, ExecutionAttemptId attempt, WatermarkReport report) override;
  void ReportStatistics(StatisticsReport report) override;
  void NotifySlotShortage(SlotShortage shortage) override;
  void TaskExecutorLost(MessageHeader header, TaskManagerId task_manager, Status cause) override;

 private:
  // Regions that are being cancelled, to be run again.
  struct Restart {
    std::set<int> regions;
    bool waited = false;  // the delay is over
  };

  void SendSplits(int vertex, int subtask, std::vector<std::string> splits) override;
  void SendNoMoreSplits(int vertex, int subtask) override;
  void SourceFailed(int vertex, Status cause) override;

  // Checkpoints: job_master_checkpoints.cc
  CheckpointTasks Tasks() const override;
  StatusOr<std::vector<std::pair<OperatorId, std::string>>> SnapshotSources(CheckpointId id) override;
  void SendTrigger(const ExecutionAttemptId& attempt, const CheckpointTrigger& trigger) override;
  void SendComplete(const ExecutionAttemptId& attempt, CheckpointId id) override;
  void SendAborted(const ExecutionAttemptId& attempt, CheckpointId id) override;
  void CheckpointEnded(CheckpointId id, bool covers) override;
  void CheckpointsFailed(Status cause) override;
  void CheckpointStorageFailed(Status cause) override;
  std::unique_ptr<CheckpointCoordinator> MakeCoordinator();
  // The gateway of the slot in which the attempt lives; null: it does not.
  TaskExecutorGateway* GatewayOf(const ExecutionAttemptId& attempt) const;
  // The last complete checkpoint's state of the source's enumerator; null: none.
  const std::string* RestoredSource(int vertex) const;

  // Messages: job_master.cc
  bool IsPresent(const MessageHeader& header);
  std::optional<SubtaskRef> FindPresent(const ExecutionAttemptId& attempt);
  void TaskEnded(const SubtaskRef& task, TaskStateUpdate& update);
  // Of its own accord, not because it is being cancelled.
  void TaskFinished(const SubtaskRef& task);
  void TaskFailed(const SubtaskRef& task, const TaskStateUpdate& update);
  Status StartSources();
  void Schedule(const std::set<int>& regions);
  // Those of the waiting regions that have all their slots.
  void DeployWhatHasSlots();
  void DeployIfReady(int region);
  void Deploy(const SubtaskRef& task, const std::shared_ptr<const DeployedRegion>& region);
  void ArmSlotTimeout();
  void Declare(int slots);
  const SlotPool::Slot* SlotOf(const SubtaskRef& task) const;

  // Failures, cancellation, the end: job_master_failover.cc
  // `task`: whose failure it is, if it is one task's.
  void HandleFailure(std::set<int> regions, Status cause, std::optional<SubtaskRef> task = {});
  void HandleGlobalFailure(Status cause);
  // What the job was started from is damaged: it ends. That stays where it is, whoever owns it: a copy of the damaged file may be put back.
  void FailForDamage(Status cause, const SubtaskRef& task);
  // A task that is being cancelled tells of a failure, which may be what began the present failover.
  void LearnCause(const SubtaskRef& task, const Status& error);
  bool IsRestarting(int region) const;
  void BeginRestart(std::set<int> regions, Duration delay);
  void FinishRestart(const Restart& restart);
  Status ResetSources(const std::vector<SubtaskRef>& tasks);
  void FailJob(Status error);
  void CancelTasks(const std::vector<SubtaskRef>& tasks);
  void ArmCancellationTimeout(const std::vector<SubtaskRef>& tasks);
  void GiveUp(const std::vector<SubtaskRef>& stuck);
  // Goes as far as the tasks' states allow; called after everything that changes one.
  void Advance();
  void AdvanceRestarts();
  void End(JobStatus status);
  void KeepResult(Closure then);
  JobResult Result() const;
  std::vector<SubtaskRef> TasksOf(const std::set<int>& regions) const;
  std::set<int> AllRegions() const;

  void SetStatus(JobStatus status);
  // What is told of the job: job_master_details.cc
  void EnterStatus(JobStatus status);
  JobFailure DescribeFailure(const Status& cause, std::optional<SubtaskRef> task) const;
  void RememberFailure(const Status& cause, std::optional<SubtaskRef> task);
  // A failure beside the one that began the present failover.
  void RememberConcurrent(const Status& cause, const SubtaskRef& task);
  EventTime Now() const;
  // Runs `closure` on the event loop unless the JobMaster is gone or the job has ended.
  void Later(Duration delay, Closure closure);

  JobMasterOptions options_;
  const JobSubmission submission_;
  const MessageHeader header_;
  const CheckpointSettings checkpoint_settings_;
  const RestartPolicy restart_policy_;
  const Duration cancellation_timeout_;
  const Duration slot_request_timeout_;
  const EventTime start_time_;
  const SlotLayout layout_;

  Status storage_error_;  // the checkpoint storage cannot be used as it is configured
  JobStatus status_ = JobStatus::kCreated;
  ExecutionGraph executions_;
  SlotPool pool_;
  const std::unique_ptr<CheckpointCoordinator> checkpoints_;
  std::vector<std::unique_ptr<SourceCoordinator>> sources_;  // by vertex; null: no source
  WatermarkGroups watermark_groups_;
  std::set<ExecutionAttemptId> read_all_;  // attempts that have processed all their input
  std::set<int> waiting_;                  // regions that are scheduled and wait for slots
  std::vector<size_t> lacking_;            // by region: which of its tasks had no slot when that was looked at last
  std::vector<Restart> restarts_;          // in the order of their beginning
  RestartHistory restart_history_;
  int32_t restart_count_ = 0;
  Status cause_;         // what began the last failover
  std::string refusal_;  // FAILING: why the restart strategy did not restart it
  bool keeps_damaged_ = false;
  Status error_;  // FAILING, FAILED: what the job ends with
  SlotShortage shortage_;
  int64_t slot_wait_ = 0;  // number of the present wait for slots; timers of earlier ones do nothing
  bool slot_timer_armed_ = false;
  EventTime end_time_ = kNoEventTime;
  std::vector<std::pair<JobStatus, Timestamp>> status_times_;  // when each was last entered, in that order
  std::vector<JobFailure> failures_;                           // the latest first
  int64_t stale_messages_ = 0;
  std::shared_ptr<bool> alive_ = std::make_shared<bool>(true);
};

}  // namespace weir
