// Which snapshots a job keeps, and which files they need: reference counts of all files that complete and pending snapshots name (docs/checkpointing.md,
// steps 6 to 10; I4, I5).
//
//   CompletedCheckpoints kept(storage);
//   WEIR_ASSIGN_OR_RETURN(std::vector<Status> damaged, kept.Recover(SnapshotCheck::kSizes));   // at the job's start
//   kept.AddRestored(std::move(snapshot), RestoreMode::kClaim);                                // from a savepoint
//   kept.OnAcknowledged(id, state);                                                            // each acknowledgement
//   kept.Add({metadata, location.directory});                                                  // its _metadata is written
//   kept.Discard(oldest);                                                                      // subsumed
//
// When a snapshot's metadata has an unknown outcome, nothing is called: its files stay counted for as long as this process lives, and the next one's
// sweep looks whether its `_metadata` is there.
#pragma once

#include <cstdint>
#include <map>
#include <set>
#include <string>
#include <vector>

#include "weir/base/ids.h"
#include "weir/base/status.h"
#include "weir/state/storage/checkpoint_storage.h"

namespace weir {

// To whom the snapshot belongs that a job was started from (execution.savepoint-restore-mode).
enum class RestoreMode : uint8_t {
  kNoClaim,  // to the user: the first checkpoint shares no file with it, after that it may be deleted
  kClaim,    // to the job, which deletes it when it is subsumed
  kLegacy,   // to the user, who must keep it as long as checkpoints name its files
};

// Threads: those of its CheckpointStorage, which must outlive it.
class CompletedCheckpoints {
 public:
  explicit CompletedCheckpoints(CheckpointStorage& storage) : storage_(&storage) {}

  // Takes over the complete checkpoints in the job's folder, and one that it has claimed, and sweeps it; no attempt of the job may run. Returns what is wrong with those
  // that are damaged: they are left alone.
  StatusOr<std::vector<Status>> Recover(SnapshotCheck check);
  // The snapshot that the job starts from. One that Recover found is the job's own already. Fails if a claim cannot be noted.
  Status AddRestored(CompletedSnapshot snapshot, RestoreMode mode);
  // Whether the next checkpoint must not name files of earlier snapshots: until the first is complete after a restore with NO_CLAIM.
  bool needs_full() const { return needs_full_; }

  // A task's part of the pending snapshot `id` is there.
  void OnAcknowledged(CheckpointId id, const OperatorSubtaskState& state);
  // A part that comes too late, or doubled: deletes those of its files that no snapshot counts.
  Status DiscardLate(const OperatorSubtaskState& state);
  // The pending snapshot was aborted: deletes its folder, and the shared files that only it named.
  Status DiscardPending(const SnapshotLocation& location);

  // A snapshot is complete. Savepoints are not kept: their files are their user's.
  void Add(CompletedSnapshot snapshot);
  // Deletes a complete one and the shared files that no other counts. After an error it is forgotten all the same, and found by the next sweep.
  Status Discard(CheckpointId id);
  // At the job's end, if it keeps none.
  Status DiscardAll();
  // The same for a job that has finished, having processed all its input: until the last step there is a checkpoint with which it would finish at once.
  Status DiscardFinished();

  // Ascending by id.
  const std::vector<CompletedSnapshot>& kept() const { return kept_; }
  // nullptr if there is none.
  const CompletedSnapshot* latest() const { return kept_.empty() ? nullptr : &kept_.back(); }

 private:
  Status RecoverClaimed(SnapshotCheck check, std::vector<Status>& damaged);
  void Count(CheckpointId id, const CheckpointMetadata& metadata);
  void Keep(CompletedSnapshot snapshot);
  // Takes the snapshot's counts back; returns the files that nobody counts any more.
  std::vector<std::string> Uncount(CheckpointId id);

  CheckpointStorage* storage_;
  std::vector<CompletedSnapshot> kept_;
  // Path of a file to the snapshots that name it; CheckpointId::None() among them: never to be deleted (kLegacy).
  std::map<std::string, std::set<CheckpointId>> files_;
  bool needs_full_ = false;
};

}  // namespace weir
