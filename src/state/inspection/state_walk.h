// Every entry of a snapshot's state, one after the other.
#pragma once

#include <string>

#include "weir/base/file/file_system.h"
#include "weir/base/status.h"
#include "weir/state/inspection/state_inspection.h"
#include "weir/state/storage/checkpoint_storage.h"

namespace weir {

// The value of one key in one keyed state, or one element of an operator state.
struct StateEntry {
  const OperatorSnapshot* op = nullptr;
  std::string state = {};
  std::string kind = {};   // "value", "split list", ...
  std::string key = {};    // JSON; empty: an element of operator state
  std::string value = {};  // JSON
};

class StateVisitor {
 public:
  virtual ~StateVisitor() = default;
  virtual Status OnEntry(const StateEntry& entry) = 0;
};

// Operators in the order of the metadata, subtasks in theirs. kNotFound if the filter names an operator or state that is not there; kFailedPrecondition if
// keyed state is in a backend's own form.
Status WalkStates(FileSystem& files, const CompletedSnapshot& snapshot, const StateFilter& filter,
                  StateVisitor& visitor);

// "value", "list", ...; "split list", "union list", "broadcast".
const char* StateKindText(StateKind kind);
const char* StateKindText(Redistribution redistribution);

}  // namespace weir
