// An operator's state between memory and the files of a snapshot.
//
//   operator ──▶ OperatorStateParts ── WriteOperatorState ──▶ OperatorSubtaskState (handles) ── ReadOperatorState ──▶ OperatorStateParts ──▶ operator
#pragma once

#include <string>
#include <vector>

#include "weir/base/file/file_system.h"
#include "weir/base/status.h"
#include "weir/state/snapshot/operator_state_parts.h"
#include "weir/state/storage/checkpoint_metadata.h"
#include "weir/state/storage/snapshot_writer.h"

namespace weir {

// Writes the parts; the lists of one operator share a file. The state's files may be named when `writer` has committed. Keyed state of a backend's own
// form and in-flight data are for the caller to add.
StatusOr<OperatorSubtaskState> WriteOperatorState(SnapshotWriter& writer, const OperatorId& operator_id, int subtask,
                                                  const KeyGroupRange& key_groups, const OperatorStateParts& parts);

// Whether the keyed state is in the form that tools and every backend read: canonical, or a heap's.
bool IsKeyedRows(const KeyedStateHandle& keyed);
// The keyed rows that the handle names (IsKeyedRows): one after the other they replace and erase rows of those before.
StatusOr<std::vector<std::string>> ReadKeyedRowsChain(FileSystem& files, const KeyedStateHandle& keyed);

// Reads what the handles name: keyed rows, lists, and what is to be known of files of a backend's own form, which are read through `files` when they
// are needed. Handles of the same name become one list, in their order. kDataLoss names the damaged file.
StatusOr<OperatorStateParts> ReadOperatorState(FileSystem& files, const OperatorSubtaskState& state);

// The elements that one handle names.
StatusOr<std::vector<std::string>> ReadElements(FileSystem& files, const ListStateHandle& list);

}  // namespace weir
