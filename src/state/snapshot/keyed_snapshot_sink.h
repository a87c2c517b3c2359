// Where a running snapshot of keyed rows puts its bytes and files; the side of whoever writes them is runtime/worker/task_snapshot.h.
#pragma once

#include <cstdint>
#include <memory>
#include <string>

#include "weir/base/status.h"
#include "weir/base/unique_function.h"
#include "weir/state/snapshot/native_keyed_state.h"

namespace weir {

// The end of a snapshot.
struct KeyedSnapshotEnd {
  std::string format = {};   // KeyedStateHandle::format
  int64_t base = 0;          // the complete checkpoint whose files come before; 0: none
  bool may_be_base = false;  // what was written is to lie in files that later checkpoints can name
  std::unique_ptr<BackendFiles> files = {};
};

// The sink's other end. Threads: the one that writes the bytes.
class KeyedSnapshotOutput {
 public:
  virtual ~KeyedSnapshotOutput() = default;

  // As the sink's.
  virtual std::string NewBuffer() { return {}; }
  virtual void Append(std::string bytes) = 0;
};

// Threads: Append, Post and IsFull the task's; Finish and Fail any, after the last Append. Letting go of it without either gives the snapshot up.
class KeyedSnapshotSink {
 public:
  virtual ~KeyedSnapshotSink() = default;

  // A string to be written over: one that was appended before, as it is, if there is one.
  virtual std::string NewBuffer() { return {}; }
  // The next bytes of the state.
  virtual void Append(std::string bytes) = 0;
  // Work that makes the next bytes where they are written, behind what came before. It is dropped if the snapshot is over by then, or the thread ends; the task is
  // notified either way.
  virtual void Post(UniqueFunction<void(KeyedSnapshotOutput&)> work) = 0;
  // More bytes wait to be written than should: no more for now, if that can be. The task is notified when that is over.
  virtual bool IsFull() const = 0;
  virtual void Finish(KeyedSnapshotEnd end) = 0;
  virtual void Fail(Status reason) = 0;
};

}  // namespace weir
