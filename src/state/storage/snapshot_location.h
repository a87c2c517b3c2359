// Where the parts of one snapshot are to be written: made by the coordinator, told to every task with the trigger.
#pragma once

#include <cstdint>
#include <string>

#include "weir/base/ids.h"
#include "weir/state/storage/checkpoint_metadata.h"

namespace weir {

// A plain value, equal in all processes: its paths are those of the storage that all of them see.
struct SnapshotLocation {
  CheckpointId id = {};
  SnapshotKind kind = SnapshotKind::kCheckpoint;
  SnapshotFormat format = SnapshotFormat::kNative;
  // Of this snapshot: its own files and `_metadata`. Empty: there is none, all state goes inline (jobmanager storage).
  std::string directory = {};
  // For files that later checkpoints of this job may name too. Empty: nothing may be shared (savepoints).
  std::string shared_directory = {};
  // Must not name files of earlier snapshots: savepoints, the first checkpoint after a restore with NO_CLAIM, incremental checkpoints switched off.
  bool is_full = false;
  // State no longer than this goes inline. With jobmanager storage: the longest there may be.
  uint64_t max_inline_bytes = 20 * 1024;
  // False: more than max_inline_bytes is an error (jobmanager storage).
  bool may_write_files = true;

  friend bool operator==(const SnapshotLocation&, const SnapshotLocation&) = default;
};

}  // namespace weir
