// What an operator writes at a snapshot, and gets back at a restore.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "weir/base/status.h"
#include "weir/functions/state/keyed_rows.h"
#include "weir/functions/state/operator_state_handle.h"

namespace weir {

// Collects the state of one operator of one subtask. Format: docs/formats/operator_state.md.
class OperatorStateWriter {
 public:
  // All rows of the key groups [first, last].
  void AddKeyedRows(KeyedRows& rows, uint32_t first_key_group, uint32_t last_key_group);
  // A list state; its elements are redistributed when the parallelism changes.
  void AddElements(std::string_view name, Redistribution redistribution, const std::vector<std::string>& elements);
  std::string Take();

 private:
  struct List {
    std::string name;
    Redistribution redistribution;
    std::vector<std::string> elements;
  };
  std::vector<std::string> keyed_;
  std::vector<List> lists_;
};

// Reads what OperatorStateWriter took. The bytes must outlive the reader.
class OperatorStateReader {
 public:
  // DATA_LOSS if `bytes` are no operator state.
  static StatusOr<OperatorStateReader> Of(std::string_view bytes);

  // Adds the rows to `rows`, which keeps those of its own key groups.
  Status ReadKeyedRows(KeyedRows& rows) const;
  // The elements of a list state; empty if there is none of that name.
  std::vector<std::string> Elements(std::string_view name) const;

 private:
  struct List {
    std::string_view name;
    Redistribution redistribution;
    std::vector<std::string> elements;
  };
  std::vector<std::string_view> keyed_;
  std::vector<List> lists_;
};

}  // namespace weir
