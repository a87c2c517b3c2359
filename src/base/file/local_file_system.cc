// LocalFileSystem: plain system calls, so that every error keeps its errno.
#include <dirent.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <utility>

#include "weir/base/errno_status.h"
#include "weir/base/file/file_path.h"
#include "weir/base/file/file_system.h"
#include "weir/base/file/open_flags.h"

namespace weir {
namespace {

Status Failed(const char* action, const std::string& path) {
  return ErrnoError(errno, std::string("cannot ") + action + " " + path);
}

// Calls `operation` again while a signal interrupts it.
template <class F>
auto Uninterrupted(F operation) {
  decltype(operation()) result;
  do {
    result = operation();
  } while (result < 0 && errno == EINTR);
  return result;
}

FileInfo InfoOf(std::string path, const struct stat& stat) {
  FileInfo info;
  info.path = std::move(path);
  info.type = S_ISREG(stat.st_mode) ? FileType::kFile : S_ISDIR(stat.st_mode) ? FileType::kDirectory : FileType::kOther;
  info.size = static_cast<uint64_t>(stat.st_size);
  info.modified = FromEventTime(int64_t{stat.st_mtim.tv_sec} * 1000 + stat.st_mtim.tv_nsec / 1'000'000);
  return info;
}

class LocalReadableFile final : public ReadableFile {
 public:
  LocalReadableFile(std::string path, int fd) : path_(std::move(path)), fd_(fd) {}
  ~LocalReadableFile() override { close(fd_); }

  StatusOr<size_t> Read(std::span<char> into) override {
    const ssize_t got = Uninterrupted([&] { return read(fd_, into.data(), into.size()); });
    if (got < 0) return Failed("read", path_);
    return static_cast<size_t>(got);
  }

  StatusOr<size_t> ReadAt(uint64_t offset, std::span<char> into) const override {
    size_t done = 0;
    while (done < into.size()) {
      const auto at = static_cast<off_t>(offset + done);
      const ssize_t got = Uninterrupted([&] { return pread(fd_, into.data() + done, into.size() - done, at); });
      if (got < 0) return Failed("read", path_);
      if (got == 0) break;
      done += static_cast<size_t>(got);
    }
    return done;
  }

  Status Seek(uint64_t offset) override {
    return lseek(fd_, static_cast<off_t>(offset), SEEK_SET) < 0 ? Failed("seek in", path_) : OkStatus();
  }

  StatusOr<uint64_t> Size() const override {
    struct stat stat;
    if (fstat(fd_, &stat) != 0) return Failed("get the size of", path_);
    return static_cast<uint64_t>(stat.st_size);
  }

  const std::string& path() const override { return path_; }

 private:
  const std::string path_;
  const int fd_;
};

class LocalWritableFile final : public WritableFile {
 public:
  LocalWritableFile(std::string path, int fd, uint64_t size) : path_(std::move(path)), fd_(fd), size_(size) {}
  ~LocalWritableFile() override { LocalWritableFile::Close().ok(); }

  Status Append(std::string_view bytes) override {
    if (fd_ < 0) return FailedPreconditionError("cannot write " + path_ + ": it is closed");
    while (!bytes.empty()) {
      const ssize_t written = Uninterrupted([&] { return write(fd_, bytes.data(), bytes.size()); });
      if (written < 0) return Failed("write", path_);
      size_ += static_cast<uint64_t>(written);
      bytes.remove_prefix(static_cast<size_t>(written));
    }
    return OkStatus();
  }

  Status Sync() override {
    if (fd_ < 0) return FailedPreconditionError("cannot sync " + path_ + ": it is closed");
    return fdatasync(fd_) != 0 ? Failed("sync", path_) : OkStatus();
  }

  Status Close() override {
    if (fd_ < 0) return OkStatus();
    const int fd = std::exchange(fd_, -1);
    // Not again after EINTR: the descriptor is gone in any case.
    return close(fd) != 0 && errno != EINTR ? Failed("close", path_) : OkStatus();
  }

  uint64_t size() const override { return size_; }
  const std::string& path() const override { return path_; }

