// What an operator writes at a snapshot, and gets back at a restore.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "weir/base/status.h"
#include "weir/functions/pending_sync.h"
#include "weir/functions/state/keyed_rows.h"
#include "weir/functions/state/operator_state_handle.h"
#include "weir/state/snapshot/operator_state_parts.h"

namespace weir {

// Collects the state of one operator of one subtask.
class OperatorStateWriter {
 public:
  OperatorStateWriter() = default;
  // `checkpoint_id`: of the snapshot that the state is for; 0: none in particular. `may_run_on`: keyed rows may be written by and by, while the task works.
  explicit OperatorStateWriter(int64_t checkpoint_id, bool may_run_on = false)
      : checkpoint_id_(checkpoint_id), may_run_on_(may_run_on) {}

  int64_t checkpoint_id() const { return checkpoint_id_; }
  // All rows of the key groups [first, last], which are all that `rows` has, and the pieces of their maps and lists.
  void AddKeyedRows(KeyedRows& rows, uint32_t first_key_group, uint32_t last_key_group);
  // A list state; its elements are redistributed when the parallelism changes. `schema`: Schema::Encode of an element's type, which lets a changed
  // program read them; empty: the operator knows its elements' versions itself.
  void AddElements(std::string_view name, Redistribution redistribution, std::vector<std::string> elements,
                   std::string schema = {});
  // Must be done before the snapshot is acknowledged; nullptr: nothing.
  void AddPendingSync(std::shared_ptr<PendingSync> sync) {
    if (sync != nullptr) parts_.syncs.push_back(std::move(sync));
  }
  // For checkpoint storage (state/storage/operator_state_files.h).
  OperatorStateParts TakeParts() { return std::move(parts_); }
  // As one string, for OperatorStateReader::Of.
  std::string Take();

 private:
  void AddRows(KeyedRows& rows, uint32_t first_key_group, uint32_t last_key_group);

  int64_t checkpoint_id_ = 0;
  bool may_run_on_ = false;
  OperatorStateParts parts_;
};

// Gives back what OperatorStateWriter collected.
class OperatorStateReader {
 public:
  explicit OperatorStateReader(OperatorStateParts parts) : parts_(std::move(parts)) {}
  // DATA_LOSS if `bytes` are no operator state.
  static StatusOr<OperatorStateReader> Of(std::string_view bytes);

  // Adds the rows to `rows`, which keeps those of its own key groups.
  Status ReadKeyedRows(KeyedRows& rows) const;
  // The elements of a list state; empty if there is none of that name.
  std::vector<std::string> Elements(std::string_view name) const;
  // The list of that name with its schema; nullptr if there is none.
  const ListStateParts* FindList(std::string_view name) const;

 private:
  OperatorStateParts parts_;
};

}  // namespace weir
