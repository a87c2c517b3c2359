#include "weir/jobmanager/scheduler/job_master.h"

#include <algorithm>
#include <utility>

#include "weir/base/check.h"
#include "weir/base/logging.h"
#include "weir/config/cluster_options.h"
#include "weir/config/configuration.h"
#include "weir/jobmanager/checkpoint/snapshot_metadata.h"
#include "weir/jobmanager/scheduler/deployment.h"
#include "weir/jobmanager/scheduler/failure_text.h"
#include "weir/jobmanager/scheduler/scheduler_options.h"

namespace weir {

JobMaster::JobMaster(JobMasterOptions options, JobSubmission submission)
    : options_(std::move(options)),
      submission_(std::move(submission)),
      header_{options_.leader, submission_.job_id},
      checkpoint_settings_(CheckpointSettingsOf(*submission_.configuration)),
      restart_policy_(RestartPolicyFrom(*submission_.configuration, checkpoint_settings_.is_periodic)),
      cancellation_timeout_(submission_.configuration->Get(kTaskCancellationTimeout)),
      slot_request_timeout_(submission_.configuration->Get(kSlotRequestTimeout)),
      start_time_(options_.executor->clock().WallMillis()),
      layout_(LayOutSlots(*submission_.graph)),
      executions_(submission_.graph, *options_.random, start_time_),
      pool_(layout_.slots),
      checkpoints_(MakeCoordinator()),
      lacking_(executions_.regions().size()) {
  EnterStatus(JobStatus::kInitializing);
  EnterStatus(status_);
  for (int v = 0; v < static_cast<int>(submission_.graph->vertices.size()); ++v) {
    const JobVertex& vertex = submission_.graph->vertices[v];
    sources_.push_back(vertex.is_source() ? std::make_unique<SourceCoordinator>(
                                                SourceCoordinatorOptions{.vertex = v,
                                                                         .name = vertex.operators[0].name,
                                                                         .parallelism = vertex.parallelism,
                                                                         .source = vertex.operators[0].code.source,
                                                                         .file_system = options_.file_system,
                                                                         .executor = options_.executor,
                                                                         .host = this})
                                          : nullptr);
  }
}

JobMaster::~JobMaster() { *alive_ = false; }

std::unique_ptr<CheckpointCoordinator> JobMaster::MakeCoordinator() {
  StatusOr<CheckpointStorage> storage =
      CheckpointStorage::Of(*options_.file_system, header_.job_id, checkpoint_settings_.storage);
  if (!storage.ok()) {
    storage_error_ = storage.status();
    storage = CheckpointStorage::Of(*options_.file_system, header_.job_id, {.in_memory = true});
  }
  Executor& io = options_.io != nullptr ? *options_.io : *options_.executor;
  return std::make_unique<CheckpointCoordinator>(
      CheckpointCoordinatorOptions{.job_id = header_.job_id,
                                   .graph = submission_.graph,
                                   .policy = checkpoint_settings_.policy,
                                   .is_periodic = checkpoint_settings_.is_periodic,
                                   .is_unaligned = checkpoint_settings_.is_unaligned,
                                   .history = checkpoint_settings_.history,
                                   .executor = options_.executor,
                                   .host = this},
      std::make_unique<SnapshotStore>(*std::move(storage), *options_.executor, io));
}

EventTime JobMaster::Now() const { return options_.executor->clock().WallMillis(); }

void JobMaster::Later(Duration delay, Closure closure) {
  options_.executor->PostAfter(delay, [this, alive = alive_, closure = std::move(closure)]() mutable {
    if (*alive && !IsGloballyTerminal(status_)) closure();
  });
}

void JobMaster::SetStatus(JobStatus status) {
  if (status == status_) return;
  WEIR_CHECK(IsLegalTransition(status_, status)) << JobStatusName(status_) << " to " << JobStatusName(status);
  WEIR_LOG(kInfo, "job \"{}\" ({}) is {}, was {}", submission_.graph->name, header_.job_id.ToHex(),
           JobStatusName(status), JobStatusName(status_));
  status_ = status;
  EnterStatus(status);
}

void JobMaster::Start() {
  SetStatus(JobStatus::kRunning);
  Declare(pool_.size());
  checkpoints_->Start(options_.restored);
  Status status = storage_error_;
  if (status.ok()) status = StartSources();
  if (!status.ok()) {
    HandleGlobalFailure(std::move(status));
    return;
  }
  Schedule(AllRegions());
}

Status JobMaster::StartSources() {
  for (int vertex = 0; vertex < static_cast<int>(sources_.size()); ++vertex) {
    if (sources_[vertex] != nullptr) WEIR_RETURN_IF_ERROR(sources_[vertex]->Start(RestoredSource(vertex)));
  }
  return OkStatus();
}

void JobMaster::Declare(int slots) {
  options_.resource_manager->DeclareRequirements({.header = header_, .slots = slots}, options_.self);
}

void JobMaster::Schedule(const std::set<int>& regions) {
  for (const SubtaskRef& task : TasksOf(regions)) executions_.Transition(task, ExecutionState::kScheduled, Now());
  waiting_.insert(regions.begin(), regions.end());
  DeployWhatHasSlots();
}

void JobMaster::DeployWhatHasSlots() {
  const std::set<int> waiting = waiting_;
  for (const int region : waiting) DeployIfReady(region);
  ArmSlotTimeout();
}

void JobMaster::DeployIfReady(int region) {
  const std::vector<SubtaskRef>& tasks = executions_.regions()[region];
  // Slots come one by one, in their order: whoever looks at all tasks each time looks at 10^8 for 10 000 slots.
  size_t& next = lacking_[region];
  for (size_t looked = 0; looked < tasks.size(); ++looked) {
    if (SlotOf(tasks[next]) == nullptr) return;
    next = (next + 1) % tasks.size();
  }
  waiting_.erase(region);
  // Of all tasks first: each is told where those are that its channels lead to.
  for (const SubtaskRef& task : tasks) {
    const SlotOffer& offer = SlotOf(task)->offer;
    executions_.SetTaskManager(task, offer.task_manager, offer.data_address);
  }
  const std::shared_ptr<const DeployedRegion> deployed = DescribeRegion(executions_, region);
  for (const SubtaskRef& task : tasks) Deploy(task, deployed);
}

const SlotPool::Slot* JobMaster::SlotOf(const SubtaskRef& task) const {
  const int slot = layout_.SlotOf(task);
  return pool_.IsHeld(slot) ? &pool_.at(slot) : nullptr;
}

void JobMaster::Deploy(const SubtaskRef& task, const std::shared_ptr<const DeployedRegion>& region) {
  const SlotPool::Slot& slot = *SlotOf(task);
  executions_.Transition(task, ExecutionState::kDeploying, Now());
  TaskSubmission submission{.header = header_, .allocation_id = slot.offer.allocation_id};
  submission.descriptor = DescribeDeployment(executions_, task, region);
  submission.descriptor.job_id = header_.job_id;
  submission.descriptor.slot = slot.offer.slot;
  if (const auto& latest = checkpoints_->latest()) {
    RestoredTask restored = StateOfSubtask(latest->metadata, *submission_.graph, task.vertex, task.subtask);
    submission.descriptor.restored_checkpoint = latest->metadata.id;
    submission.descriptor.restored_state = std::move(restored.operators);
    submission.descriptor.redistributes_in_flight = restored.redistributes_in_flight;
  }
  submission.graph = submission_.graph;
  slot.gateway->SubmitTask(std::move(submission));
}

void JobMaster::ArmSlotTimeout() {
  if (waiting_.empty()) {
    ++slot_wait_;  // whoever waited has been served
    slot_timer_armed_ = false;
    return;
  }
  if (std::exchange(slot_timer_armed_, true)) return;
  Later(slot_request_timeout_, [this, wait = slot_wait_] {
    if (wait != slot_wait_ || waiting_.empty()) return;
    ++slot_wait_;
    slot_timer_armed_ = false;
    shortage_.missing = pool_.size() - pool_.held();
    HandleGlobalFailure(DescribeSlotShortage(pool_.size(), shortage_, slot_request_timeout_));
  });
}

bool JobMaster::IsPresent(const MessageHeader& header) {
  const bool present =
      header.leader == header_.leader && header.job_id == header_.job_id && !IsGloballyTerminal(status_);
  if (!present) ++stale_messages_;
  return present;
}

std::optional<SubtaskRef> JobMaster::FindPresent(const ExecutionAttemptId& attempt) {
  const std::optional<SubtaskRef> task = executions_.Find(attempt);
  if (!task.has_value()) ++stale_messages_;
  return task;
}

void JobMaster::OfferSlot(SlotOffer offer, std::shared_ptr<TaskExecutorGateway> gateway) {
  if (!IsPresent(offer.header) || pool_.IsComplete()) {
    gateway->FreeSlot(offer.header, offer.allocation_id);
    return;
  }
  const std::optional<int> slot = pool_.Add(std::move(offer), std::move(gateway));
  for (int vertex = 0; slot.has_value() && vertex < static_cast<int>(layout_.first_slot.size()); ++vertex) {
    const SubtaskRef task{vertex, *slot - layout_.first_slot[vertex]};
    if (task.subtask < 0 || task.subtask >= submission_.graph->vertices[vertex].parallelism) continue;
    const int region = executions_.RegionOf(task);
    if (waiting_.contains(region)) DeployIfReady(region);
  }
  ArmSlotTimeout();
}

void JobMaster::UpdateTaskState(LeaderId leader, TaskStateUpdate update) {
  if (!IsPresent({leader, update.job_id})) return;
  const std::optional<SubtaskRef> task = FindPresent(update.attempt_id);
  if (!task.has_value()) return;
  if (IsTerminal(update.state)) {
    TaskEnded(*task, update);
    return;
  }
  // A task that is being cancelled may still say that it has begun.
  if (!executions_.Transition(*task, update.state, Now())) ++stale_messages_;
  // None begins before all tasks run; to look at all of them for each that begins is quadratic.
  if (executions_.AllStarted()) checkpoints_->TasksChanged();
}

void JobMaster::TaskEnded(const SubtaskRef& task, TaskStateUpdate& update) {
  const ExecutionState before = executions_.Current(task).state;
  if (IsTerminal(before)) {
    ++stale_messages_;
    return;
  }
  watermark_groups_.Forget({task.vertex, task.subtask});
  executions_.SetStatistics(task, update.statistics);
  executions_.SetAccumulators(task, std::move(update.accumulators));
  // However a task ends that is being cancelled, it is what the cancellation asked for.
  if (before == ExecutionState::kCanceling) {
    if (update.state == ExecutionState::kFailed) LearnCause(task, update.error);
    executions_.Transition(task, ExecutionState::kCanceled, Now());
    Advance();
  } else if (update.state == ExecutionState::kFinished) {
    TaskFinished(task);
  } else {
    TaskFailed(task, update);
  }
}

void JobMaster::TaskFinished(const SubtaskRef& task) {
  // A TaskManager may leave out states that nobody would have seen.
  for (ExecutionState state : {ExecutionState::kInitializing, ExecutionState::kRunning, ExecutionState::kFinished})
    executions_.Transition(task, state, Now());
  checkpoints_->TaskFinished(executions_.Current(task).id);
  Advance();
  checkpoints_->TasksChanged();
}

void JobMaster::TaskFailed(const SubtaskRef& task, const TaskStateUpdate& update) {
  const bool has_run = executions_.Current(task).state == ExecutionState::kRunning;
  Status error = update.state == ExecutionState::kFailed
                     ? DescribeTaskFailure(executions_, task, update.error)
                     : UnavailableError("task " + executions_.NameOf(task) + " was cancelled by its TaskManager");
  executions_.Transition(task, ExecutionState::kFailed, Now());
  executions_.SetFailure(task, error);
  // Within a restart, others may say the same of the same checkpoint.
  const bool is_beginning = !has_run && !IsRestarting(executions_.RegionOf(task));
  if (is_beginning && checkpoints_->FallBack(update.error)) {
    HandleGlobalFailure(std::move(error));
  } else if (is_beginning && checkpoints_->IsHopeless(update.error)) {
    FailForDamage(std::move(error), task);
  } else {
    HandleFailure({executions_.RegionOf(task)}, std::move(error), task);
  }
}

void JobMaster::RegisterReader(MessageHeader header, ExecutionAttemptId attempt) {
  if (!IsPresent(header)) return;
  const std::optional<SubtaskRef> task = FindPresent(attempt);
  if (task.has_value() && sources_[task->vertex] != nullptr) sources_[task->vertex]->RegisterReader(task->subtask);
}

void JobMaster::RequestSplit(MessageHeader header, ExecutionAttemptId attempt) {
  if (!IsPresent(header)) return;
  const std::optional<SubtaskRef> task = FindPresent(attempt);
  if (task.has_value() && sources_[task->vertex] != nullptr) sources_[task->vertex]->HandleSplitRequest(task->subtask);
}

void JobMaster::ReportWatermark(MessageHeader header, ExecutionAttemptId attempt, WatermarkReport report) {
  if (!IsPresent(header)) return;
  const std::optional<SubtaskRef> task = FindPresent(attempt);
  if (!task.has_value() || IsTerminal(executions_.Current(*task).state)) return;
  const int64_t limit = watermark_groups_.Report({task->vertex, task->subtask}, report);
  if (const SlotPool::Slot* slot = SlotOf(*task)) slot->gateway->LimitWatermark(header_, attempt, limit);
}

void JobMaster::SendSplits(int vertex, int subtask, std::vector<std::string> splits) {
  const SubtaskRef task{vertex, subtask};
  if (const SlotPool::Slot* slot = SlotOf(task))
    slot->gateway->AddSplits(header_, executions_.Current(task).id, std::move(splits));
}

void JobMaster::SendNoMoreSplits(int vertex, int subtask) {
  const SubtaskRef task{vertex, subtask};
  if (const SlotPool::Slot* slot = SlotOf(task)) slot->gateway->NoMoreSplits(header_, executions_.Current(task).id);
}

void JobMaster::SourceFailed(int vertex, Status cause) {
  // Not within the coordinator's call: the failover may replace its enumerator.
  Later(Duration(0), [this, cause = std::move(cause)]() mutable { HandleGlobalFailure(std::move(cause)); });
}

void JobMaster::ReportStatistics(StatisticsReport report) {
  if (!IsPresent(report.header)) return;
  for (const auto& [attempt, statistics] : report.tasks) {
    const std::optional<SubtaskRef> task = FindPresent(attempt);
    if (task.has_value() && !IsTerminal(executions_.Current(*task).state)) executions_.SetStatistics(*task, statistics);
  }
}

void JobMaster::NotifySlotShortage(SlotShortage shortage) {
  if (IsPresent(shortage.header)) shortage_ = shortage;
}

}  // namespace weir
