// The coordinator's side of checkpoint storage: folders, `_metadata`, and their removal.
//
//   <execution.checkpointing.dir>/<job id>/chk-17/_metadata     one snapshot and its own files
//                                          shared/              files that several checkpoints name
//                                          taskowned/           files that only tasks know of; left alone
//   <savepoint folder>/savepoint-a6c9f1-4b0e8f6d2c71/_metadata  a savepoint with all its files
//
// A folder is a snapshot when its `_metadata` is whole, and only then (docs/checkpointing.md, steps 1, 7 and 10, I5).
#pragma once

#include <cstdint>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "weir/base/file/file_system.h"
#include "weir/base/ids.h"
#include "weir/base/status.h"
#include "weir/state/storage/checkpoint_metadata.h"
#include "weir/state/storage/snapshot_location.h"

namespace weir {

class Random;

struct CheckpointStorageOptions {
  // execution.checkpointing.dir; empty: nothing is written (only with `in_memory`).
  std::string checkpoint_directory = {};
  std::string savepoint_directory = {};         // execution.checkpointing.savepoint-dir
  bool in_memory = false;                       // execution.checkpointing.storage: jobmanager
  bool incremental = true;                      // execution.checkpointing.incremental
  uint64_t memory_threshold = 20 * 1024;        // state.storage.fs.memory-threshold
  uint64_t max_memory_state = 5 * 1024 * 1024;  // with `in_memory`: of one state of one subtask
};

// A snapshot that is complete.
struct CompletedSnapshot {
  CheckpointMetadata metadata = {};
  std::string directory = {};  // where its `_metadata` is; empty: only in memory
};

// What became of the metadata (step 7).
struct MetadataResult {
  MetadataWrite write = MetadataWrite::kNotWritten;
  Status error = {};  // unless kWritten
};

// How thoroughly a snapshot is looked at. Sizes find what is missing or cut short; contents find every changed bit, and cost reading all of it.
enum class SnapshotCheck : uint8_t { kMetadata, kSizes, kContents };

// A folder that looks like a checkpoint.
struct FoundCheckpoint {
  CheckpointId id = {};
  std::string directory = {};
  // OK: `metadata` is what it holds. kNotFound: no `_metadata`, so it never was complete. Else: names what is wrong.
  Status damage = {};
  CheckpointMetadata metadata = {};
};

// Threads: one at a time; it waits for the disk.
class CheckpointStorage {
 public:
  // Touches nothing yet. kInvalidArgument: neither a folder nor `in_memory`.
  static StatusOr<CheckpointStorage> Of(FileSystem& files, const JobId& job, CheckpointStorageOptions options);

  // Makes the folder of the job, if it is to have one: an error now says what every checkpoint would.
  Status MakeJobFolder();
  // Step 1: makes chk-<id>. kAlreadyExists if there is one, whatever is in it (I1). `is_full`: see SnapshotLocation; also if not incremental.
  StatusOr<SnapshotLocation> Begin(CheckpointId id, bool is_full);
  // Makes a folder savepoint-... below `target` (empty: execution.checkpointing.savepoint-dir).
  StatusOr<SnapshotLocation> BeginSavepoint(CheckpointId id, SnapshotFormat format, std::string_view target,
                                            Random& random);
  // Step 7: the snapshot is complete when this says kWritten.
  MetadataResult Finalize(const SnapshotLocation& location, const CheckpointMetadata& metadata);
  // Step 9: deletes the folder of a snapshot that is surely not complete.
  Status DiscardPending(const SnapshotLocation& location);

  // The snapshot at `directory`, outside the job's folder, belongs to the job from now on; noted before anything of it is used (job_notes.h).
  Status NoteClaimed(const std::string& directory);
  // Which it is, or was when it was not deleted to the end; empty: none.
  StatusOr<std::string> Claimed();

