// The machine's files where some of the folders belong to another user, whom this process must not trust.
//
//   OwnedFiles files({.uid = 1000, .gid = 1000});
//   files.CreateDirectories("/data/checkpoints/4711");   // user 1000 may write there, and to what is made on the way
//   files.OpenForRead("/log/jobs/4711/worker.err");      // never what a link of that name leads to
//
// A link that the user has put in the place of a file would have this process read, or overwrite, what the user may not.
#pragma once

#include <sys/types.h>

#include "weir/base/file/file_system.h"

namespace weir {

struct FolderOwner {
  uid_t uid = 0;
  gid_t gid = 0;
};

// Threads: any.
class OwnedFiles final : public FileSystem {
 public:
  explicit OwnedFiles(FolderOwner owner) : owner_(owner) {}

  // kPermissionDenied: it is a link.
  StatusOr<std::unique_ptr<ReadableFile>> OpenForRead(const std::string& path) override;
  StatusOr<std::unique_ptr<WritableFile>> OpenForWrite(const std::string& path, WriteMode mode) override;
  Status Rename(const std::string& from, const std::string& to) override { return local_.Rename(from, to); }
  // Only what the owner might delete, and what is the owner's in a folder of somebody else: paths come from checkpoints, which the owner writes.
  // kPermissionDenied: it is neither.
  Status Delete(const std::string& path) override;
  Status DeleteRecursively(const std::string& path) override;
  // Those that it makes belong to the owner.
  Status CreateDirectories(const std::string& path) override;
  StatusOr<std::vector<FileInfo>> List(const std::string& directory) override { return local_.List(directory); }
  StatusOr<FileInfo> Stat(const std::string& path) override { return local_.Stat(path); }
  Status SyncDirectory(const std::string& directory) override { return local_.SyncDirectory(directory); }
  Status MakeExecutable(const std::string& path) override { return local_.MakeExecutable(path); }

 private:
  Status DeleteAsOwner(const std::string& path, Status (LocalFileSystem::*remove)(const std::string&));
  // What the owner was not let do, if it is about the owner's own file or empty folder; else `denied`.
  Status DeleteItsOwn(const std::string& path, Status denied) const;

  const FolderOwner owner_;
  LocalFileSystem local_;
};

}  // namespace weir
