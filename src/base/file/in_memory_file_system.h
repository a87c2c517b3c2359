// A file system that is a map: for tests and simulations.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "weir/base/clock.h"
#include "weir/base/file/file_system.h"
#include "weir/base/mutex.h"

namespace weir {

// Behaves as LocalFileSystem does, its errors included; open files go on after a rename or deletion. "/" and "." exist from the start and share nothing.
//
// Threads: any.
class InMemoryFileSystem final : public FileSystem {
 public:
  // `clock` gives modification times; without one they are 0. It must outlive the file system.
  explicit InMemoryFileSystem(const Clock* clock = nullptr);

  StatusOr<std::unique_ptr<ReadableFile>> OpenForRead(const std::string& path) override;
  StatusOr<std::unique_ptr<WritableFile>> OpenForWrite(const std::string& path, WriteMode mode) override;
  Status Rename(const std::string& from, const std::string& to) override;
  Status Delete(const std::string& path) override;
  Status DeleteRecursively(const std::string& path) override;
  Status CreateDirectories(const std::string& path) override;
  StatusOr<std::vector<FileInfo>> List(const std::string& directory) override;
  StatusOr<FileInfo> Stat(const std::string& path) override;
  Status SyncDirectory(const std::string& directory) override;
  Status MakeExecutable(const std::string& path) override;

  // What a crash of the machine may do: every file falls back to the content of its last Sync.
  void LoseUnsyncedContents();
  // Turns one bit of a file's content over, as a bad disk does. The file must have that byte.
  void FlipBit(const std::string& path, uint64_t byte);

 private:
  struct Node;
  class Reader;
  class Writer;

  // The node at `path`, or kNotFound said of `action`.
  StatusOr<std::shared_ptr<Node>> Find(const char* action, const std::string& path) WEIR_REQUIRES(mutex_);
  // Fails unless the parent of `path` is a directory.
  Status CheckParent(const char* action, const std::string& path) WEIR_REQUIRES(mutex_);
  bool HasEntries(const std::string& directory) WEIR_REQUIRES(mutex_);
  FileInfo InfoOf(const std::string& path, const Node& node) const WEIR_REQUIRES(mutex_);
  Timestamp Now() const { return clock_ == nullptr ? Timestamp() : clock_->WallTime(); }

  const Clock* const clock_;
  Mutex mutex_;  // guards the nodes too
  std::map<std::string, std::shared_ptr<Node>> nodes_ WEIR_GUARDED_BY(mutex_);
};

}  // namespace weir
