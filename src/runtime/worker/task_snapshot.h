// The snapshots of one task, on their way to files: docs/checkpointing.md, step 6.
//
//   task's thread      Begin ──▶ KeyedSnapshot::Start .. pieces of keyed state, while the task works ..
//                                     │ KeyedSnapshotSink                                 │
//   I/O thread                   file ◀───────────────────────────────────────────────────┘ ──▶ other state, Commit ──▶ written or failed
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "weir/base/file/file_system.h"
#include "weir/base/mutex.h"
#include "weir/base/status.h"
#include "weir/base/unique_function.h"
#include "weir/graph/job/job_graph.h"
#include "weir/rpc/task_deployment.h"
#include "weir/runtime/task/frozen_task.h"
#include "weir/state/storage/checkpoint_metadata.h"
#include "weir/state/storage/snapshot_location.h"

namespace weir {

class EventCount;
class LocalCopies;

// What became of a snapshot.
struct WrittenSnapshot {
  std::vector<OperatorSubtaskState> state = {};  // by operator of the chain
  uint64_t new_bytes = 0;                        // written for it, without what earlier checkpoints had written
};

// Keyed state of operator `op` of the chain that the task is restored from, if it is all that there is for it, and lies in files that later checkpoints may
// name: then the first one builds on it. nullptr: it must be written anew. `part`: 0, its rows; 1, the pieces of their maps and lists.
const KeyedStateHandle* RestoredBase(const TaskDeploymentDescriptor& task, size_t op, size_t part);

// Threads: Begin on the task's; the rest happens where `post` runs closures, one at a time and in order. Must be held by a shared_ptr.
class TaskSnapshots : public std::enable_shared_from_this<TaskSnapshots> {
 public:
  struct Options {
    FileSystem* files = nullptr;
    TaskDeploymentDescriptor task = {};
    std::vector<std::pair<OperatorId, std::string>> operators = {};  // of the chain, with their names
    // Runs a closure on the thread that waits for disks; may drop it when the worker ends.
    std::function<void(Closure)> post = {};
    // The task's executor, told when it may go on writing.
    EventCount* executor = nullptr;
    // Where copies of its files are kept; null: nowhere.
    LocalCopies* copies = nullptr;
  };
  // Called on the I/O thread, unless the task gave the snapshot up.
  using Done = UniqueFunction<void(StatusOr<WrittenSnapshot>)>;

  explicit TaskSnapshots(Options options);

  // Writes and syncs it; nothing stays after an error.
  void Begin(const SnapshotLocation& location, FrozenTask frozen, Done done);
  // A restart would begin from this one: copies of what only earlier ones have are not needed any more. Any thread.
  void OnComplete(CheckpointId id);

 private:
  class Writing;
  class Sink;
  // What is written by itself: the operator in the chain, and 0: its rows, or 1: the pieces of their maps and lists.
  using PartId = std::pair<size_t, size_t>;

  void DropCopiesBefore(int64_t id);
  std::string TakeBuffer();
  void GiveBuffer(std::string buffer);

  const Options options_;
  // Of complete and pending checkpoints on which others may build, by part and the checkpoint's id. The I/O thread's.
  std::map<std::pair<PartId, int64_t>, std::vector<NamedStateFile>> shared_files_;
  // Files of checkpoints that have copies, by the checkpoint's id. The I/O thread's.
  std::map<int64_t, std::set<std::string>> copied_;
  Mutex mutex_;
  std::vector<std::string> buffers_ WEIR_GUARDED_BY(mutex_);  // to be filled again
};

}  // namespace weir
