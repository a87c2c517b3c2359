// The snapshots of one job in their storage, for a JobMaster that must not wait for a disk: every call is posted to the I/O executor, one after the other,
// and its answer back to the JobMaster's event loop.
//
// Threads: calls and answers on `owner`; the work on `io`.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "weir/base/execution/executor.h"
#include "weir/base/execution/strand.h"
#include "weir/base/ids.h"
#include "weir/base/unique_function.h"
#include "weir/state/storage/checkpoint_storage.h"
#include "weir/state/storage/completed_checkpoints.h"

namespace weir {

// The snapshot that a job starts from.
struct RestoredSnapshot {
  CompletedSnapshot snapshot;
  RestoreMode mode = RestoreMode::kNoClaim;
};

// What the storage of a job has at its start.
struct OpenedStore {
  CheckpointId last_id = {};  // no greater id has been used (I1)
  // Complete checkpoints that are the job's own, ascending.
  std::vector<std::shared_ptr<const CompletedSnapshot>> kept = {};
};

// What becomes of the checkpoints of a job that has ended.
enum class LeftBehind : uint8_t {
  kAll,
  kNothing,
  kNothingOfFinished,  // it has processed all its input: see CompletedCheckpoints::DiscardFinished
};

class SnapshotStore {
 public:
  template <class T>
  using Answer = UniqueFunction<void(T)>;

  // `owner`: the JobMaster's event loop. `io`: where calls may wait for a disk.
  SnapshotStore(CheckpointStorage storage, Executor& owner, Executor& io);
  // Answers that have not come yet never do.
  ~SnapshotStore();

  // Takes over what is in the job's folder, sweeps it, and adds the snapshot that the job starts from (may be null). `is_periodic`: there will be
  // checkpoints; that their folder can be made is seen now, not at the first of them.
  void Open(std::shared_ptr<const RestoredSnapshot> restored, bool is_periodic, Answer<StatusOr<OpenedStore>> answer);
  // Step 1.
  // `wants_full`: it must not name files of earlier ones.
  void Begin(CheckpointId id, bool wants_full, Answer<StatusOr<SnapshotLocation>> answer);
  void BeginSavepoint(CheckpointId id, SnapshotFormat format, std::string target,
                      Answer<StatusOr<SnapshotLocation>> answer);
  // Step 6.
  void OnAcknowledged(CheckpointId id, std::vector<OperatorSubtaskState> state);
  void DiscardLate(std::vector<OperatorSubtaskState> state);
  // Step 7. A checkpoint that is complete is kept.
  void Finalize(SnapshotLocation location, std::shared_ptr<const CheckpointMetadata> metadata,
                Answer<MetadataResult> answer);
  // Steps 9 and 10.
  void DiscardPending(SnapshotLocation location);
  void Discard(CheckpointId id);
  // The job has ended.
  void Close(LeftBehind what, Answer<Status> answer);

 private:
  struct Core;
  // Runs `work(core)` on the I/O executor.
  template <class Work>
  void Run(Work work);
  // As Run; gives what it returns to `answer` on the owner's event loop.
  template <class Work, class T>
  void Ask(Work work, Answer<T> answer);

  Executor& owner_;
  std::unique_ptr<Strand> io_;
  std::shared_ptr<Core> core_;                                  // touched on io_ only
  std::shared_ptr<bool> alive_ = std::make_shared<bool>(true);  // touched on the owner's event loop only
};

}  // namespace weir
