// The state of one operator in one subtask while it lies in memory: what it hands over at a snapshot and gets back at a restore.
// state/storage/operator_state_files.h writes and reads it.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "weir/functions/pending_sync.h"
#include "weir/functions/state/keyed_snapshot.h"
#include "weir/functions/state/operator_state_handle.h"
#include "weir/state/snapshot/native_keyed_state.h"

namespace weir {

struct ListStateParts {
  std::string name = {};
  Redistribution redistribution = Redistribution::kSplit;
  std::string schema = {};  // of an element: Schema::Encode; empty: the operator knows its elements' versions itself
  std::vector<std::string> elements = {};

  friend bool operator==(const ListStateParts&, const ListStateParts&) = default;
};

struct OperatorStateParts {
  std::vector<std::string> keyed = {};  // rows in canonical form (docs/formats/keyed_rows.md)
  std::vector<ListStateParts> lists = {};
  // At a restore: keyed rows in the form of one backend.
  std::vector<NativeKeyedState> native = {};
  // At a snapshot: keyed rows that the task goes on writing while it works.
  std::vector<std::shared_ptr<KeyedSnapshot>> running = {};
  // At a snapshot: what must be done before it is acknowledged.
  std::vector<std::shared_ptr<PendingSync>> syncs = {};

  friend bool operator==(const OperatorStateParts&, const OperatorStateParts&) = default;
};

}  // namespace weir
