// The task's side of checkpoint storage: writes the parts of one subtask's snapshot (docs/checkpointing.md, step 6).
//
//   SnapshotWriter writer(files, location, attempt_id.ToHex());
//   WEIR_ASSIGN_OR_RETURN(keyed.state, writer.Write(rows, StateScope::kExclusive));
//   WEIR_RETURN_IF_ERROR(writer.Commit());      // now the handles may be acknowledged
//
// What was written and not committed is deleted by the destructor.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "weir/base/file/file_system.h"
#include "weir/base/status.h"
#include "weir/state/storage/snapshot_location.h"
#include "weir/state/storage/state_file.h"

namespace weir {

// Threads: one at a time; the state I/O thread, for it waits for the disk.
class SnapshotWriter {
 public:
  // `owner` is part of the files' names: different for any two writers that ever write for this job, such as attempts of a task.
  SnapshotWriter(FileSystem& files, SnapshotLocation location, std::string owner);
  ~SnapshotWriter();
  SnapshotWriter(const SnapshotWriter&) = delete;
  SnapshotWriter& operator=(const SnapshotWriter&) = delete;

  const SnapshotLocation& location() const { return location_; }
  // Of all files so far.
  const std::vector<std::string>& paths() const { return paths_; }
  FileSystem& files() { return files_; }

  // Few bytes go inline, others into a file of their own. kResourceExhausted: more than the storage takes (jobmanager storage).
  StatusOr<StreamStateHandle> Write(std::string_view bytes, StateScope scope);
  // A path for a file that does not exist yet, in the folder for `scope`; its writer must sync and close it. The file is deleted with the others
  // if the snapshot is not committed. kShared becomes kExclusive where nothing may be shared: `scope` says what it came to.
  StatusOr<std::string> NewFilePath(StateScope& scope);
  // As above, and opens it.
  StatusOr<std::unique_ptr<StateFileWriter>> NewFile(StateScope scope);

  // Makes the names of all files survive a crash. Nothing may be written after it.
  Status Commit();
  // Deletes what was written, also after Commit: the checkpoint was aborted.
  void Discard();

 private:
  FileSystem& files_;
  const SnapshotLocation location_;
  const std::string owner_;
  std::vector<std::string> paths_;
  bool wrote_shared_ = false;
  bool committed_ = false;
};

}  // namespace weir
