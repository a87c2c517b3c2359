#include "weir/rpc/in_memory_gateways.h"

namespace weir {

Mailbox MailboxOf(const Strand& strand) {
  return strand.Bind([](Closure closure) { closure(); });
}

void InMemoryDispatcherGateway::SubmitJob(JobSubmission submission, StatusReply reply) {
  mailbox_([target = target_, submission = std::move(submission), reply = std::move(reply)]() mutable {
    target->SubmitJob(std::move(submission), std::move(reply));
  });
}

void InMemoryDispatcherGateway::ListJobs(Reply<std::vector<JobOverview>> reply) {
  mailbox_([target = target_, reply = std::move(reply)]() mutable { target->ListJobs(std::move(reply)); });
}

void InMemoryDispatcherGateway::CancelJob(JobId job_id, StatusReply reply) {
  mailbox_(
      [target = target_, job_id, reply = std::move(reply)]() mutable { target->CancelJob(job_id, std::move(reply)); });
}

void InMemoryDispatcherGateway::TriggerSavepoint(JobId job_id, SavepointRequest request, Reply<std::string> reply) {
  mailbox_([target = target_, job_id, request = std::move(request), reply = std::move(reply)]() mutable {
    target->TriggerSavepoint(job_id, std::move(request), std::move(reply));
  });
}

void InMemoryDispatcherGateway::TriggerCheckpoint(JobId job_id, CheckpointType type, Reply<CheckpointId> reply) {
  mailbox_([target = target_, job_id, type, reply = std::move(reply)]() mutable {
    target->TriggerCheckpoint(job_id, type, std::move(reply));
  });
}

void InMemoryDispatcherGateway::FetchRows(JobId job_id, std::string request, Reply<std::vector<std::string>> reply) {
  mailbox_([target = target_, job_id, request = std::move(request), reply = std::move(reply)]() mutable {
    target->FetchRows(job_id, std::move(request), std::move(reply));
  });
}

void InMemoryDispatcherGateway::RequestJobDetails(JobId job_id, Reply<JobDetails> reply) {
  mailbox_([target = target_, job_id, reply = std::move(reply)]() mutable {
    target->RequestJobDetails(job_id, std::move(reply));
  });
}

void InMemoryDispatcherGateway::RequestJobResult(JobId job_id, Reply<JobResult> reply) {
  mailbox_([target = target_, job_id, reply = std::move(reply)]() mutable {
    target->RequestJobResult(job_id, std::move(reply));
  });
}

void InMemoryResourceOverviewGateway::RequestTaskManagers(Reply<std::vector<TaskManagerOverview>> reply) {
  mailbox_([target = target_, reply = std::move(reply)]() mutable { target->RequestTaskManagers(std::move(reply)); });
}

void InMemoryResourceManagerGateway::RegisterTaskExecutor(TaskExecutorRegistration registration,
                                                          std::shared_ptr<TaskExecutorGateway> gateway) {
  mailbox_([target = target_, registration = std::move(registration), gateway = std::move(gateway)]() mutable {
    target->RegisterTaskExecutor(std::move(registration), std::move(gateway));
  });
}

void InMemoryResourceManagerGateway::DisconnectTaskExecutor(TaskManagerId task_manager, Status cause) {
  mailbox_([target = target_, task_manager = std::move(task_manager), cause = std::move(cause)]() mutable {
    target->DisconnectTaskExecutor(std::move(task_manager), std::move(cause));
  });
}

void InMemoryResourceManagerGateway::DeclareRequirements(RequirementsDeclaration declaration,
                                                         std::shared_ptr<JobMasterGateway> gateway) {
  mailbox_([target = target_, declaration, gateway = std::move(gateway)]() mutable {
    target->DeclareRequirements(declaration, std::move(gateway));
  });
}

void InMemoryResourceManagerGateway::NotifySlotFree(TaskManagerId task_manager, SlotStatus slot) {
  mailbox_([target = target_, task_manager = std::move(task_manager), slot]() mutable {
    target->NotifySlotFree(std::move(task_manager), slot);
  });
}

void InMemoryJobMasterGateway::OfferSlot(SlotOffer offer, std::shared_ptr<TaskExecutorGateway> gateway) {
  mailbox_([target = target_, offer = std::move(offer), gateway = std::move(gateway)]() mutable {
    target->OfferSlot(std::move(offer), std::move(gateway));
  });
}

void InMemoryJobMasterGateway::UpdateTaskState(LeaderId leader, TaskStateUpdate update) {
  mailbox_([target = target_, leader, update = std::move(update)]() mutable {
    target->UpdateTaskState(leader, std::move(update));
  });
}

void InMemoryJobMasterGateway::RegisterReader(MessageHeader header, ExecutionAttemptId attempt) {
  mailbox_([target = target_, header, attempt]() mutable { target->RegisterReader(header, attempt); });
}

void InMemoryJobMasterGateway::RequestSplit(MessageHeader header, ExecutionAttemptId attempt) {
  mailbox_([target = target_, header, attempt]() mutable { target->RequestSplit(header, attempt); });
}

void InMemoryJobMasterGateway::NotifyEndOfData(MessageHeader header, ExecutionAttemptId attempt) {
  mailbox_([target = target_, header, attempt]() mutable { target->NotifyEndOfData(header, attempt); });
}

void InMemoryJobMasterGateway::AcknowledgeCheckpoint(CheckpointAcknowledgement acknowledgement) {
  mailbox_([target = target_, acknowledgement = std::move(acknowledgement)]() mutable {
    target->AcknowledgeCheckpoint(std::move(acknowledgement));
  });
}

void InMemoryJobMasterGateway::DeclineCheckpoint(CheckpointDecline decline) {
  mailbox_(
      [target = target_, decline = std::move(decline)]() mutable { target->DeclineCheckpoint(std::move(decline)); });
}

void InMemoryJobMasterGateway::ReportMetrics(MetricReport report) {
  mailbox_([target = target_, report = std::move(report)]() mutable { target->ReportMetrics(std::move(report)); });
}

void InMemoryJobMasterGateway::ReportStatistics(StatisticsReport report) {
  mailbox_([target = target_, report = std::move(report)]() mutable { target->ReportStatistics(std::move(report)); });
}

void InMemoryJobMasterGateway::NotifySlotShortage(SlotShortage shortage) {
  mailbox_([target = target_, shortage]() mutable { target->NotifySlotShortage(shortage); });
}

void InMemoryJobMasterGateway::TaskExecutorLost(MessageHeader header, TaskManagerId task_manager, Status cause) {
  mailbox_([target = target_, header, task_manager = std::move(task_manager), cause = std::move(cause)]() mutable {
    target->TaskExecutorLost(header, std::move(task_manager), std::move(cause));
  });
}

void InMemoryTaskExecutorGateway::RequestSlot(SlotRequest request) {
  mailbox_([target = target_, request]() mutable { target->RequestSlot(request); });
}

void InMemoryTaskExecutorGateway::FreeSlot(MessageHeader header, AllocationId allocation_id) {
  mailbox_([target = target_, header, allocation_id]() mutable { target->FreeSlot(header, allocation_id); });
}

void InMemoryTaskExecutorGateway::SubmitTask(TaskSubmission submission) {
  mailbox_(
      [target = target_, submission = std::move(submission)]() mutable { target->SubmitTask(std::move(submission)); });
}

void InMemoryTaskExecutorGateway::CancelTask(MessageHeader header, ExecutionAttemptId attempt) {
  mailbox_([target = target_, header, attempt]() mutable { target->CancelTask(header, attempt); });
}

void InMemoryTaskExecutorGateway::AddSplits(MessageHeader header, ExecutionAttemptId attempt,
                                            std::vector<std::string> splits) {
  mailbox_([target = target_, header, attempt, splits = std::move(splits)]() mutable {
    target->AddSplits(header, attempt, std::move(splits));
  });
}

void InMemoryJobMasterGateway::ReportWatermark(MessageHeader header, ExecutionAttemptId attempt,
                                               WatermarkReport report) {
  mailbox_([target = target_, header, attempt, report = std::move(report)]() mutable {
    target->ReportWatermark(header, attempt, std::move(report));
  });
}

void InMemoryTaskExecutorGateway::LimitWatermark(MessageHeader header, ExecutionAttemptId attempt, int64_t limit) {
  mailbox_([target = target_, header, attempt, limit]() mutable { target->LimitWatermark(header, attempt, limit); });
}

void InMemoryTaskExecutorGateway::NoMoreSplits(MessageHeader header, ExecutionAttemptId attempt) {
  mailbox_([target = target_, header, attempt]() mutable { target->NoMoreSplits(header, attempt); });
}

void InMemoryTaskExecutorGateway::TriggerCheckpoint(MessageHeader header, ExecutionAttemptId attempt,
                                                    CheckpointTrigger trigger) {
  mailbox_([target = target_, header, attempt, trigger = std::move(trigger)]() mutable {
    target->TriggerCheckpoint(header, attempt, std::move(trigger));
  });
}

void InMemoryTaskExecutorGateway::NotifyCheckpointComplete(MessageHeader header, ExecutionAttemptId attempt,
                                                           CheckpointId id) {
  mailbox_(
      [target = target_, header, attempt, id]() mutable { target->NotifyCheckpointComplete(header, attempt, id); });
}

void InMemoryTaskExecutorGateway::NotifyCheckpointAborted(MessageHeader header, ExecutionAttemptId attempt,
                                                          CheckpointId id) {
  mailbox_([target = target_, header, attempt, id]() mutable { target->NotifyCheckpointAborted(header, attempt, id); });
}

void InMemoryTaskExecutorGateway::Ask(TaskManagerQuestion question, Reply<std::string> reply) {
  mailbox_([target = target_, question = std::move(question), reply = std::move(reply)]() mutable {
    target->Ask(std::move(question), std::move(reply));
  });
}

void InMemoryResourceOverviewGateway::AskTaskManager(TaskManagerId id, TaskManagerQuestion question,
                                                     Reply<std::string> reply) {
  mailbox_([target = target_, id = std::move(id), question = std::move(question), reply = std::move(reply)]() mutable {
    target->AskTaskManager(std::move(id), std::move(question), std::move(reply));
  });
}

}  // namespace weir
