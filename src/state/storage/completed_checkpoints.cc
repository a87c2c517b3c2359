#include "weir/state/storage/completed_checkpoints.h"

#include <algorithm>
#include <utility>

namespace weir {

StatusOr<std::vector<Status>> CompletedCheckpoints::Recover(SnapshotCheck check) {
  std::vector<Status> damaged;
  WEIR_ASSIGN_OR_RETURN(std::vector<FoundCheckpoint> found, storage_->List(check));
  for (FoundCheckpoint& checkpoint : found) {
    if (checkpoint.damage.ok()) {
      Keep({.metadata = std::move(checkpoint.metadata), .directory = std::move(checkpoint.directory)});
    } else if (checkpoint.damage.code() != StatusCode::kNotFound) {
      damaged.push_back(checkpoint.damage.Annotate("checkpoint " + checkpoint.directory));
    }
  }
  WEIR_RETURN_IF_ERROR(RecoverClaimed(check, damaged));
  WEIR_RETURN_IF_ERROR(storage_->Sweep().status());
  return damaged;
}

Status CompletedCheckpoints::RecoverClaimed(SnapshotCheck check, std::vector<Status>& damaged) {
  WEIR_ASSIGN_OR_RETURN(const std::string claimed, storage_->Claimed());
  if (claimed.empty()) return OkStatus();
  StatusOr<CompletedSnapshot> snapshot = LoadSnapshot(storage_->files(), claimed, check);
  if (snapshot.ok()) {
    Keep(*std::move(snapshot));
  } else if (snapshot.status().code() != StatusCode::kNotFound) {
    damaged.push_back(snapshot.status().Annotate("the claimed snapshot " + claimed));
  }
  return OkStatus();
}

Status CompletedCheckpoints::AddRestored(CompletedSnapshot snapshot, RestoreMode mode) {
  const bool is_own = std::any_of(kept_.begin(), kept_.end(),
                                  [&](const CompletedSnapshot& kept) { return kept.directory == snapshot.directory; });
  if (is_own) return OkStatus();
  switch (mode) {
    case RestoreMode::kNoClaim:
      needs_full_ = true;
      break;
    case RestoreMode::kClaim:
      WEIR_RETURN_IF_ERROR(storage_->NoteClaimed(snapshot.directory));
      Keep(std::move(snapshot));
      break;
    case RestoreMode::kLegacy:
      Count(CheckpointId::None(), snapshot.metadata);
      break;
  }
  return OkStatus();
}

void CompletedCheckpoints::Keep(CompletedSnapshot snapshot) {
  Count(snapshot.metadata.id, snapshot.metadata);
  const auto place =
      std::lower_bound(kept_.begin(), kept_.end(), snapshot.metadata.id,
                       [](const CompletedSnapshot& kept, CheckpointId id) { return kept.metadata.id < id; });
  kept_.insert(place, std::move(snapshot));
}

void CompletedCheckpoints::Count(CheckpointId id, const CheckpointMetadata& metadata) {
  ForEachFile(metadata, [&](const StateFile& file) { files_[file.path].insert(id); });
}

void CompletedCheckpoints::OnAcknowledged(CheckpointId id, const OperatorSubtaskState& state) {
  ForEachSubtaskFile(state, [&](const StateFile& file) { files_[file.path].insert(id); });
}

std::vector<std::string> CompletedCheckpoints::Uncount(CheckpointId id) {
  std::vector<std::string> uncounted;
  for (auto at = files_.begin(); at != files_.end();) {
    if (at->second.erase(id) == 0 || !at->second.empty()) {
      ++at;
      continue;
    }
    uncounted.push_back(at->first);
    at = files_.erase(at);
  }
  return uncounted;
}

Status CompletedCheckpoints::DiscardLate(const OperatorSubtaskState& state) {
  std::vector<std::string> uncounted;
  ForEachSubtaskFile(state, [&](const StateFile& file) {
    if (!files_.contains(file.path)) uncounted.push_back(file.path);
  });
  return storage_->DeleteFiles(uncounted);
}

Status CompletedCheckpoints::DiscardPending(const SnapshotLocation& location) {
  Status first = storage_->DiscardPending(location);
  first.Update(storage_->DeleteFiles(Uncount(location.id)));
  return first;
}

void CompletedCheckpoints::Add(CompletedSnapshot snapshot) {
  if (snapshot.metadata.kind == SnapshotKind::kSavepoint) {
    Uncount(snapshot.metadata.id);
    return;
  }
  needs_full_ = false;
  Keep(std::move(snapshot));
}

Status CompletedCheckpoints::Discard(CheckpointId id) {
  const auto found =
      std::find_if(kept_.begin(), kept_.end(), [&](const CompletedSnapshot& kept) { return kept.metadata.id == id; });
  if (found == kept_.end()) return OkStatus();
  const CompletedSnapshot snapshot = std::move(*found);
  kept_.erase(found);
  return storage_->Discard(snapshot, Uncount(id));
}

Status CompletedCheckpoints::DiscardFinished() {
  if (kept_.empty() || !storage_->IsOwnFolder(kept_.back().directory)) return DiscardAll();
  Status first;
  while (kept_.size() > 1) first.Update(Discard(kept_.front().metadata.id));
  const std::vector<std::string> uncounted = Uncount(kept_.back().metadata.id);
  first.Update(storage_->DiscardFinished(std::move(kept_.back()), uncounted));
  kept_.clear();
  first.Update(storage_->RemoveIfEmpty());
  return first;
}

Status CompletedCheckpoints::DiscardAll() {
  Status first;
  while (!kept_.empty()) first.Update(Discard(kept_.front().metadata.id));
  // One may just have begun.
  first.Update(storage_->Sweep().status());
  first.Update(storage_->RemoveIfEmpty());
  return first;
}

}  // namespace weir
