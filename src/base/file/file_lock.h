// Says that a folder is one process' own.
#pragma once

#include <memory>
#include <string>

#include "weir/base/status.h"

namespace weir {

// Held until it is destroyed, or the process ends, however that comes about.
class FileLock {
 public:
  // Makes the file if there is none. kUnavailable: another process holds it; the message names that process.
  static StatusOr<std::unique_ptr<FileLock>> Take(const std::string& path);
  ~FileLock();
  FileLock(const FileLock&) = delete;
  FileLock& operator=(const FileLock&) = delete;

 private:
  explicit FileLock(int descriptor) : descriptor_(descriptor) {}

  const int descriptor_;
};

}  // namespace weir
