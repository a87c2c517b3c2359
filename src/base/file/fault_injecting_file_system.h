// A file system that fails when a test says so.
#pragma once

#include <cstdint>
#include <limits>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "weir/base/file/file_system.h"
#include "weir/base/mutex.h"

namespace weir {

enum class FileOperation : uint8_t {
  kOpenForRead,
  kOpenForWrite,
  kRead,
  kAppend,
  kSync,
  kClose,
  kRename,
  kDelete,
  kCreateDirectories,
  kList,
  kStat,
  kSyncDirectory,
};

// Which calls fail, and how. For a rename the path is the new one.
struct FileFault {
  FileOperation operation = FileOperation::kOpenForRead;
  std::string path_contains = {};  // empty: every path
  int skip = 0;                    // matching calls that still succeed
  int times = 1;                   // matching calls that fail then
  Status status = {};
  bool tears_write = false;  // a failing append writes half of its bytes first
};

inline constexpr int kEveryTime = std::numeric_limits<int>::max();

// Passes everything on to `files`, but for the faults. Threads: any.
class FaultInjectingFileSystem final : public FileSystem {
 public:
  explicit FaultInjectingFileSystem(FileSystem& files) : files_(files) {}

  void Add(FileFault fault);
  // Everything works again.
  void ClearFaults();
  // Calls of `operation` so far, failed ones included.
  int CallCount(FileOperation operation) const;

  StatusOr<std::unique_ptr<ReadableFile>> OpenForRead(const std::string& path) override;
  StatusOr<std::unique_ptr<WritableFile>> OpenForWrite(const std::string& path, WriteMode mode) override;
  Status Rename(const std::string& from, const std::string& to) override;
  Status Delete(const std::string& path) override;
  Status DeleteRecursively(const std::string& path) override;
  Status CreateDirectories(const std::string& path) override;
  StatusOr<std::vector<FileInfo>> List(const std::string& directory) override;
  StatusOr<FileInfo> Stat(const std::string& path) override;
  Status SyncDirectory(const std::string& directory) override;
  Status MakeExecutable(const std::string& path) override { return files_.MakeExecutable(path); }

 private:
  class Reader;
  class Writer;

  // Counts the call; the error it shall give, or OK. `tears_write` is set when the fault says so.
  Status Check(FileOperation operation, const std::string& path, bool* tears_write = nullptr) const;

  FileSystem& files_;
  mutable Mutex mutex_;
  mutable std::vector<FileFault> faults_ WEIR_GUARDED_BY(mutex_);
  mutable std::map<FileOperation, int> calls_ WEIR_GUARDED_BY(mutex_);
};

}  // namespace weir