 private:
  const std::string path_;
  int fd_;  // -1: closed
  uint64_t size_;
};

// Names in a directory, sorted, without "." and "..".
StatusOr<std::vector<std::string>> EntryNames(const std::string& directory) {
  DIR* const stream = opendir(directory.c_str());
  if (stream == nullptr) return Failed("list", directory);
  std::vector<std::string> names;
  errno = 0;
  while (const dirent* entry = readdir(stream)) {
    const std::string_view name = entry->d_name;
    if (name != "." && name != "..") names.emplace_back(name);
  }
  const Status status = errno == 0 ? OkStatus() : Failed("list", directory);
  closedir(stream);
  if (!status.ok()) return status;
  std::sort(names.begin(), names.end());
  return names;
}

}  // namespace

StatusOr<std::unique_ptr<ReadableFile>> LocalFileSystem::OpenForRead(const std::string& path) {
  WEIR_ASSIGN_OR_RETURN(const std::string local, PathFromUri(path));
  const int fd = Uninterrupted([&] { return open(local.c_str(), O_RDONLY | O_CLOEXEC); });
  if (fd < 0) return Failed("open", local);
  auto file = std::make_unique<LocalReadableFile>(local, fd);
  struct stat stat;
  if (fstat(fd, &stat) == 0 && S_ISDIR(stat.st_mode)) {
    errno = EISDIR;
    return Failed("read", local);
  }
  return std::unique_ptr<ReadableFile>(std::move(file));
}

StatusOr<std::unique_ptr<WritableFile>> LocalFileSystem::OpenForWrite(const std::string& path, WriteMode mode) {
  WEIR_ASSIGN_OR_RETURN(const std::string local, PathFromUri(path));
  const int fd =
      Uninterrupted([&] { return open(local.c_str(), O_WRONLY | O_CREAT | O_CLOEXEC | OpenFlags(mode), 0666); });
  if (fd < 0) return Failed("create", local);
  struct stat stat;
  const uint64_t size = fstat(fd, &stat) == 0 ? static_cast<uint64_t>(stat.st_size) : 0;
  return std::unique_ptr<WritableFile>(std::make_unique<LocalWritableFile>(local, fd, size));
}

Status LocalFileSystem::Rename(const std::string& from, const std::string& to) {
  WEIR_ASSIGN_OR_RETURN(const std::string local_from, PathFromUri(from));
  WEIR_ASSIGN_OR_RETURN(const std::string local_to, PathFromUri(to));
  if (rename(local_from.c_str(), local_to.c_str()) == 0) return OkStatus();
  return Failed("rename", local_from + " to " + local_to);
}

Status LocalFileSystem::Delete(const std::string& path) {
  WEIR_ASSIGN_OR_RETURN(const std::string local, PathFromUri(path));
  return remove(local.c_str()) == 0 ? OkStatus() : Failed("delete", local);
}

Status LocalFileSystem::DeleteRecursively(const std::string& path) {
  WEIR_ASSIGN_OR_RETURN(const std::string local, PathFromUri(path));
  struct stat stat;
  if (lstat(local.c_str(), &stat) != 0) return errno == ENOENT ? OkStatus() : Failed("delete", local);
  if (S_ISDIR(stat.st_mode)) {
    WEIR_ASSIGN_OR_RETURN(const std::vector<std::string> names, EntryNames(local));
    for (const std::string& name : names) WEIR_RETURN_IF_ERROR(DeleteRecursively(JoinPath(local, name)));
  }
  // Somebody else may have deleted it meanwhile; gone is gone.
  return remove(local.c_str()) == 0 || errno == ENOENT ? OkStatus() : Failed("delete", local);
}

Status LocalFileSystem::CreateDirectories(const std::string& path) {
  WEIR_ASSIGN_OR_RETURN(const std::string local, PathFromUri(path));
  if (mkdir(local.c_str(), 0777) == 0) return OkStatus();
  struct stat stat;
  if (errno == EEXIST && ::stat(local.c_str(), &stat) == 0 && S_ISDIR(stat.st_mode)) return OkStatus();
  if (errno != ENOENT) return Failed("create directory", local);
  const std::string parent = DirectoryName(local);
  if (parent == local || parent == ".") return Failed("create directory", local);
  WEIR_RETURN_IF_ERROR(CreateDirectories(parent));
  return mkdir(local.c_str(), 0777) == 0 || errno == EEXIST ? OkStatus() : Failed("create directory", local);
}

StatusOr<std::vector<FileInfo>> LocalFileSystem::List(const std::string& directory) {
  WEIR_ASSIGN_OR_RETURN(const std::string local, PathFromUri(directory));
  WEIR_ASSIGN_OR_RETURN(const std::vector<std::string> names, EntryNames(local));
  std::vector<FileInfo> entries;
  for (const std::string& name : names) {
    std::string path = JoinPath(local, name);
    struct stat stat;
    if (::stat(path.c_str(), &stat) == 0) entries.push_back(InfoOf(std::move(path), stat));
  }
  return entries;
}

StatusOr<FileInfo> LocalFileSystem::Stat(const std::string& path) {
  WEIR_ASSIGN_OR_RETURN(std::string local, PathFromUri(path));
  struct stat stat;
  if (::stat(local.c_str(), &stat) != 0) return Failed("look at", local);
  return InfoOf(std::move(local), stat);
}

Status LocalFileSystem::SyncDirectory(const std::string& directory) {
  WEIR_ASSIGN_OR_RETURN(const std::string local, PathFromUri(directory));
  const int fd = Uninterrupted([&] { return open(local.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC); });
  if (fd < 0) return Failed("open directory", local);
  const Status status = fsync(fd) != 0 ? Failed("sync directory", local) : OkStatus();
  close(fd);
  return status;
}

Status LocalFileSystem::MakeExecutable(const std::string& path) {
  WEIR_ASSIGN_OR_RETURN(const std::string local, PathFromUri(path));
  struct stat stat;
  if (::stat(local.c_str(), &stat) != 0) return Failed("look at", local);
  const mode_t readers = stat.st_mode & 0444;
  return chmod(local.c_str(), (stat.st_mode & 07777) | readers >> 2) == 0 ? OkStatus()
                                                                          : Failed("make executable", local);
}

}  // namespace weir
