// Where keyed state lives: chosen by name (`state.backend.type`), asked by tasks for the rows of their operators.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "weir/base/status.h"
#include "weir/functions/state/keyed_rows.h"
#include "weir/state/snapshot/operator_state_parts.h"
#include "weir/types/key_group.h"

namespace weir {

// What an operator wants of its keyed state.
struct KeyedRowsOptions {
  std::vector<StateDeclaration> states;
  KeyForm key_form = KeyForm::kInteger;
  KeyGroupRange key_groups;  // of this subtask
  int max_parallelism = 128;
};

// Makes the rows of operators. One per process and kind: what its rows share (memory, threads, folders) belongs to it, and stays until the last of them goes.
//
// Threads: any; what it creates belongs to one task.
class StateBackend {
 public:
  virtual ~StateBackend() = default;

  virtual std::string_view name() const = 0;
  // Empty rows. Fails if the declarations are wrong (see CheckStateDeclarations) or the key groups lie outside the max parallelism.
  virtual StatusOr<std::unique_ptr<KeyedRows>> CreateKeyedRows(const KeyedRowsOptions& options) = 0;
  // Takes `more` bytes of the memory of all rows for what operators keep beside these; negative: gives them back. kResourceExhausted: there is no room, and
  // nothing was taken.
  virtual Status TakeBeside(int64_t more) = 0;
};

// What backends take from their process.
struct StateBackendOptions {
  // For the tables of all operators of the process that keep their state on the heap together; 0: as much as there is.
  uint64_t heap_memory_bytes = 0;
  // state.backend.rocksdb.localdir. Empty: RocksDB keeps its files in memory, and writes within the calls (tests).
  std::vector<std::string> rocksdb_directories = {};
  // For all operators of the process together.
  uint64_t rocksdb_memory_bytes = 512 << 20;
  // Rows of one operator that RocksDB keeps in memory; 0: as many as the memory allows.
  uint64_t rocksdb_cached_rows = 0;
};

// The backend of that name: "hashmap" (the heap) or "rocksdb". Another name is an error that lists the names there are.
StatusOr<std::unique_ptr<StateBackend>> NewStateBackend(std::string_view name, const StateBackendOptions& options = {});

// Turns keyed state in a form that `backend` does not read into canonical rows.
Status ConvertNativeState(std::string_view backend, OperatorStateParts& state);

}  // namespace weir
