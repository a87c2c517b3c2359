#include "weir/state/rocksdb/local_folder.h"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <string_view>

#include "weir/base/errno_status.h"
#include "weir/base/file/file_path.h"
#include "weir/base/file/file_system.h"
#include "weir/base/random.h"

namespace weir {

namespace {

constexpr std::string_view kPrefix = "weir-rocksdb-";
constexpr std::string_view kLock = ".lock";

std::string LockOf(const std::string& folder) { return folder + std::string(kLock); }

// A file that was just made can be taken for one left behind, and removed, until it is locked.
constexpr int kAttempts = 10;

// Descriptor of the file at `path`, locked; -1: somebody else has it.
int LockFile(const std::string& path, int flags) {
  const int file = open(path.c_str(), O_RDWR | O_CLOEXEC | flags, 0644);
  if (file < 0) return -1;
  struct stat info{};
  if (flock(file, LOCK_EX | LOCK_NB) == 0 && fstat(file, &info) == 0 && info.st_nlink > 0) return file;
  close(file);
  return -1;
}

// What cannot be removed now, the next process tries again.
void RemoveWithLock(const std::string& folder, int lock) {
  if (LocalFileSystem().DeleteRecursively(folder).ok()) unlink(LockOf(folder).c_str());
  close(lock);
}

void RemoveLeftBehind(const std::string& directory) {
  const StatusOr<std::vector<FileInfo>> entries = LocalFileSystem().List(directory);
  if (!entries.ok()) return;
  for (const FileInfo& entry : *entries) {
    const std::string_view name = BaseName(entry.path);
    if (!name.starts_with(kPrefix) || !name.ends_with(kLock)) continue;
    const int lock = LockFile(entry.path, 0);
    if (lock >= 0) RemoveWithLock(entry.path.substr(0, entry.path.size() - kLock.size()), lock);
  }
}

}  // namespace

StatusOr<std::unique_ptr<LocalFolder>> LocalFolder::Create(const std::string& directory) {
  WEIR_RETURN_IF_ERROR(LocalFileSystem().CreateDirectories(directory));
  RemoveLeftBehind(directory);
  SystemRandom random;
  std::string folder;
  int error = 0;
  for (int attempt = 0; attempt < kAttempts; ++attempt) {
    folder = JoinPath(directory, std::string(kPrefix) + std::to_string(random.Next() % 1'000'000'000'000));
    const int lock = LockFile(LockOf(folder), O_CREAT | O_EXCL);
    error = errno;
    if (lock < 0) continue;
    std::unique_ptr<LocalFolder> made(new LocalFolder(folder, lock));
    WEIR_RETURN_IF_ERROR(LocalFileSystem().CreateDirectories(folder));
    return made;
  }
  return ErrnoError(error, "cannot lock " + LockOf(folder));
}

LocalFolder::~LocalFolder() { RemoveWithLock(path_, lock_); }

}  // namespace weir
