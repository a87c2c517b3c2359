// What the part files of one writer lack to survive a crash of the machine.
#pragma once

#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "weir/base/file/file_system.h"
#include "weir/base/mutex.h"
#include "weir/base/status.h"
#include "weir/functions/pending_sync.h"

namespace weir {

// Files that are written to the end and renamed, and whose content and names are not synced yet. They stay open until then.
//
// Nothing is tried again after an error: a second sync may say that all is well when it is not.
//
// Threads: any.
class PartFileSyncs final : public PendingSync {
 public:
  PartFileSyncs(FileSystem& file_system, std::string folder) : file_system_(file_system), folder_(std::move(folder)) {}

  void Add(std::unique_ptr<WritableFile> file) WEIR_EXCLUDES(mutex_);
  // Files of the folder have got other names.
  void OnRenamed() WEIR_EXCLUDES(mutex_);
  // Everything until now. Waits for the disk; one call after the other.
  Status Sync() override WEIR_EXCLUDES(syncing_, mutex_);
  // The first error.
  Status status() const WEIR_EXCLUDES(mutex_);

 private:
  FileSystem& file_system_;
  const std::string folder_;
  // Held while the disk works, so that whoever comes next waits for what came before.
  Mutex syncing_;
  // Held for moments: the task must not wait for the disk.
  mutable Mutex mutex_;
  std::vector<std::unique_ptr<WritableFile>> files_ WEIR_GUARDED_BY(mutex_);
  bool is_renamed_ WEIR_GUARDED_BY(mutex_) = false;
  Status status_ WEIR_GUARDED_BY(mutex_);
};

}  // namespace weir
