// The files that a file sink writes into its folder.
#pragma once

#include <cstdint>
#include <memory>
#include <set>
#include <string>
#include <vector>

#include "weir/base/clock.h"
#include "weir/base/file/file_system.h"
#include "weir/base/status.h"
#include "weir/base/time.h"
#include "weir/connectors/file/part_file_syncs.h"
#include "weir/functions/sink.h"

namespace weir {

struct PartFileOptions {
  std::string folder;
  std::string suffix;                          // ".csv"
  std::string header;                          // what every file begins with
  int64_t max_bytes = int64_t{128} << 20;      // a file is finished when it has so many (Flink's default)
  Duration max_age = std::chrono::minutes(1);  // or when it is so old (Flink's default); zero: never
  int parallelism = 1;                         // subtasks that write into the folder
  bool exactly_once = false;                   // files become visible when a checkpoint that covers them is complete
  int64_t restored_checkpoint = 0;             // that the job goes on from; 0: none
};

// A finished file that waits for its checkpoint.
struct PendingPartFile {
  std::string pending;
  std::string visible;
};

// Writes the part files of one subtask:
//
//   .part-2-7.csv.inprogress  ── finished ──▶  part-2-7.csv                                  subtask 2, its 8th file
//   .part-2-7.csv.inprogress  ── finished ──▶  .part-2-7.csv.16.pending  ── committed ──▶  part-2-7.csv     exactly once, after snapshot 16
//
// A pending file belongs to the first snapshot behind the one that its name tells. So a writer that goes on from a checkpoint knows which files that one does
// not cover: it removes its own of these, and those of subtasks that there are not any more. What it does not know of stays: a job that starts afresh removes
// no pending file, since a checkpoint of another job may cover it.
//
// Every arrow is a rename, so a visible file is complete. Numbers go on behind the files that are there: nothing is ever overwritten. File sources leave
// names that begin with a dot out. One job at a time may write into a folder.
//
// Threads: the task's thread.
class PartFileWriter {
 public:
  // What a checkpoint keeps.
  struct State {
    int32_t subtask = 0;
    int64_t next_file = 0;
  };

  // Makes the folder.
  static StatusOr<std::unique_ptr<PartFileWriter>> Open(PartFileOptions options, FileSystem& file_system,
                                                        const Clock& clock, int subtask);

  // Whole records are appended here; then Added is called.
  std::string& buffer() { return buffer_; }
  // Writes the buffer when it is large, and finishes the file when it is.
  Status Added();
  // Finishes the file if it is old enough.
  Status OnProcessingTime(Timestamp now);

  // A checkpoint: finishes the file. Exactly once: returns all files finished since the last call, which survive a crash when `pending_sync` has been done;
  // otherwise they are visible.
  StatusOr<std::vector<PendingPartFile>> PrepareCommit();
  // Makes pending files visible; those that are already stay so. That survives a crash when `pending_sync` has been done. kNotFound: one of this writer is
  // gone. Of a writer before it, whose snapshot was restored, it may have been committed and taken away since: that is only logged.
  Status Commit(const std::vector<PendingPartFile>& files);

  const std::shared_ptr<PartFileSyncs>& pending_sync() const { return syncs_; }

  State Snapshot() const { return {subtask_, next_file_}; }
  // Files finished from now on are not part of this snapshot.
  void OnSnapshotTaken(int64_t checkpoint_id) { last_snapshot_ = checkpoint_id; }
  // Removes files that were finished after the checkpoint: their records come again. Called before the first record, with the state of this subtask or of one
  // that there was at another parallelism.
  Status Restore(const State& state);
  // kFinished: all that was written becomes visible. kFailed: what is not finished, or waits for no checkpoint, is removed.
  Status Close(CloseReason reason);

 private:
  // Beyond it a write costs no less per byte.
  static constexpr size_t kWriteBytes = 64 * 1024;

  PartFileWriter(PartFileOptions options, FileSystem& file_system, const Clock& clock, int subtask);
  // Sets next_file_ behind all files of this subtask in the folder.
  Status SkipExistingFiles();
  // Removes, of this subtask and of those that there are not any more, what a crashed writer was writing, and what the restored checkpoint does not cover.
  Status RemoveLeftBehind();
  // Removes what `subtask` finished from number `first` on and nobody has committed, and what it was writing.
  Status RemoveUncommitted(int subtask, int64_t first);
  Status OpenFile();
  Status WriteBuffer();
  // Finishes the open file, if there is one: visible or pending.
  Status FinishFile();
  // Nothing is tried again after an error: what of it is in the file is not known. The task must fail, and go on from the last checkpoint.
  Status Broken(Status status) {
    broken_.Update(status);
    return status;
  }
  // The first error, also of what is synced beside the task.
  Status CheckWhole() {
    broken_.Update(syncs_->status());
    return broken_;
  }
  Status RemoveUnfinished();
  std::string VisiblePath(int64_t number) const;
  std::string HiddenPath(int64_t number, std::string_view state) const;

  const PartFileOptions options_;
  FileSystem& file_system_;
  const Clock& clock_;
  const int32_t subtask_;
  int64_t next_file_ = 0;
  int64_t last_snapshot_;  // taken by this subtask, or restored; 0: none
  std::string buffer_;
  std::unique_ptr<WritableFile> file_;  // number next_file_ - 1
  Timestamp opened_at_{};
  std::vector<PendingPartFile> finished_;  // exactly once: not yet part of a checkpoint
  std::set<std::string> prepared_;         // pending files of this writer, until they are committed
  // Exactly once: what is finished or committed and may be lost in a crash.
  const std::shared_ptr<PartFileSyncs> syncs_;
  Status broken_;  // why nothing can be written any more
};

}  // namespace weir
