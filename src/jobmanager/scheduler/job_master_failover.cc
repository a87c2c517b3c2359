// How a JobMaster handles failures and cancellation, and how a job ends.
#include <algorithm>
#include <map>
#include <utility>

#include "weir/base/logging.h"
#include "weir/base/random.h"
#include "weir/jobmanager/scheduler/failure_text.h"
#include "weir/jobmanager/scheduler/job_master.h"

namespace weir {

std::set<int> JobMaster::AllRegions() const {
  std::set<int> regions;
  for (int region = 0; region < static_cast<int>(executions_.regions().size()); ++region)
    regions.insert(regions.end(), region);
  return regions;
}

std::vector<SubtaskRef> JobMaster::TasksOf(const std::set<int>& regions) const {
  std::vector<SubtaskRef> tasks;
  for (int region : regions) {
    const std::vector<SubtaskRef>& more = executions_.regions()[region];
    tasks.insert(tasks.end(), more.begin(), more.end());
  }
  return tasks;
}

bool JobMaster::IsRestarting(int region) const {
  return std::ranges::any_of(restarts_, [&](const Restart& restart) { return restart.regions.contains(region); });
}

void JobMaster::TaskExecutorLost(MessageHeader header, TaskManagerId task_manager, Status cause) {
  if (!IsPresent(header)) return;
  pool_.RemoveTaskManager(task_manager);
  const Status lost =
      UnavailableError("TaskManager \"" + task_manager.value() + "\" was lost: " + std::string(cause.message()));
  std::set<int> regions;
  for (const SubtaskRef& task : executions_.tasks()) {
    const Execution& execution = executions_.Current(task);
    if (execution.task_manager != task_manager || IsTerminal(execution.state)) continue;
    // What was being cancelled there is gone as well.
    const bool canceling = execution.state == ExecutionState::kCanceling;
    executions_.Transition(task, canceling ? ExecutionState::kCanceled : ExecutionState::kFailed, Now());
    executions_.SetFailure(task, lost);
    if (!canceling) regions.insert(executions_.RegionOf(task));
  }
  if (!regions.empty()) {
    HandleFailure(std::move(regions), lost);  // one failure, however many tasks ran there
  } else {
    Advance();
  }
}

void JobMaster::HandleGlobalFailure(Status cause) { HandleFailure(AllRegions(), std::move(cause)); }

void JobMaster::HandleFailure(std::set<int> regions, Status cause, std::optional<SubtaskRef> task) {
  std::erase_if(regions, [&](int region) { return IsRestarting(region); });
  const bool is_echo = regions.empty() || status_ == JobStatus::kFailing || status_ == JobStatus::kCancelling;
  if (is_echo) {
    if (task.has_value()) RememberConcurrent(cause, *task);
    Advance();
    return;
  }
  cause_ = std::move(cause);
  // Sources that have drained have ended event time, and tasks that the job stopped with have finished: only a restart of all takes that back.
  if (checkpoints_->is_draining() || checkpoints_->is_stopping()) {
    regions = AllRegions();
    std::erase_if(regions, [&](int region) { return IsRestarting(region); });
  }
  checkpoints_->AbortAll(AbortedError("the job fails over: " + std::string(cause_.message())));
  RememberFailure(cause_, task);
  const int64_t now_ms = options_.executor->clock().MonotonicNanos() / 1'000'000;
  RestartDecision decision = DecideRestart(restart_policy_, restart_history_, now_ms, options_.random->UniformDouble());
  restart_history_ = std::move(decision.history);
  if (decision.restarts) {
    BeginRestart(std::move(regions), decision.delay);
  } else {
    refusal_ = decision.reason;
    FailJob(DescribeJobFailure(submission_.graph->name, cause_, refusal_));
  }
}

void JobMaster::FailForDamage(Status cause, const SubtaskRef& task) {
  if (status_ == JobStatus::kFailing || status_ == JobStatus::kCancelling)
    return HandleFailure({executions_.RegionOf(task)}, std::move(cause), task);
  cause_ = std::move(cause);
  RememberFailure(cause_, task);
  refusal_ = "what the job was started from is damaged, so that no restart would help";
  keeps_damaged_ = true;
  FailJob(DescribeJobFailure(submission_.graph->name, cause_, refusal_));
}

void JobMaster::LearnCause(const SubtaskRef& task, const Status& error) {
  // A lost connection is often heard of before the death of the process at its other end, which is the cause.
  const bool is_in_failover = status_ == JobStatus::kRestarting || status_ == JobStatus::kFailing;
  if (!is_in_failover || error.code() == StatusCode::kAborted) return;
  const Status described = DescribeTaskFailure(executions_, task, error);
  if (cause_.code() != StatusCode::kAborted) {
    RememberConcurrent(described, task);
    return;
  }
  cause_ = described;
  if (!failures_.empty()) failures_.erase(failures_.begin());
  RememberFailure(cause_, task);
  if (status_ == JobStatus::kFailing) error_ = DescribeJobFailure(submission_.graph->name, cause_, refusal_);
}

void JobMaster::BeginRestart(std::set<int> regions, Duration delay) {
  WEIR_LOG(kWarning, "job \"{}\" ({}) restarts in {}: {}", submission_.graph->name, header_.job_id.ToHex(),
           DurationText(delay), cause_.message());
  SetStatus(JobStatus::kRestarting);
  ++restart_count_;
  for (int region : regions) waiting_.erase(region);
  const std::vector<SubtaskRef> tasks = TasksOf(regions);
  restarts_.push_back({.regions = std::move(regions)});
  CancelTasks(tasks);
  Later(delay, [this, first = *restarts_.back().regions.begin()] {
    // The restart is known by its first region: no other has it at the same time.
    for (Restart& restart : restarts_) {
      if (*restart.regions.begin() == first) restart.waited = true;
    }
    Advance();
  });
}

void JobMaster::Advance() {
  switch (status_) {
    case JobStatus::kFailing:
      if (executions_.AllTerminal(executions_.tasks())) End(JobStatus::kFailed);
      return;
    case JobStatus::kCancelling:
      if (executions_.AllTerminal(executions_.tasks())) End(JobStatus::kCanceled);
      return;
    case JobStatus::kRestarting:
      AdvanceRestarts();
      return;
    case JobStatus::kRunning:
      if (executions_.AllFinished()) End(JobStatus::kFinished);
      return;
    default:
      return;
  }
}

void JobMaster::AdvanceRestarts() {
  if (checkpoints_->is_finalizing()) return;  // it may be what the restart begins from
  const auto ready = std::ranges::find_if(restarts_, [&](const Restart& restart) {
    return restart.waited && executions_.AllTerminal(TasksOf(restart.regions));
  });
  if (ready == restarts_.end()) return;
  const Restart restart = std::move(*ready);
  restarts_.erase(ready);
  FinishRestart(restart);
  Advance();
}

void JobMaster::FinishRestart(const Restart& restart) {
  const std::vector<SubtaskRef> tasks = TasksOf(restart.regions);
  for (const SubtaskRef& task : tasks) {
    read_all_.erase(executions_.Current(task).id);
    executions_.Reset(task, Now());
  }
  checkpoints_->TasksRestored();
  if (restarts_.empty()) SetStatus(JobStatus::kRunning);
  Status status = ResetSources(tasks);
  if (!status.ok()) {
    HandleGlobalFailure(std::move(status));
    return;
  }
  Schedule(restart.regions);
}

Status JobMaster::ResetSources(const std::vector<SubtaskRef>& tasks) {
  std::map<int, std::vector<int>> subtasks;
  for (const SubtaskRef& task : tasks) {
    if (sources_[task.vertex] != nullptr) subtasks[task.vertex].push_back(task.subtask);
  }
  Status status;
  for (const auto& [vertex, which] : subtasks)
    status.Update(sources_[vertex]->ResetSubtasks(which, RestoredSource(vertex)));
  return status;
}

Status JobMaster::Cancel() {
  if (IsGloballyTerminal(status_)) {
    return FailedPreconditionError("job " + header_.job_id.ToHex() +
                                   " has ended: " + std::string(JobStatusName(status_)));
  }
  if (status_ == JobStatus::kCancelling) return OkStatus();
  if (status_ == JobStatus::kFailing) {
    return FailedPreconditionError("job " + header_.job_id.ToHex() + " has failed and is already being stopped");
  }
  SetStatus(JobStatus::kCancelling);
  restarts_.clear();
  waiting_.clear();
  CancelTasks(executions_.tasks());
  checkpoints_->AbortAll(CancelledError("the job is cancelled"));
  Advance();
  return OkStatus();
}

void JobMaster::FailJob(Status error) {
  error_ = std::move(error);
  SetStatus(JobStatus::kFailing);
  restarts_.clear();
  waiting_.clear();
  CancelTasks(executions_.tasks());
  Advance();
}

void JobMaster::CancelTasks(const std::vector<SubtaskRef>& tasks) {
  std::vector<SubtaskRef> asked;
  for (const SubtaskRef& task : tasks) {
    const Execution& execution = executions_.Current(task);
    if (IsTerminal(execution.state) || execution.state == ExecutionState::kCanceling) continue;
    const bool deployed = execution.state != ExecutionState::kCreated && execution.state != ExecutionState::kScheduled;
    executions_.Transition(task, ExecutionState::kCanceling, Now());
    const SlotPool::Slot* slot = deployed ? SlotOf(task) : nullptr;
    if (slot == nullptr) {
      executions_.Transition(task, ExecutionState::kCanceled, Now());
      continue;
    }
    slot->gateway->CancelTask(header_, execution.id);
    asked.push_back(task);
  }
  ArmCancellationTimeout(asked);
}

void JobMaster::ArmCancellationTimeout(const std::vector<SubtaskRef>& tasks) {
  if (tasks.empty() || cancellation_timeout_ == Duration(0)) return;
  std::vector<ExecutionAttemptId> attempts;
  for (const SubtaskRef& task : tasks) attempts.push_back(executions_.Current(task).id);
  Later(cancellation_timeout_, [this, attempts = std::move(attempts)] {
    std::vector<SubtaskRef> stuck;
    for (const ExecutionAttemptId& attempt : attempts) {
      const std::optional<SubtaskRef> task = executions_.Find(attempt);
      if (task.has_value() && !IsTerminal(executions_.Current(*task).state)) stuck.push_back(*task);
    }
    if (!stuck.empty()) GiveUp(stuck);
  });
}

void JobMaster::GiveUp(const std::vector<SubtaskRef>& stuck) {
  const Status cause = DescribeStuckTasks(executions_, stuck, cancellation_timeout_);
  // The first cause stays in front: the stuck task is what came of it.
  if (!error_.ok()) {
    error_ = Status(error_.code(), std::string(error_.message()) + " (" + std::string(cause.message()) + ")");
  } else if (status_ == JobStatus::kRestarting) {
    error_ = DescribeJobFailure(submission_.graph->name, cause_, std::string(cause.message()));
  } else {
    error_ = DescribeJobFailure(submission_.graph->name, cause, "");
  }
  if (status_ == JobStatus::kRestarting) SetStatus(JobStatus::kFailing);
  End(JobStatus::kFailed);
}

void JobMaster::End(JobStatus status) {
  SetStatus(status);
  end_time_ = Now();
  restarts_.clear();
  waiting_.clear();
  for (auto& source : sources_) source.reset();
  for (const SlotPool::Slot& slot : pool_.ReleaseAll()) slot.gateway->FreeSlot(header_, slot.offer.allocation_id);
  Declare(0);
  const Status outcome =
      status_ == JobStatus::kFinished ? OkStatus() : (error_.ok() ? CancelledError("the job was cancelled") : error_);
  const bool keeps = keeps_damaged_ || KeepsCheckpoints(checkpoint_settings_.retention, status_);
  checkpoints_->JobEnded(
      outcome, keeps, [this](Closure then) { KeepResult(std::move(then)); },
      [this, alive = alive_] {
        if (*alive) options_.on_end(Result());
      });
}

void JobMaster::KeepResult(Closure then) {
  if (!options_.keep_result) return then();
  options_.keep_result(Result(), [executor = options_.executor, alive = alive_, then = std::move(then)]() mutable {
    executor->Post([alive = std::move(alive), then = std::move(then)]() mutable {
      if (*alive) then();
    });
  });
}

JobResult JobMaster::Result() const {
  return {.job_id = header_.job_id,
          .job_name = submission_.graph->name,
          .status = status_,
          .error = error_,
          .accumulators = executions_.SumAccumulators(),
          .start_time = FromEventTime(start_time_),
          .end_time = FromEventTime(end_time_)};
}

}  // namespace weir
