// The gateways between TaskManagers and the JobManager as the messages of proto/weir/v1/task_manager.proto.
//
//   JobManager                                            TaskManager
//   RemoteTaskExecutor ── JobManagerMessage ──▶ JobManagerInbox ──▶ TaskExecutorGateway
//   TaskManagerInbox ◀── TaskManagerMessage ── RemoteJobMasters, RemoteResourceManager
//
// A job's graph travels with the job's first task only, and what a region's tasks share with the region's first; both ends forget them when the job has
// no slot there any more.
#pragma once

#include <map>
#include <memory>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "weir/base/mutex.h"
#include "weir/rpc/job_master_gateway.h"
#include "weir/rpc/resource_manager_gateway.h"
#include "weir/rpc/task_executor_gateway.h"
#include "weir/rpc/wire/deployment_values.h"

namespace weir {

namespace v1 {
class Answer;
class JobManagerMessage;
class Registration;
class TaskManagerMessage;
}  // namespace v1

// What takes messages to the other side. Threads: any; messages of one thread stay in order. After the connection's end it drops them.
template <class Message>
class MessageSink {
 public:
  virtual ~MessageSink() = default;
  virtual void Send(const Message& message) = 0;
};

// Which jobs have slots on a TaskManager, as both ends of its stream see it: from the messages about slots, in their order. Threads: one.
class JobsOfSlots {
 public:
  void Request(JobId job, AllocationId allocation) { slots_[job].insert(allocation); }
  // True: it was the job's last.
  bool Free(JobId job, AllocationId allocation) {
    const auto found = slots_.find(job);
    if (found == slots_.end() || found->second.erase(allocation) == 0 || !found->second.empty()) return false;
    slots_.erase(found);
    return true;
  }

 private:
  std::map<JobId, std::set<AllocationId>> slots_;
};

// A TaskManager as the JobManager sees it. Threads: any.
class RemoteTaskExecutor final : public TaskExecutorGateway {
 public:
  explicit RemoteTaskExecutor(std::shared_ptr<MessageSink<v1::JobManagerMessage>> sink) : sink_(std::move(sink)) {}

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

  // The answer comes back through Answered; kUnavailable if the TaskManager is gone first.
  void Ask(TaskManagerQuestion question, Reply<std::string> reply) override;
  void Answered(const v1::Answer& answer);
  ~RemoteTaskExecutor() override;

 private:
  const std::shared_ptr<MessageSink<v1::JobManagerMessage>> sink_;
  // Held while sending, so that a job's graph and regions are sent before the tasks that need them.
  Mutex mutex_;
  JobsOfSlots slots_ WEIR_GUARDED_BY(mutex_);
  std::map<JobId, SentRegions> sent_ WEIR_GUARDED_BY(mutex_);  // of the jobs whose graphs are there
  uint64_t last_question_ WEIR_GUARDED_BY(mutex_) = 0;
  std::map<uint64_t, Reply<std::string>> asked_ WEIR_GUARDED_BY(mutex_);
};

// Delivers the JobManager's messages. Threads: one.
class JobManagerInbox {
 public:
  // `answers`: where answers to questions go; null: they are not given.
  explicit JobManagerInbox(std::shared_ptr<TaskExecutorGateway> task_executor,
                           std::shared_ptr<MessageSink<v1::TaskManagerMessage>> answers = nullptr)
      : task_executor_(std::move(task_executor)), answers_(std::move(answers)) {}

  // kDataLoss: the message cannot be understood, so that this side does not know what the other believes; the stream must end.
  Status Deliver(const v1::JobManagerMessage& message);

 private:
  // What has come of a job.
  struct KnownJob {
    std::shared_ptr<const JobGraph> graph;
    ReceivedRegions regions;
  };

  Status DeliverTask(const v1::JobManagerMessage& message);
  void DeliverCheckpoint(const v1::JobManagerMessage& message);
  void DeliverQuestion(const v1::JobManagerMessage& message);

  const std::shared_ptr<TaskExecutorGateway> task_executor_;
  const std::shared_ptr<MessageSink<v1::TaskManagerMessage>> answers_;
  JobsOfSlots slots_;
  std::map<JobId, KnownJob> jobs_;
};

// The JobMasters as a TaskManager sees them. Threads: any. What only the ResourceManager says does not come this way.
class RemoteJobMasters final : public JobMasterGateway {
 public:
  explicit RemoteJobMasters(std::shared_ptr<MessageSink<v1::TaskManagerMessage>> sink) : sink_(std::move(sink)) {}

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
  const std::shared_ptr<MessageSink<v1::TaskManagerMessage>> sink_;
};

// The ResourceManager as a TaskManager sees it. Registration is the stream's own affair.
class RemoteResourceManager final : public ResourceManagerGateway {
 public:
  explicit RemoteResourceManager(std::shared_ptr<MessageSink<v1::TaskManagerMessage>> sink) : sink_(std::move(sink)) {}

  void RegisterTaskExecutor(TaskExecutorRegistration registration,
                            std::shared_ptr<TaskExecutorGateway> gateway) override;
  void DisconnectTaskExecutor(TaskManagerId task_manager, Status cause) override;
  void DeclareRequirements(RequirementsDeclaration declaration, std::shared_ptr<JobMasterGateway> gateway) override;
  void NotifySlotFree(TaskManagerId task_manager, SlotStatus slot) override;

 private:
  const std::shared_ptr<MessageSink<v1::TaskManagerMessage>> sink_;
};

void ToProto(const TaskExecutorRegistration& registration, v1::Registration& message);
TaskExecutorRegistration FromProto(const v1::Registration& message);

// Delivers what the TaskManager of one stream says. Threads: one.
class TaskManagerInbox {
 public:
  // `task_executor` reaches the TaskManager of the stream.
  TaskManagerInbox(std::shared_ptr<TaskExecutorGateway> task_executor, std::shared_ptr<JobMasterGateway> job_masters,
                   std::shared_ptr<ResourceManagerGateway> resource_manager,
                   std::shared_ptr<RemoteTaskExecutor> asker = nullptr)
      : task_executor_(std::move(task_executor)),
        job_masters_(std::move(job_masters)),
        resource_manager_(std::move(resource_manager)),
        asker_(std::move(asker)) {}

  // Registration and heartbeats are not for it.
  Status Deliver(const v1::TaskManagerMessage& message);

 private:
  const std::shared_ptr<TaskExecutorGateway> task_executor_;
  const std::shared_ptr<JobMasterGateway> job_masters_;
  const std::shared_ptr<ResourceManagerGateway> resource_manager_;
  const std::shared_ptr<RemoteTaskExecutor> asker_;  // hears answers; may be null
};

}  // namespace weir
