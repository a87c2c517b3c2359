// The gateways' twins for parts that live in one process: each call is posted to the receiver's event loop.
//
//   Strand strand(executor);
//   ResourceManager resource_manager(...);                                    // lives on `strand`, implements ResourceManagerGateway itself
//   auto gateway = std::make_shared<InMemoryResourceManagerGateway>(MailboxOf(strand), &resource_manager);
//
// Nothing is copied that a message owns, and nothing is serialized.
//
// Threads: any.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "weir/base/execution/strand.h"
#include "weir/rpc/dispatcher_gateway.h"
#include "weir/rpc/job_master_gateway.h"
#include "weir/rpc/resource_manager_gateway.h"
#include "weir/rpc/resource_overview.h"
#include "weir/rpc/task_executor_gateway.h"

namespace weir {

// Runs what it is given on the receiver's event loop; drops it when that has stopped.
using Mailbox = std::function<void(Closure)>;

// The mailbox of whoever lives on `strand`; may outlive it.
Mailbox MailboxOf(const Strand& strand);

// In all of them `target` lives on the mailbox's strand and is destroyed only after that has been stopped.

class InMemoryDispatcherGateway final : public DispatcherGateway {
 public:
  InMemoryDispatcherGateway(Mailbox mailbox, DispatcherGateway* target)
      : mailbox_(std::move(mailbox)), target_(target) {}

  void SubmitJob(JobSubmission submission, StatusReply reply) override;
  void ListJobs(Reply<std::vector<JobOverview>> reply) override;
  void CancelJob(JobId job_id, StatusReply reply) override;
  void TriggerSavepoint(JobId job_id, SavepointRequest request, Reply<std::string> reply) override;
  void TriggerCheckpoint(JobId job_id, CheckpointType type, Reply<CheckpointId> reply) override;
  void RequestJobDetails(JobId job_id, Reply<JobDetails> reply) override;
  void RequestJobResult(JobId job_id, Reply<JobResult> reply) override;
  void FetchRows(JobId job_id, std::string request, Reply<std::vector<std::string>> reply) override;

 private:
  const Mailbox mailbox_;
  DispatcherGateway* const target_;
};

class InMemoryResourceOverviewGateway final : public ResourceOverviewGateway {
 public:
  InMemoryResourceOverviewGateway(Mailbox mailbox, ResourceOverviewGateway* target)
      : mailbox_(std::move(mailbox)), target_(target) {}

  void RequestTaskManagers(Reply<std::vector<TaskManagerOverview>> reply) override;
  void AskTaskManager(TaskManagerId id, TaskManagerQuestion question, Reply<std::string> reply) override;

 private:
  const Mailbox mailbox_;
  ResourceOverviewGateway* const target_;
};

class InMemoryResourceManagerGateway final : public ResourceManagerGateway {
 public:
  InMemoryResourceManagerGateway(Mailbox mailbox, ResourceManagerGateway* target)
      : mailbox_(std::move(mailbox)), target_(target) {}

  void RegisterTaskExecutor(TaskExecutorRegistration registration,
                            std::shared_ptr<TaskExecutorGateway> gateway) override;
  void DisconnectTaskExecutor(TaskManagerId task_manager, Status cause) override;
  void DeclareRequirements(RequirementsDeclaration declaration, std::shared_ptr<JobMasterGateway> gateway) override;
  void NotifySlotFree(TaskManagerId task_manager, SlotStatus slot) override;

 private:
  const Mailbox mailbox_;
  ResourceManagerGateway* const target_;
};

class InMemoryJobMasterGateway final : public JobMasterGateway {
 public:
  InMemoryJobMasterGateway(Mailbox mailbox, JobMasterGateway* target) : mailbox_(std::move(mailbox)), target_(target) {}

  void OfferSlot(SlotOffer offer, std::shared_ptr<TaskExecutorGateway> gateway) override;
  void UpdateTaskState(LeaderId leader, TaskStateUpdate update) override;
  void RegisterReader(MessageHeader header, ExecutionAttemptId attempt) override;
  void RequestSplit(MessageHeader header, ExecutionAttemptId attempt) override;
  void NotifyEndOfData(MessageHeader header, ExecutionAttemptId attempt) override;
  void AcknowledgeCheckpoint(CheckpointAcknowledgement acknowledgement) override;
  void DeclineCheckpoint(CheckpointDecline decline) override;
  void ReportWatermark(MessageHeader header, ExecutionAttemptId attempt, WatermarkReport report) override;
  void ReportStatistics(StatisticsReport report) override;
  void ReportMetrics(MetricReport report) override;
  void NotifySlotShortage(SlotShortage shortage) override;
  void TaskExecutorLost(MessageHeader header, TaskManagerId task_manager, Status cause) override;

 private:
  const Mailbox mailbox_;
  JobMasterGateway* const target_;
};

class InMemoryTaskExecutorGateway final : public TaskExecutorGateway {
 public:
  InMemoryTaskExecutorGateway(Mailbox mailbox, TaskExecutorGateway* target)
      : mailbox_(std::move(mailbox)), target_(target) {}

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
  void Ask(TaskManagerQuestion question, Reply<std::string> reply) override;

 private:
  const Mailbox mailbox_;
  TaskExecutorGateway* const target_;
};

}  // namespace weir
