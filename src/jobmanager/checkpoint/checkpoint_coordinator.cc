#include "weir/jobmanager/checkpoint/checkpoint_coordinator.h"

#include <algorithm>
#include <limits>
#include <set>

#include "weir/base/fault_point.h"
#include "weir/base/logging.h"
#include "weir/jobmanager/checkpoint/snapshot_metadata.h"

namespace weir {

namespace {

constexpr int64_t kNever = std::numeric_limits<int64_t>::max();

}  // namespace

CheckpointCoordinator::CheckpointCoordinator(CheckpointCoordinatorOptions options, std::unique_ptr<SnapshotStore> store)
    : options_(std::move(options)),
      store_(std::move(store)),
      tracker_(options_.graph, options_.history, options_.is_unaligned) {}

CheckpointCoordinator::~CheckpointCoordinator() {
  timer_.Cancel();
  for (TimerHandle& retry : retries_) retry.Cancel();
}

int64_t CheckpointCoordinator::NowMs() const { return options_.executor->clock().MonotonicNanos() / 1'000'000; }

CheckpointCoordinator::Pending* CheckpointCoordinator::Find(CheckpointId id) {
  const auto found = pending_.find(id);
  return found == pending_.end() ? nullptr : &found->second;
}

std::optional<SubtaskPlace> CheckpointCoordinator::PlaceOf(CheckpointId id, const ExecutionAttemptId& attempt) {
  const Pending* const pending = Find(id);
  if (pending == nullptr) return std::nullopt;
  const auto found = std::ranges::find(pending->tasks, attempt, &LivingTask::attempt);
  return found == pending->tasks.end() ? std::nullopt : std::optional(found->place);
}

void CheckpointCoordinator::Start(std::shared_ptr<const RestoredSnapshot> restored) {
  if (restored != nullptr) {
    latest_ = std::shared_ptr<const CompletedSnapshot>(restored, &restored->snapshot);
    TasksRestored();
  }
  store_->Open(std::move(restored), options_.is_periodic, [this](StatusOr<OpenedStore> opened) {
    if (has_ended_) return;
    if (!opened.ok()) {
      options_.host->CheckpointStorageFailed(opened.status().Annotate("the checkpoint storage cannot be used"));
      return;
    }
    state_.last_id = std::max(state_.last_id, opened->last_id);
    for (std::shared_ptr<const CompletedSnapshot>& kept : opened->kept) {
      state_.retained.push_back(kept->metadata.id);
      if (latest_ != nullptr && kept->metadata.id < latest_->metadata.id) older_.push_back(std::move(kept));
    }
    is_open_ = true;
    Advance();
  });
}

void CheckpointCoordinator::TasksChanged() { Advance(); }

void CheckpointCoordinator::TasksRestored() {
  if (latest_ == nullptr) return;
  const CheckpointMetadata& metadata = latest_->metadata;
  tracker_.Restored({.id = metadata.id, .kind = metadata.kind, .time_ms = WallMs(), .path = latest_->directory});
}

void CheckpointCoordinator::TaskFinished(const ExecutionAttemptId& attempt) {
  std::vector<CheckpointId> complete;
  for (const PendingCheckpoint& pending : state_.pending) {
    if (pending.missing.contains(attempt)) complete.push_back(pending.id);
  }
  for (const CheckpointId id : complete) {
    const Pending* const pending = Find(id);
    // Before it is triggered the task is simply no part of it.
    const bool is_last = weir::Acknowledge(state_, id, attempt) == Acknowledged::kComplete;
    if (const auto place = PlaceOf(id, attempt)) tracker_.Finished(id, *place);
    if (is_last && pending != nullptr && pending->is_triggered) Complete(id);
  }
}

void CheckpointCoordinator::Advance() {
  if (!is_open_ || has_ended_) return;
  ExpireOld();
  const CheckpointTasks tasks = options_.host->Tasks();
  if (tasks.all_run && !std::exchange(has_run_, true)) state_.last_trigger_ms = NowMs();
  while (!has_ended_) {
    const CheckpointFacts facts{.now_ms = NowMs(),
                                .all_tasks_run = tasks.all_run && !is_stopping() && !StopIsUnderWay(),
                                .is_periodic = options_.is_periodic,
                                .all_input_read = tasks.all_ended && !final_triggered_,
                                .savepoint_requested = !wanted_.empty(),
                                .checkpoint_requested = !wanted_checkpoints_.empty()};
    const TriggerDecision decision = DecideTrigger(options_.policy, state_, facts);
    if (decision.kind != TriggerDecision::Kind::kTrigger) {
      SetTimer(std::min(decision.kind == TriggerDecision::Kind::kWait ? decision.at_ms : kNever,
                        NextExpiry(options_.policy, state_)));
      return;
    }
    if (decision.snapshot == SnapshotKind::kCheckpoint && tasks.all_ended) final_triggered_ = true;
    Begin(decision.snapshot);
  }
}

void CheckpointCoordinator::SetTimer(int64_t at_ms) {
  if (at_ms == timer_ms_) return;
  timer_.Cancel();
  timer_ms_ = at_ms;
  if (at_ms == kNever) return;
  // The store's answers and this timer never outlive the coordinator: it cancels the one, and the other is dropped.
  timer_ = options_.executor->PostAfter(std::chrono::milliseconds(std::max<int64_t>(0, at_ms - NowMs())), [this] {
    timer_ms_ = kNever;
    Advance();
  });
}

void CheckpointCoordinator::ExpireOld() {
  for (const CheckpointId id : ExpiredCheckpoints(options_.policy, state_, NowMs())) {
    const Pending* const pending = Find(id);
    const size_t missing = pending == nullptr ? 0 : pending->tasks.size() - pending->acknowledged.size();
    Abort(id,
          DeadlineExceededError("it was not complete within execution.checkpointing.timeout; " +
                                std::to_string(missing) + " tasks have not acknowledged it"),
          true);
  }
}

void CheckpointCoordinator::Begin(SnapshotKind kind) {
  CheckpointTasks all = options_.host->Tasks();
  std::vector<LivingTask> tasks = std::move(all.living);
  std::set<ExecutionAttemptId> attempts;
  std::vector<SubtaskPlace> places;
  for (const LivingTask& task : tasks) {
    attempts.insert(task.attempt);
    places.push_back(task.place);
  }
  const CheckpointId id = BeginCheckpoint(state_, kind, std::move(attempts), NowMs());
  Pending& pending = pending_[id];
  pending.tasks = std::move(tasks);
  pending.kind = kind;
  pending.is_last = all.all_ended;
  pending.trigger.id = id;
  pending.trigger.time_ms = WallMs();
  tracker_.Began(id, kind, places, pending.trigger.time_ms);
  const auto located = [this, id](StatusOr<SnapshotLocation> location) { Located(id, std::move(location)); };
  if (kind == SnapshotKind::kCheckpoint) {
    pending.asked_for = std::exchange(wanted_checkpoints_, {});
    store_->Begin(id, std::exchange(wants_full_, false), located);
    return;
  }
  Wanted wanted = std::move(wanted_.front());
  wanted_.erase(wanted_.begin());
  pending.reply = std::move(wanted.reply);
  pending.trigger.stops = wanted.request.stops;
  pending.trigger.drains = wanted.request.drains;
  pending.answers_early = wanted.request.is_detached;
  store_->BeginSavepoint(id, wanted.request.format, std::move(wanted.request.directory), located);
}

void CheckpointCoordinator::Located(CheckpointId id, StatusOr<SnapshotLocation> location) {
  Pending* const pending = Find(id);
  if (pending == nullptr) {  // aborted meanwhile
    if (location.ok()) store_->DiscardPending(*std::move(location));
    return;
  }
  if (!location.ok()) {
    Abort(id, location.status(), true);
    return;
  }
  pending->trigger.location = *std::move(location);
  FaultPoint("checkpoint-begun");
  StatusOr<std::vector<std::pair<OperatorId, std::string>>> sources = options_.host->SnapshotSources(id);
  if (!sources.ok()) {
    Abort(id, sources.status(), true);
    return;
  }
  pending->sources = *std::move(sources);
  pending->is_triggered = true;
  tracker_.Triggered(pending->trigger);
  if (pending->answers_early) {
    std::exchange(pending->reply, [](const StatusOr<std::string>&) {})(pending->trigger.location.directory);
  }
  for (const LivingTask& task : pending->tasks) options_.host->SendTrigger(task.attempt, pending->trigger);
  FaultPoint("triggers-sent");
  const auto facts = std::ranges::find(state_.pending, id, &PendingCheckpoint::id);
  if (facts != state_.pending.end() && facts->missing.empty()) Complete(id);
}

void CheckpointCoordinator::Acknowledge(CheckpointAcknowledgement acknowledgement) {
  const CheckpointId id = acknowledgement.id;
  Pending* const pending = Find(id);
  if (const auto place = PlaceOf(id, acknowledgement.attempt_id)) {
    Status fits = CheckSubtaskStates(*options_.graph, place->vertex, place->subtask, acknowledgement.state);
    if (!fits.ok()) {
      return Decline({.header = acknowledgement.header,
                      .attempt_id = acknowledgement.attempt_id,
                      .id = id,
                      .reason = std::move(fits)});
    }
  }
  switch (weir::Acknowledge(state_, id, acknowledgement.attempt_id)) {
    case Acknowledged::kDoubled:
      return;
    case Acknowledged::kStale:
      store_->DiscardLate(std::move(acknowledgement.state));
      return;
    case Acknowledged::kAccepted:
    case Acknowledged::kComplete:
      break;
  }
  FaultPoint("task-acknowledged");
  store_->OnAcknowledged(id, acknowledgement.state);
  if (const auto place = PlaceOf(id, acknowledgement.attempt_id)) {
    uint64_t bytes = 0;
    for (const OperatorSubtaskState& state : acknowledgement.state) bytes += StateBytes(state);
    tracker_.Acknowledged(id, *place, acknowledgement.metrics, static_cast<int64_t>(bytes), WallMs());
  }
  pending->acknowledged[acknowledgement.attempt_id] = std::move(acknowledgement.state);
  const auto facts = std::ranges::find(state_.pending, id, &PendingCheckpoint::id);
  if (facts->missing.empty()) Complete(id);
}

void CheckpointCoordinator::Decline(const CheckpointDecline& decline) {
  const auto facts = std::ranges::find(state_.pending, decline.id, &PendingCheckpoint::id);
  if (facts == state_.pending.end() || !facts->missing.contains(decline.attempt_id)) return;
  // A newer barrier that came first is no failure.
  Abort(decline.id, decline.reason, decline.reason.code() != StatusCode::kAborted);
}

void CheckpointCoordinator::AbortAll(const Status& cause) {
  final_triggered_ = false;
  if (const auto reply = std::move(stop_reply_)) {
    (*reply)(
        cause.Annotate("the savepoint " + stop_path_ + " is complete, but the job did not stop with it and runs on"));
  }
  std::vector<CheckpointId> lost;
  for (const auto& [id, pending] : pending_) {
    if (!pending.is_finalizing) lost.push_back(id);
  }
  for (const CheckpointId id : lost) {
    AbortCheckpoint(options_.policy, state_, id, /*counts=*/false, NowMs());
    Drop(id, cause, /*keeps_files=*/false);
  }
}

bool CheckpointCoordinator::is_finalizing() const {
  return std::ranges::any_of(pending_, [](const auto& each) { return each.second.is_finalizing; });
}

bool CheckpointCoordinator::StopIsUnderWay() const {
  return std::ranges::any_of(pending_, [](const auto& each) { return each.second.trigger.stops; });
}

bool CheckpointCoordinator::is_draining() const {
  return std::ranges::any_of(pending_,
                             [](const auto& each) { return each.second.trigger.drains && each.second.is_triggered; });
}

bool CheckpointCoordinator::SaysThatLatestIsDamaged(const Status& failure) const {
  if (latest_ == nullptr || failure.code() != StatusCode::kDataLoss) return false;
  // Its own files, or those that it shares with others; damage of anything else is the job's affair.
  const std::string& folder = latest_->directory;
  const std::string shared = folder.substr(0, folder.rfind('/') + 1) + "shared/";
  return failure.message().find(folder + "/") != std::string::npos ||
         failure.message().find(shared) != std::string::npos;
}

bool CheckpointCoordinator::IsHopeless(const Status& failure) const {
  return is_open_ && !has_completed_ && older_.empty() && SaysThatLatestIsDamaged(failure);
}

bool CheckpointCoordinator::FallBack(const Status& failure) {
  if (older_.empty() || !SaysThatLatestIsDamaged(failure)) return false;
  const std::string& folder = latest_->directory;
  WEIR_LOG(kError, "checkpoint {} is damaged; job {} goes back to the one before, {}: {}", folder,
           options_.job_id.ToHex(), older_.back()->directory, failure.message());
  latest_ = std::move(older_.back());
  older_.pop_back();
  return true;
}

void CheckpointCoordinator::FailJob(Status cause) { options_.host->CheckpointsFailed(std::move(cause)); }

void CheckpointCoordinator::TriggerSavepoint(SavepointRequest request, Reply<std::string> reply) {
  if (has_ended_ || is_stopping()) {
    reply(FailedPreconditionError("job " + options_.job_id.ToHex() + " is ending"));
    return;
  }
  wanted_.push_back({std::move(request), std::move(reply)});
  Advance();
}

void CheckpointCoordinator::TriggerCheckpoint(CheckpointType type, Reply<CheckpointId> reply) {
  if (has_ended_ || is_stopping()) {
    reply(FailedPreconditionError("job " + options_.job_id.ToHex() + " is ending"));
    return;
  }
  if (!options_.is_periodic) {
    reply(
        FailedPreconditionError("job " + options_.job_id.ToHex() +
                                " takes no checkpoints: execution.checkpointing.interval is not set. Take a savepoint "
                                "instead."));
    return;
  }
  wanted_checkpoints_.push_back(std::move(reply));
  wants_full_ |= type == CheckpointType::kFull;
  Advance();
}

void CheckpointCoordinator::JobEnded(const Status& result, bool keeps, UniqueFunction<void(Closure)> prepare,
                                     Closure done) {
  has_ended_ = true;
  timer_.Cancel();
  auto stop_reply = std::move(stop_reply_);
  AbortAll(CancelledError("the job has ended"));
  for (Wanted& wanted : std::exchange(wanted_, {}))
    wanted.reply(FailedPreconditionError("the job ended before the savepoint could begin"));
  for (Reply<CheckpointId>& reply : std::exchange(wanted_checkpoints_, {}))
    reply(FailedPreconditionError("the job ended before the checkpoint could begin"));
  // One that stopped with a savepoint has input left.
  const bool has_finished = result.ok() && stop_reply == nullptr;
  const LeftBehind unless_kept = has_finished ? LeftBehind::kNothingOfFinished : LeftBehind::kNothing;
  const LeftBehind left = keeps ? LeftBehind::kAll : unless_kept;
  prepare([this, left, result, stop_reply = std::move(stop_reply), done = std::move(done)]() mutable {
    if (stop_reply != nullptr) {
      (*stop_reply)(result.ok() ? StatusOr<std::string>(stop_path_) : StatusOr<std::string>(result));
    }
    TidyUp(left, std::move(done));
  });
}

void CheckpointCoordinator::TidyUp(LeftBehind what, Closure done) {
  store_->Close(what, [this, done = std::move(done)](const Status& status) mutable {
    if (!status.ok()) WEIR_LOG(kWarning, "checkpoints of an ended job could not be deleted: {}", status.message());
    // Metadata that was being written is answered for by now, or will not be written again.
    while (!pending_.empty()) {
      const std::string metadata = pending_.begin()->second.trigger.location.directory + "/_metadata";
      const Status cause =
          CancelledError("the job ended while " + metadata + " was being written; see whether it is there");
      Drop(pending_.begin()->first, cause, /*keeps_files=*/true);
    }
    done();
  });
}

}  // namespace weir
