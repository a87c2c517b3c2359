// A folder for files that need not outlive the process, and the end of those that killed processes have left behind.
//
//   <directory>/weir-rocksdb-<n>        the files
//   <directory>/weir-rocksdb-<n>.lock   locked as long as the process lives, however it ends
#pragma once

#include <memory>
#include <string>

#include "weir/base/status.h"

namespace weir {

// Threads: any.
class LocalFolder {
 public:
  // Makes a folder that no other process has, in `directory`, which is made too. Removes folders there whose processes are gone.
  static StatusOr<std::unique_ptr<LocalFolder>> Create(const std::string& directory);
  // Removes it with all that is in it.
  ~LocalFolder();
  LocalFolder(const LocalFolder&) = delete;
  LocalFolder& operator=(const LocalFolder&) = delete;

  const std::string& path() const { return path_; }

 private:
  LocalFolder(std::string path, int lock) : path_(std::move(path)), lock_(lock) {}

  const std::string path_;
  const int lock_;  // descriptor of the locked file
};

}  // namespace weir