  // Step 10: deletes the `_metadata`, and with that it is no snapshot any more; then its folder; then `uncounted`, those of its files that no other
  // snapshot names. Of a folder that is not this job's (a claimed savepoint) only those. OK if parts are gone. If the `_metadata` cannot be
  // deleted, nothing is. What lies outside the job's folder is noted first, for the next sweep if this one is cut short.
  Status Discard(const CompletedSnapshot& snapshot, const std::vector<std::string>& uncounted);
  // The same for the last checkpoint of a job that has finished, but the `_metadata` goes at the very end; until then it says that nothing is left to do. A process
  // that is killed meanwhile and started with --restore latest must not begin afresh: its results are there.
  Status DiscardFinished(CompletedSnapshot snapshot, const std::vector<std::string>& uncounted);
  // A chk-<id> of this job.
  bool IsOwnFolder(const std::string& directory) const;
  // Files that no snapshot names any more, and folders outside the job's that become empty by that.
  Status DeleteFiles(const std::vector<std::string>& paths);

  // Checkpoints of this job, newest first, damaged and incomplete ones included. No folder: none.
  StatusOr<std::vector<FoundCheckpoint>> List(SnapshotCheck check);
  // The greatest id that a folder of this job has had, for I1; none: CheckpointId::None().
  StatusOr<CheckpointId> HighestId();
  // At a start, when no attempt of the job runs: deletes what a crash left behind, that is folders without `_metadata`, temporary files, and files
  // in `shared` that no snapshot of this job names, and what was noted outside of its folder. If some `_metadata` cannot be read, `shared` is left
  // alone (I5). Says what it deleted.
  StatusOr<std::vector<std::string>> Sweep();
  // When the job has ended and nothing of it is kept: its folder, if no snapshot is left in it.
  Status RemoveIfEmpty();

  FileSystem& files() const { return *files_; }
  // <dir>/<job id>; empty: nothing is written.
  const std::string& job_directory() const { return job_directory_; }

 private:
  CheckpointStorage(FileSystem& files, const JobId& job, CheckpointStorageOptions options);
  // Whether the path lies outside the job's folder.
  bool IsForeign(const std::string& path) const {
    return job_directory_.empty() || !path.starts_with(job_directory_ + "/");
  }
  // Notes those of `paths` that are foreign.
  Status NoteDeleting(const std::vector<std::string>& paths);
  // The files that snapshots of this job name, as far as they could be read.
  struct NamedFiles {
    std::set<std::string> paths;
    bool is_complete = true;  // every `_metadata` could be read

    void AddAllOf(const CheckpointMetadata& metadata);
  };
  // Parts of Sweep: folders of the job's checkpoints, whose files come to `named`; files of `shared` that are not in `named`.
  Status SweepFolders(NamedFiles& named, std::vector<std::string>& deleted);
  Status SweepShared(const std::set<std::string>& named, std::vector<std::string>& deleted);
  // Deletes what was noted and is not in `named`.
  Status DeleteNoted(const std::set<std::string>& named, std::vector<std::string>& deleted);

  FileSystem* files_;
  JobId job_;
  CheckpointStorageOptions options_;
  std::string job_directory_;
};

// The snapshot at `path`: its folder, or the `_metadata` in it, as a path or file: URI. Errors say what is wrong and what to do.
StatusOr<CompletedSnapshot> LoadSnapshot(FileSystem& files, std::string_view path, SnapshotCheck check);

// That all files of the snapshot are there; with kContents, that they are as they were written. The error names the file.
Status CheckSnapshotFiles(FileSystem& files, const CheckpointMetadata& metadata, SnapshotCheck check);

// `--restore latest`: the newest intact checkpoint of any job of that name below `checkpoint_directory` (empty name: of any job).
struct LatestCheckpoint {
  bool found = false;
  CompletedSnapshot snapshot = {};
  std::vector<Status> damaged = {};  // newer ones that could not be used: to be logged, never silently skipped
};
StatusOr<LatestCheckpoint> FindLatestCheckpoint(FileSystem& files, const std::string& checkpoint_directory,
                                                std::string_view job_name, SnapshotCheck check);

// Deletes a savepoint for good: `_metadata` first, then its files, then its folder if nothing else is in it. kNotFound if there is none.
Status DisposeSavepoint(FileSystem& files, std::string_view path);

}  // namespace weir
