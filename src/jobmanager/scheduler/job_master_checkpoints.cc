// How a JobMaster takes part in checkpoints: docs/checkpointing.md.
#include <algorithm>
#include <utility>

#include "weir/jobmanager/checkpoint/snapshot_metadata.h"
#include "weir/jobmanager/scheduler/failure_text.h"
#include "weir/jobmanager/scheduler/job_master.h"
#include "weir/rpc/task_executor_gateway.h"

namespace weir {

const std::string* JobMaster::RestoredSource(int vertex) const {
  const auto& latest = checkpoints_->latest();
  if (latest == nullptr) return nullptr;
  const OperatorSnapshot* const snapshot =
      SnapshotOf(latest->metadata, submission_.graph->vertices[vertex].operators[0]);
  return snapshot != nullptr && snapshot->has_coordinator ? &snapshot->coordinator.inline_bytes : nullptr;
}

CheckpointTasks JobMaster::Tasks() const {
  CheckpointTasks tasks{.all_run = status_ == JobStatus::kRunning};
  bool all_read = true;
  for (const SubtaskRef& task : executions_.tasks()) {
    const Execution& execution = executions_.Current(task);
    if (execution.state == ExecutionState::kFinished) continue;
    tasks.all_run &= execution.state == ExecutionState::kRunning;
    all_read &= read_all_.contains(execution.id);
    tasks.living.push_back({.attempt = execution.id, .place = {task.vertex, task.subtask}});
  }
  tasks.all_run &= !tasks.living.empty();
  tasks.all_ended = all_read && !tasks.living.empty();
  return tasks;
}

StatusOr<std::vector<std::pair<OperatorId, std::string>>> JobMaster::SnapshotSources(CheckpointId id) {
  std::vector<std::pair<OperatorId, std::string>> states;
  for (int vertex = 0; vertex < static_cast<int>(sources_.size()); ++vertex) {
    if (sources_[vertex] == nullptr) continue;
    WEIR_ASSIGN_OR_RETURN(std::string state, sources_[vertex]->Snapshot(id));
    states.emplace_back(submission_.graph->vertices[vertex].operators[0].id, std::move(state));
  }
  return states;
}

TaskExecutorGateway* JobMaster::GatewayOf(const ExecutionAttemptId& attempt) const {
  const std::optional<SubtaskRef> task = executions_.Find(attempt);
  if (!task.has_value() || IsTerminal(executions_.Current(*task).state)) return nullptr;
  const SlotPool::Slot* const slot = SlotOf(*task);
  return slot != nullptr ? slot->gateway.get() : nullptr;
}

void JobMaster::SendTrigger(const ExecutionAttemptId& attempt, const CheckpointTrigger& trigger) {
  if (TaskExecutorGateway* gateway = GatewayOf(attempt)) gateway->TriggerCheckpoint(header_, attempt, trigger);
}

void JobMaster::SendComplete(const ExecutionAttemptId& attempt, CheckpointId id) {
  if (TaskExecutorGateway* gateway = GatewayOf(attempt)) gateway->NotifyCheckpointComplete(header_, attempt, id);
}

void JobMaster::SendAborted(const ExecutionAttemptId& attempt, CheckpointId id) {
  if (TaskExecutorGateway* gateway = GatewayOf(attempt)) gateway->NotifyCheckpointAborted(header_, attempt, id);
}

void JobMaster::CheckpointEnded(CheckpointId id, bool covers) {
  if (covers) {
    for (const auto& source : sources_) {
      if (source != nullptr) source->OnCheckpointComplete(id);
    }
  }
  // A restart may have waited for it. Not within the coordinator's call.
  Later(Duration(0), [this] { Advance(); });
}

void JobMaster::CheckpointsFailed(Status cause) {
  Later(Duration(0), [this, cause = std::move(cause)]() mutable { HandleGlobalFailure(std::move(cause)); });
}

void JobMaster::CheckpointStorageFailed(Status cause) {
  if (status_ == JobStatus::kRunning || status_ == JobStatus::kRestarting)
    FailJob(DescribeJobFailure(submission_.graph->name, cause, ""));
}

void JobMaster::NotifyEndOfData(MessageHeader header, ExecutionAttemptId attempt) {
  if (!IsPresent(header) || !FindPresent(attempt).has_value()) return;
  read_all_.insert(attempt);
  checkpoints_->TasksChanged();
}

void JobMaster::AcknowledgeCheckpoint(CheckpointAcknowledgement acknowledgement) {
  if (IsPresent(acknowledgement.header)) checkpoints_->Acknowledge(std::move(acknowledgement));
}

void JobMaster::DeclineCheckpoint(CheckpointDecline decline) {
  if (IsPresent(decline.header)) checkpoints_->Decline(decline);
}

void JobMaster::TriggerSavepoint(SavepointRequest request, Reply<std::string> reply) {
  if (status_ == JobStatus::kRunning || status_ == JobStatus::kRestarting) {
    checkpoints_->TriggerSavepoint(std::move(request), std::move(reply));
    return;
  }
  reply(FailedPreconditionError("job " + header_.job_id.ToHex() + " is " + std::string(JobStatusName(status_)) +
                                "; only a running job can take a savepoint"));
}

void JobMaster::TriggerCheckpoint(CheckpointType type, Reply<CheckpointId> reply) {
  if (status_ == JobStatus::kRunning || status_ == JobStatus::kRestarting) {
    checkpoints_->TriggerCheckpoint(type, std::move(reply));
    return;
  }
  reply(FailedPreconditionError("job " + header_.job_id.ToHex() + " is " + std::string(JobStatusName(status_)) +
                                "; only a running job can take a checkpoint"));
}

}  // namespace weir
