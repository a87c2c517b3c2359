#include "weir/rpc/wire/task_manager_messages.h"

#include "weir/base/check.h"
#include "weir/graph/job/job_graph.h"
#include "weir/graph/job/job_graph_codec.h"
#include "weir/rpc/wire/job_values.h"
#include "weir/rpc/wire/metric_values.h"
#include "weir/rpc/wire/task_values.h"
#include "weir/v1/task_manager.pb.h"

namespace weir {
namespace {

void FillAttempt(const MessageHeader& header, const ExecutionAttemptId& attempt, v1::AttemptMessage& message) {
  ToProto(header, *message.mutable_header());
  message.set_attempt_id(IdBytes(attempt));
}

void FillNotice(const MessageHeader& header, const ExecutionAttemptId& attempt, CheckpointId id,
                v1::CheckpointNotice& message) {
  ToProto(header, *message.mutable_header());
  message.set_attempt_id(IdBytes(attempt));
  message.set_checkpoint_id(id.value());
}

template <class Message>
ExecutionAttemptId AttemptOf(const Message& message) {
  return IdFrom<ExecutionAttemptId>(message.attempt_id());
}

}  // namespace

void RemoteTaskExecutor::RequestSlot(SlotRequest request) {
  v1::JobManagerMessage message;
  v1::SlotRequest& stored = *message.mutable_slot_request();
  ToProto(request.header, *stored.mutable_header());
  stored.set_allocation_id(IdBytes(request.allocation_id));
  stored.set_slot(request.slot);
  MutexLock lock(mutex_);
  slots_.Request(request.header.job_id, request.allocation_id);
  sink_->Send(message);
}

void RemoteTaskExecutor::FreeSlot(MessageHeader header, AllocationId allocation_id) {
  v1::JobManagerMessage message;
  ToProto(header, *message.mutable_free_slot()->mutable_header());
  message.mutable_free_slot()->set_allocation_id(IdBytes(allocation_id));
  MutexLock lock(mutex_);
  if (slots_.Free(header.job_id, allocation_id)) sent_.erase(header.job_id);
  sink_->Send(message);
}

void RemoteTaskExecutor::SubmitTask(TaskSubmission submission) {
  v1::JobManagerMessage message;
  v1::TaskSubmission& stored = *message.mutable_submit_task();
  ToProto(submission.header, *stored.mutable_header());
  stored.set_allocation_id(IdBytes(submission.allocation_id));
  ToProto(submission.descriptor, *stored.mutable_deployment());
  MutexLock lock(mutex_);
  const auto [sent, is_first] = sent_.try_emplace(submission.header.job_id);
  if (is_first) ToProto(*submission.graph, *stored.mutable_graph());
  if (sent->second.MustSend(submission.descriptor.region)) {
    ToProto(*submission.descriptor.region, *stored.mutable_region());
  }
  sink_->Send(message);
}

void RemoteTaskExecutor::CancelTask(MessageHeader header, ExecutionAttemptId attempt) {
  v1::JobManagerMessage message;
  FillAttempt(header, attempt, *message.mutable_cancel_task());
  sink_->Send(message);
}

void RemoteTaskExecutor::AddSplits(MessageHeader header, ExecutionAttemptId attempt, std::vector<std::string> splits) {
  v1::JobManagerMessage message;
  v1::Splits& stored = *message.mutable_add_splits();
  ToProto(header, *stored.mutable_header());
  stored.set_attempt_id(IdBytes(attempt));
  for (std::string& split : splits) stored.add_splits(std::move(split));
  sink_->Send(message);
}

void RemoteTaskExecutor::NoMoreSplits(MessageHeader header, ExecutionAttemptId attempt) {
  v1::JobManagerMessage message;
  FillAttempt(header, attempt, *message.mutable_no_more_splits());
  sink_->Send(message);
}

void RemoteTaskExecutor::TriggerCheckpoint(MessageHeader header, ExecutionAttemptId attempt,
                                           CheckpointTrigger trigger) {
  v1::JobManagerMessage message;
  v1::CheckpointTrigger& stored = *message.mutable_trigger_checkpoint();
  ToProto(header, *stored.mutable_header());
  stored.set_attempt_id(IdBytes(attempt));
  ToProto(trigger, stored);
  sink_->Send(message);
}

void RemoteTaskExecutor::NotifyCheckpointComplete(MessageHeader header, ExecutionAttemptId attempt, CheckpointId id) {
  v1::JobManagerMessage message;
  FillNotice(header, attempt, id, *message.mutable_checkpoint_complete());
  sink_->Send(message);
}

void RemoteTaskExecutor::NotifyCheckpointAborted(MessageHeader header, ExecutionAttemptId attempt, CheckpointId id) {
  v1::JobManagerMessage message;
  FillNotice(header, attempt, id, *message.mutable_checkpoint_aborted());
  sink_->Send(message);
}

void RemoteTaskExecutor::LimitWatermark(MessageHeader header, ExecutionAttemptId attempt, int64_t limit) {
  v1::JobManagerMessage message;
  v1::WatermarkLimit& stored = *message.mutable_watermark_limit();
  ToProto(header, *stored.mutable_header());
  stored.set_attempt_id(IdBytes(attempt));
  stored.set_limit(limit);
  sink_->Send(message);
}

RemoteTaskExecutor::~RemoteTaskExecutor() {
  for (auto& [number, reply] : asked_) reply(UnavailableError("the TaskManager's connection has ended"));
}

void RemoteTaskExecutor::Ask(TaskManagerQuestion question, Reply<std::string> reply) {
  v1::JobManagerMessage message;
  v1::Question& asked = *message.mutable_question();
  // The enums have the same order; 0 is unspecified.
  asked.set_kind(static_cast<v1::QuestionKind>(static_cast<int>(question.kind) + 1));
  asked.set_name(question.name);
  asked.set_offset(question.offset);
  asked.set_length(question.length);
  asked.set_file(question.file);
  asked.set_job_id(IdBytes(question.job_id));
  MutexLock lock(mutex_);
  asked.set_number(++last_question_);
  asked_[last_question_] = std::move(reply);
  sink_->Send(message);
}

void RemoteTaskExecutor::Answered(const v1::Answer& answer) {
  Reply<std::string> reply;
  {
    MutexLock lock(mutex_);
    const auto found = asked_.find(answer.number());
    if (found == asked_.end()) return;
    reply = std::move(found->second);
    asked_.erase(found);
  }
  const Status status = FromProto(answer.status());
  if (!status.ok()) return reply(status);
  reply(answer.text());
}

void JobManagerInbox::DeliverQuestion(const v1::JobManagerMessage& message) {
  const v1::Question& asked = message.question();
  if (answers_ == nullptr || asked.kind() == v1::QUESTION_KIND_UNSPECIFIED) return;
  task_executor_->Ask({.kind = static_cast<TaskManagerQuestion::Kind>(static_cast<int>(asked.kind()) - 1),
                       .name = asked.name(),
                       .offset = asked.offset(),
                       .length = asked.length(),
                       .file = asked.file(),
                       .job_id = IdFrom<JobId>(asked.job_id())},
                      [answers = answers_, number = asked.number()](const StatusOr<std::string>& text) {
                        v1::TaskManagerMessage reply;
                        reply.mutable_answer()->set_number(number);
                        ToProto(text.status(), *reply.mutable_answer()->mutable_status());
                        if (text.ok()) reply.mutable_answer()->set_text(*text);
                        answers->Send(reply);
                      });
}

Status JobManagerInbox::DeliverTask(const v1::JobManagerMessage& message) {
  const v1::TaskSubmission& in = message.submit_task();
  TaskSubmission submission{.header = FromProto(in.header()),
                            .allocation_id = IdFrom<AllocationId>(in.allocation_id())};
  KnownJob& job = jobs_[submission.header.job_id];
  if (in.has_graph()) {
    WEIR_ASSIGN_OR_RETURN(JobGraph decoded, FromProto(in.graph()));
    job.graph = std::make_shared<const JobGraph>(std::move(decoded));
  }
  if (job.graph == nullptr) return DataLossError("a task was submitted before the graph of its job");
  if (in.has_region()) WEIR_RETURN_IF_ERROR(job.regions.Take(in.region()));
  WEIR_ASSIGN_OR_RETURN(submission.descriptor, FromProto(in.deployment(), job.regions));
  submission.graph = job.graph;
  task_executor_->SubmitTask(std::move(submission));
  return OkStatus();
}

void JobManagerInbox::DeliverCheckpoint(const v1::JobManagerMessage& message) {
  if (message.has_trigger_checkpoint()) {
    const v1::CheckpointTrigger& in = message.trigger_checkpoint();
    task_executor_->TriggerCheckpoint(FromProto(in.header()), AttemptOf(in), FromProto(in));
  } else if (message.has_checkpoint_complete()) {
    const v1::CheckpointNotice& in = message.checkpoint_complete();
    task_executor_->NotifyCheckpointComplete(FromProto(in.header()), AttemptOf(in), CheckpointId(in.checkpoint_id()));
  } else {
    const v1::CheckpointNotice& in = message.checkpoint_aborted();
    task_executor_->NotifyCheckpointAborted(FromProto(in.header()), AttemptOf(in), CheckpointId(in.checkpoint_id()));
  }
}

Status JobManagerInbox::Deliver(const v1::JobManagerMessage& message) {
  switch (message.message_case()) {
    case v1::JobManagerMessage::kQuestion:
      DeliverQuestion(message);
      return OkStatus();
    case v1::JobManagerMessage::kSlotRequest: {
      const v1::SlotRequest& in = message.slot_request();
      const SlotRequest request{FromProto(in.header()), IdFrom<AllocationId>(in.allocation_id()), in.slot()};
      slots_.Request(request.header.job_id, request.allocation_id);
      task_executor_->RequestSlot(request);
      return OkStatus();
    }
    case v1::JobManagerMessage::kFreeSlot: {
      const MessageHeader header = FromProto(message.free_slot().header());
      const auto allocation = IdFrom<AllocationId>(message.free_slot().allocation_id());
      if (slots_.Free(header.job_id, allocation)) jobs_.erase(header.job_id);
      task_executor_->FreeSlot(header, allocation);
      return OkStatus();
    }
    case v1::JobManagerMessage::kSubmitTask:
      return DeliverTask(message);
    case v1::JobManagerMessage::kCancelTask:
      task_executor_->CancelTask(FromProto(message.cancel_task().header()), AttemptOf(message.cancel_task()));
      return OkStatus();
    case v1::JobManagerMessage::kAddSplits: {
      const v1::Splits& in = message.add_splits();
      task_executor_->AddSplits(FromProto(in.header()), IdFrom<ExecutionAttemptId>(in.attempt_id()),
                                std::vector<std::string>(in.splits().begin(), in.splits().end()));
      return OkStatus();
    }
    case v1::JobManagerMessage::kNoMoreSplits:
      task_executor_->NoMoreSplits(FromProto(message.no_more_splits().header()), AttemptOf(message.no_more_splits()));
      return OkStatus();
    case v1::JobManagerMessage::kTriggerCheckpoint:
    case v1::JobManagerMessage::kCheckpointComplete:
    case v1::JobManagerMessage::kCheckpointAborted:
      DeliverCheckpoint(message);
      return OkStatus();
    case v1::JobManagerMessage::kWatermarkLimit: {
      const v1::WatermarkLimit& in = message.watermark_limit();
      task_executor_->LimitWatermark(FromProto(in.header()), AttemptOf(in), in.limit());
      return OkStatus();
    }
    case v1::JobManagerMessage::kWelcome:
    case v1::JobManagerMessage::kHeartbeat:
      return OkStatus();
    case v1::JobManagerMessage::MESSAGE_NOT_SET:
      break;
  }
  return DataLossError("the JobManager sent a message that this version of Weir does not know");
}

void RemoteJobMasters::OfferSlot(SlotOffer offer, std::shared_ptr<TaskExecutorGateway>) {
  v1::TaskManagerMessage message;
  ToProto(offer, *message.mutable_slot_offer());
  sink_->Send(message);
}

void RemoteJobMasters::UpdateTaskState(LeaderId leader, TaskStateUpdate update) {
  v1::TaskManagerMessage message;
  ToProto(leader, update, *message.mutable_task_state());
  sink_->Send(message);
}

void RemoteJobMasters::RegisterReader(MessageHeader header, ExecutionAttemptId attempt) {
  v1::TaskManagerMessage message;
  FillAttempt(header, attempt, *message.mutable_reader_registered());
  sink_->Send(message);
}

void RemoteJobMasters::RequestSplit(MessageHeader header, ExecutionAttemptId attempt) {
  v1::TaskManagerMessage message;
  FillAttempt(header, attempt, *message.mutable_split_request());
  sink_->Send(message);
}

void RemoteJobMasters::NotifyEndOfData(MessageHeader header, ExecutionAttemptId attempt) {
  v1::TaskManagerMessage message;
  FillAttempt(header, attempt, *message.mutable_end_of_data());
  sink_->Send(message);
}

void RemoteJobMasters::AcknowledgeCheckpoint(CheckpointAcknowledgement acknowledgement) {
  v1::TaskManagerMessage message;
  ToProto(acknowledgement, *message.mutable_acknowledge_checkpoint());
  sink_->Send(message);
}

void RemoteJobMasters::DeclineCheckpoint(CheckpointDecline decline) {
  v1::TaskManagerMessage message;
  ToProto(decline, *message.mutable_decline_checkpoint());
  sink_->Send(message);
}

void RemoteJobMasters::ReportWatermark(MessageHeader header, ExecutionAttemptId attempt, WatermarkReport report) {
  v1::TaskManagerMessage message;
  v1::WatermarkReport& stored = *message.mutable_watermark();
  ToProto(report, stored);
  ToProto(header, *stored.mutable_header());
  stored.set_attempt_id(IdBytes(attempt));
  sink_->Send(message);
}

void RemoteJobMasters::ReportMetrics(MetricReport report) {
  v1::TaskManagerMessage message;
  ToProto(report, *message.mutable_metrics());
  sink_->Send(message);
}

void RemoteJobMasters::ReportStatistics(StatisticsReport report) {
  v1::TaskManagerMessage message;
  ToProto(report, *message.mutable_statistics());
  sink_->Send(message);
}

void RemoteJobMasters::NotifySlotShortage(SlotShortage) {
  WEIR_UNREACHABLE("only the ResourceManager, which lives with the JobMasters, speaks of slot shortages");
}

void RemoteJobMasters::TaskExecutorLost(MessageHeader, TaskManagerId, Status) {
  WEIR_UNREACHABLE("only the ResourceManager, which lives with the JobMasters, speaks of lost TaskManagers");
}

void RemoteResourceManager::RegisterTaskExecutor(TaskExecutorRegistration, std::shared_ptr<TaskExecutorGateway>) {
  WEIR_UNREACHABLE("a TaskManager registers by opening its stream");
}

void RemoteResourceManager::DisconnectTaskExecutor(TaskManagerId, Status) {
  WEIR_UNREACHABLE("a TaskManager leaves by closing its stream");
}

void RemoteResourceManager::DeclareRequirements(RequirementsDeclaration, std::shared_ptr<JobMasterGateway>) {
  WEIR_UNREACHABLE("only JobMasters, which live with the ResourceManager, declare requirements");
}

void RemoteResourceManager::NotifySlotFree(TaskManagerId task_manager, SlotStatus slot) {
  v1::TaskManagerMessage message;
  message.mutable_slot_free()->set_task_manager(task_manager.value());
  ToProto(slot, *message.mutable_slot_free()->mutable_slot());
  sink_->Send(message);
}

void ToProto(const TaskExecutorRegistration& registration, v1::Registration& message) {
  message.set_task_manager(registration.task_manager.value());
  for (const SlotStatus& slot : registration.slots) ToProto(slot, *message.add_slots());
  v1::TaskManagerHardware& hardware = *message.mutable_hardware();
  hardware.set_cpu_cores(registration.hardware.cpu_cores);
  hardware.set_physical_memory(registration.hardware.physical_memory);
  hardware.set_process_memory(registration.hardware.process_memory);
  hardware.set_data_port(registration.hardware.data_port);
}

TaskExecutorRegistration FromProto(const v1::Registration& message) {
  TaskExecutorRegistration registration{.task_manager = TaskManagerId(message.task_manager())};
  for (const v1::SlotStatus& slot : message.slots()) registration.slots.push_back(FromProto(slot));
  registration.hardware = {.cpu_cores = message.hardware().cpu_cores(),
                           .physical_memory = message.hardware().physical_memory(),
                           .process_memory = message.hardware().process_memory(),
                           .data_port = message.hardware().data_port()};
  return registration;
}

Status TaskManagerInbox::Deliver(const v1::TaskManagerMessage& message) {
  switch (message.message_case()) {
    case v1::TaskManagerMessage::kSlotOffer:
      job_masters_->OfferSlot(FromProto(message.slot_offer()), task_executor_);
      return OkStatus();
    case v1::TaskManagerMessage::kSlotFree:
      resource_manager_->NotifySlotFree(TaskManagerId(message.slot_free().task_manager()),
                                        FromProto(message.slot_free().slot()));
      return OkStatus();
    case v1::TaskManagerMessage::kTaskState:
      job_masters_->UpdateTaskState(FromProto(message.task_state().header()).leader, FromProto(message.task_state()));
      return OkStatus();
    case v1::TaskManagerMessage::kReaderRegistered:
      job_masters_->RegisterReader(FromProto(message.reader_registered().header()),
                                   AttemptOf(message.reader_registered()));
      return OkStatus();
    case v1::TaskManagerMessage::kSplitRequest:
      job_masters_->RequestSplit(FromProto(message.split_request().header()), AttemptOf(message.split_request()));
      return OkStatus();
    case v1::TaskManagerMessage::kEndOfData:
      job_masters_->NotifyEndOfData(FromProto(message.end_of_data().header()), AttemptOf(message.end_of_data()));
      return OkStatus();
    case v1::TaskManagerMessage::kAcknowledgeCheckpoint: {
      WEIR_ASSIGN_OR_RETURN(CheckpointAcknowledgement in, FromProto(message.acknowledge_checkpoint()));
      job_masters_->AcknowledgeCheckpoint(std::move(in));
      return OkStatus();
    }
    case v1::TaskManagerMessage::kDeclineCheckpoint:
      job_masters_->DeclineCheckpoint(FromProto(message.decline_checkpoint()));
      return OkStatus();
    case v1::TaskManagerMessage::kStatistics:
      job_masters_->ReportStatistics(FromProto(message.statistics()));
      return OkStatus();
    case v1::TaskManagerMessage::kWatermark: {
      const v1::WatermarkReport& in = message.watermark();
      job_masters_->ReportWatermark(FromProto(in.header()), AttemptOf(in), FromProto(in));
      return OkStatus();
    }
    case v1::TaskManagerMessage::kAnswer:
      if (asker_ != nullptr) asker_->Answered(message.answer());
      return OkStatus();
    case v1::TaskManagerMessage::kMetrics:
      job_masters_->ReportMetrics(FromProto(message.metrics()));
      return OkStatus();
    case v1::TaskManagerMessage::kRegistration:
    case v1::TaskManagerMessage::kHeartbeat:
      return OkStatus();
    case v1::TaskManagerMessage::MESSAGE_NOT_SET:
      break;
  }
  return DataLossError("the TaskManager sent a message that this version of Weir does not know");
}

}  // namespace weir
