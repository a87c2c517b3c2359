// How a checkpoint of the coordinator ends: by metadata that is known, or by what came in between (docs/checkpointing.md, steps 7 to 10).
#include <algorithm>
#include <string>
#include <utility>
#include <vector>

#include "weir/base/fault_point.h"
#include "weir/base/logging.h"
#include "weir/jobmanager/checkpoint/checkpoint_coordinator.h"
#include "weir/jobmanager/checkpoint/snapshot_metadata.h"

namespace weir {

namespace {

// A file system that does not answer now may do so in a moment; one that is gone stays gone.
constexpr int kMetadataTries = 3;
constexpr Duration kMetadataPause{100};

std::string NameOf(SnapshotKind kind, CheckpointId id) {
  return (kind == SnapshotKind::kSavepoint ? "savepoint " : "checkpoint ") + id.ToString();
}

}  // namespace

void CheckpointCoordinator::Complete(CheckpointId id) {
  Pending& pending = *Find(id);
  std::vector<OperatorSubtaskState> states;
  for (auto& [attempt, state] : pending.acknowledged) {
    for (OperatorSubtaskState& each : state) states.push_back(std::move(each));
  }
  StatusOr<CheckpointMetadata> metadata = BuildMetadata(*options_.graph, options_.job_id, pending.trigger,
                                                        pending.sources, std::move(states), pending.is_last);
  if (!metadata.ok()) {
    Abort(id, metadata.status(), true);
    return;
  }
  pending.is_finalizing = true;
  FaultPoint("all-acknowledged");
  auto shared = std::make_shared<const CheckpointMetadata>(*std::move(metadata));
  WriteMetadata(id, std::move(shared));
}

void CheckpointCoordinator::WriteMetadata(CheckpointId id, std::shared_ptr<const CheckpointMetadata> metadata) {
  Pending* const pending = Find(id);
  if (has_ended_ || pending == nullptr) return;
  store_->Finalize(pending->trigger.location, metadata,
                   [this, id, metadata](const MetadataResult& result) { MetadataDone(id, metadata, result); });
}

void CheckpointCoordinator::MetadataDone(CheckpointId id, std::shared_ptr<const CheckpointMetadata> metadata,
                                         const MetadataResult& result) {
  if (has_ended_) return AnswerAfterEnd(id, result);
  // Written once more it may become known. Until then nobody may begin from an older one: what sinks hold for this one would be lost (I5, I7).
  if (Pending* const pending = Find(id);
      result.write == MetadataWrite::kUnknown && pending != nullptr && ++pending->metadata_tries < kMetadataTries) {
    retries_.push_back(
        options_.executor->PostAfter(kMetadataPause, [this, id, metadata] { WriteMetadata(id, metadata); }));
    return;
  }
  const MetadataOutcome outcome = FinishMetadata(options_.policy, state_, id, result.write, NowMs());
  const auto found = pending_.find(id);
  // Dropped meanwhile, since a newer one is complete: nobody waits for it, and its files are gone.
  if (found == pending_.end()) return Advance();
  if (outcome.complete) {
    Pending done = std::move(found->second);
    pending_.erase(found);
    Completed(std::move(done), *metadata, outcome);
  } else {
    const Status cause = result.error.Annotate("its metadata could not be written");
    const bool drained = found->second.trigger.drains;
    Drop(id, cause, outcome.keeps_files);
    options_.host->CheckpointEnded(id, false);
    if (outcome.fails_job || drained) FailJob(cause.Annotate(NameOf(metadata->kind, id) + " failed"));
  }
  Advance();
}

void CheckpointCoordinator::Completed(Pending done, const CheckpointMetadata& metadata,
                                      const MetadataOutcome& outcome) {
  const CheckpointId id = metadata.id;
  for (const CheckpointId older : outcome.aborted)
    Drop(older, AbortedError("a newer checkpoint is complete"), /*keeps_files=*/false);
  for (const CheckpointId older : outcome.subsumed) {
    store_->Discard(older);
    tracker_.Discarded(older);
    std::erase_if(older_, [older](const auto& snapshot) { return snapshot->metadata.id == older; });
  }
  const bool is_checkpoint = metadata.kind == SnapshotKind::kCheckpoint;
  const std::string path = done.trigger.location.directory;
  tracker_.Completed(id, path, WallMs());
  FaultPoint("metadata-known");
  if (is_checkpoint || done.trigger.stops) {
    const bool is_kept = latest_ != nullptr && std::ranges::count(state_.retained, latest_->metadata.id) > 0;
    if (is_kept) older_.push_back(latest_);
    has_completed_ = true;
    latest_ = std::make_shared<const CompletedSnapshot>(CompletedSnapshot{metadata, path});
    for (const LivingTask& task : done.tasks) options_.host->SendComplete(task.attempt, id);
  }
  FaultPoint("completion-told");
  options_.host->CheckpointEnded(id, is_checkpoint || done.trigger.stops);
  for (Reply<CheckpointId>& reply : done.asked_for) reply(id);
  if (done.trigger.stops) {
    stop_path_ = path;
    stop_reply_ = std::make_unique<Reply<std::string>>(std::move(done.reply));
  } else if (done.reply) {
    done.reply(path);
  }
}

void CheckpointCoordinator::AnswerAfterEnd(CheckpointId id, const MetadataResult& result) {
  Pending* const pending = Find(id);
  if (pending == nullptr || result.write == MetadataWrite::kUnknown) return;
  if (result.write == MetadataWrite::kNotWritten) return Drop(id, result.error, /*keeps_files=*/false);
  // Who asked for the job to stop with it did not get that.
  if (!pending->reply || pending->trigger.stops) return;
  std::exchange(pending->reply, {})(pending->trigger.location.directory);
  pending_.erase(id);
}

void CheckpointCoordinator::Abort(CheckpointId id, const Status& cause, bool counts) {
  const Pending* const pending = Find(id);
  if (pending == nullptr) return;
  const SnapshotKind kind = pending->kind;
  const bool cannot_be_undone = pending->trigger.drains && pending->is_triggered;
  const AbortOutcome outcome = AbortCheckpoint(options_.policy, state_, id, counts, NowMs());
  WEIR_LOG(kWarning, "{} of job {} is aborted: {}", NameOf(kind, id), options_.job_id.ToHex(), cause.message());
  Drop(id, cause, /*keeps_files=*/false);
  if (outcome.fails_job) {
    FailJob(cause.Annotate(NameOf(kind, id) + " failed, and execution.checkpointing.tolerable-failed-checkpoints is " +
                           std::to_string(options_.policy.tolerable_failures)));
  } else if (cannot_be_undone) {
    // Sources have ended event time: only a restart takes that back.
    FailJob(cause.Annotate("the savepoint with which the job was to stop failed after its sources had drained"));
  }
  Advance();
}

void CheckpointCoordinator::Drop(CheckpointId id, const Status& cause, bool keeps_files) {
  const auto found = pending_.find(id);
  if (found == pending_.end()) return;
  Pending dropped = std::move(found->second);
  pending_.erase(found);
  tracker_.Failed(id, cause, WallMs());
  // If it might be there, sinks keep what they hold for it: the next one commits that too, and so does a restore from it.
  if (dropped.is_triggered && !keeps_files) {
    for (const LivingTask& task : dropped.tasks) options_.host->SendAborted(task.attempt, id);
  }
  const bool has_files = !dropped.trigger.location.id.IsNone();
  if (has_files && !keeps_files) store_->DiscardPending(dropped.trigger.location);
  if (dropped.reply) dropped.reply(cause.Annotate("the savepoint failed"));
  for (Reply<CheckpointId>& reply : dropped.asked_for) reply(cause.Annotate("the checkpoint failed"));
}

}  // namespace weir
