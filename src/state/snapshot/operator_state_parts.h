// The state of one operator in one subtask while it lies in memory: what it hands over at a snapshot and gets back at a restore.
// state/storage/operator_state_files.h writes and reads it.
#pragma once

#include <string>
#include <vector>

#include "weir/functions/state/operator_state_handle.h"

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

  friend bool operator==(const OperatorStateParts&, const OperatorStateParts&) = default;
};

}  // namespace weir
