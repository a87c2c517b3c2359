#include "weir/base/file/owned_files.h"

#include <fcntl.h>
#include <sys/fsuid.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <utility>

#include "weir/base/errno_status.h"
#include "weir/base/file/file_path.h"
#include "weir/base/file/open_flags.h"

namespace weir {
namespace {

// A file that is open already, under the name that it was opened by.
class NamedReadableFile final : public ReadableFile {
 public:
  NamedReadableFile(std::string path, std::unique_ptr<ReadableFile> file)
      : path_(std::move(path)), file_(std::move(file)) {}

  StatusOr<size_t> Read(std::span<char> into) override { return file_->Read(into); }
  StatusOr<size_t> ReadAt(uint64_t offset, std::span<char> into) const override { return file_->ReadAt(offset, into); }
  Status Seek(uint64_t offset) override { return file_->Seek(offset); }
  StatusOr<uint64_t> Size() const override { return file_->Size(); }
  const std::string& path() const override { return path_; }

 private:
  const std::string path_;
  const std::unique_ptr<ReadableFile> file_;
};

class NamedWritableFile final : public WritableFile {
 public:
  NamedWritableFile(std::string path, std::unique_ptr<WritableFile> file)
      : path_(std::move(path)), file_(std::move(file)) {}

  Status Append(std::string_view bytes) override { return file_->Append(bytes); }
  Status Sync() override { return file_->Sync(); }
  Status Close() override { return file_->Close(); }
  uint64_t size() const override { return file_->size(); }
  const std::string& path() const override { return path_; }

 private:
  const std::string path_;
  const std::unique_ptr<WritableFile> file_;
};

Status WhyNot(const std::string& path) {
  if (errno != ELOOP) return ErrnoError(errno, "cannot open " + path);
  return PermissionDeniedError("cannot open " + path + ": it is a link, which another user may have put there");
}

// What is open here, as a path: opened again, it is the same file, whatever its name leads to by now.
std::string OpenedAs(int fd) { return "/proc/self/fd/" + std::to_string(fd); }

// Meanwhile this thread may do to files what the owner may, which takes root's rights from it; other threads keep them. Without root's rights it changes nothing.
class AsOwner {
 public:
  explicit AsOwner(const FolderOwner& owner) : gid_(setfsgid(owner.gid)), uid_(setfsuid(owner.uid)) {}
  ~AsOwner() {
    setfsuid(static_cast<uid_t>(uid_));
    setfsgid(static_cast<gid_t>(gid_));
  }
  AsOwner(const AsOwner&) = delete;
  AsOwner& operator=(const AsOwner&) = delete;

 private:
  const int gid_;
  const int uid_;
};

}  // namespace

StatusOr<std::unique_ptr<ReadableFile>> OwnedFiles::OpenForRead(const std::string& path) {
  WEIR_ASSIGN_OR_RETURN(std::string local, PathFromUri(path));
  const int fd = open(local.c_str(), O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK);
  if (fd < 0) return WhyNot(local);
  StatusOr<std::unique_ptr<ReadableFile>> file = local_.OpenForRead(OpenedAs(fd));
  close(fd);
  if (!file.ok()) return file.status().Annotate(local);
  return std::unique_ptr<ReadableFile>(new NamedReadableFile(std::move(local), *std::move(file)));
}

StatusOr<std::unique_ptr<WritableFile>> OwnedFiles::OpenForWrite(const std::string& path, WriteMode mode) {
  WEIR_ASSIGN_OR_RETURN(std::string local, PathFromUri(path));
  const int fd = open(local.c_str(), O_WRONLY | O_CREAT | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK | OpenFlags(mode), 0666);
  if (fd < 0) return WhyNot(local);
  // At its end, which is its beginning if it is new.
  StatusOr<std::unique_ptr<WritableFile>> file = local_.OpenForWrite(OpenedAs(fd), WriteMode::kAppend);
  close(fd);
  if (!file.ok()) return file.status().Annotate(local);
  return std::unique_ptr<WritableFile>(new NamedWritableFile(std::move(local), *std::move(file)));
}

Status OwnedFiles::Delete(const std::string& path) { return DeleteAsOwner(path, &LocalFileSystem::Delete); }

Status OwnedFiles::DeleteRecursively(const std::string& path) {
  return DeleteAsOwner(path, &LocalFileSystem::DeleteRecursively);
}

Status OwnedFiles::DeleteAsOwner(const std::string& path, Status (LocalFileSystem::*remove)(const std::string&)) {
  WEIR_ASSIGN_OR_RETURN(const std::string local, PathFromUri(path));
  Status status;
  {
    const AsOwner as_owner(owner_);
    status = (local_.*remove)(local);
  }
  return status.code() == StatusCode::kPermissionDenied ? DeleteItsOwn(local, std::move(status)) : status;
}

Status OwnedFiles::DeleteItsOwn(const std::string& path, Status denied) const {
  // The folder is held, so that what is looked at is what is deleted, whatever links lead there by now.
  const int folder = open(DirectoryName(path).c_str(), O_PATH | O_DIRECTORY | O_CLOEXEC);
  if (folder < 0) return denied;
  const std::string name(BaseName(path));
  struct stat entry{};
  const bool is_its_own = fstatat(folder, name.c_str(), &entry, AT_SYMLINK_NOFOLLOW) == 0 && entry.st_uid == owner_.uid;
  const bool is_gone = is_its_own && unlinkat(folder, name.c_str(), S_ISDIR(entry.st_mode) ? AT_REMOVEDIR : 0) == 0;
  close(folder);
  return is_gone ? OkStatus() : denied;
}

Status OwnedFiles::CreateDirectories(const std::string& path) {
  WEIR_ASSIGN_OR_RETURN(const std::string local, PathFromUri(path));
  WEIR_ASSIGN_OR_RETURN(const bool is_there, Exists(local));
  if (is_there) return local_.CreateDirectories(local);
  const std::string parent = DirectoryName(local);
  if (parent != local && parent != ".") WEIR_RETURN_IF_ERROR(CreateDirectories(parent));
  WEIR_RETURN_IF_ERROR(local_.CreateDirectories(local));
  if (lchown(local.c_str(), owner_.uid, owner_.gid) == 0) return OkStatus();
  return ErrnoError(errno, "cannot give " + local + " to its user");
}

}  // namespace weir
