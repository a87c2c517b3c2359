// Copies of a job's snapshot files on the disk of the machine that wrote them, from which its tasks are restored when they restart there.
//
//   <root>/weir-local-state/<host>-<process>-<job>/<name of the file>
//
// A copy is an optimisation and nothing else: one that is missing or damaged is passed over, and the snapshot's own file is read. The folder outlives the
// worker that fills it, for the one that takes its place; it belongs to the process that starts workers, and goes with the job, or is found by the next
// process that keeps copies there.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "weir/base/file/file_system.h"
#include "weir/base/ids.h"
#include "weir/base/status.h"
#include "weir/state/storage/checkpoint_metadata.h"

namespace weir {

// Threads: any; they wait for the disk.
class LocalCopies {
 public:
  // Makes the folder of `job` below `root`, for the process `owner`; removes there those whose processes are gone. `files`: of the snapshots, and of the copies.
  static StatusOr<std::unique_ptr<LocalCopies>> Open(FileSystem& files, const std::string& root, int owner,
                                                     const JobId& job);

  const std::string& folder() const { return folder_; }
  // Copies files of a snapshot that are complete and will not change. What cannot be copied is logged, and left out.
  void Keep(const std::vector<std::string>& paths);
  void Drop(const std::vector<std::string>& paths);
  // Makes the state name copies in the place of all files that have an intact one here; a damaged one is removed. Returns how many.
  int Use(OperatorSubtaskState& state);
  // The job has ended here.
  void RemoveAll();

 private:
  LocalCopies(FileSystem& files, std::string folder) : files_(files), folder_(std::move(folder)) {}
  std::string CopyOf(const std::string& path) const;
  Status Copy(const std::string& path);

  FileSystem& files_;
  const std::string folder_;
};

}  // namespace weir
