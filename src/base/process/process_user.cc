#include "weir/base/process/process_user.h"

#include <dirent.h>
#include <fcntl.h>
#include <grp.h>
#include <pwd.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <cstdlib>
#include <memory>
#include <utility>

#include "weir/base/errno_status.h"
#include "weir/base/net/descriptor.h"

namespace weir {
namespace {

// Enough for the entry of any user; getpwnam_r says ERANGE if it is not.
constexpr size_t kEntryBytes = size_t{64} << 10;
constexpr int kFirstGroups = 64;
constexpr int kOpenFolder = O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC;

Status ChangeMode(const std::string& path, mode_t more, mode_t less = 0) {
  struct stat stat;
  if (::stat(path.c_str(), &stat) != 0) return ErrnoError(errno, "cannot look at " + path);
  const mode_t mode = ((stat.st_mode & 07777) | more) & ~less;
  return chmod(path.c_str(), mode) == 0 ? OkStatus() : ErrnoError(errno, "cannot change who may use " + path);
}

// False, and errno, if not; EEXIST: something of that name is there.
bool RenameIfFree(const std::string& folder, const std::string& name) {
  if (renameat2(AT_FDCWD, folder.c_str(), AT_FDCWD, name.c_str(), RENAME_NOREPLACE) == 0) return true;
  // Network file systems do not know the flag; without it an empty folder is replaced, which is as good.
  return errno == EINVAL && rename(folder.c_str(), name.c_str()) == 0;
}

Status CannotOpen(const std::string& path) {
  if (errno != ELOOP && errno != ENOTDIR) return ErrnoError(errno, "cannot open " + path);
  return PermissionDeniedError("cannot open " + path + ": it is a link, which another user may have put there");
}

Status Give(const ProcessUser& user, int opened, const std::string& path) {
  struct stat stat;
  const bool is_given = fstat(opened, &stat) == 0 && fchown(opened, user.uid, user.gid) == 0 &&
                        fchmod(opened, (stat.st_mode & S_IRWXU) | S_IRWXU) == 0;
  return is_given ? OkStatus() : ErrnoError(errno, "cannot give " + path + " to the user \"" + user.name + "\"");
}

struct CloseFolder {
  void operator()(DIR* folder) const { closedir(folder); }
};

// NOLINTNEXTLINE(misc-no-recursion): as deep as the folders that a job was shipped with
Status GiveFolders(const ProcessUser& user, Descriptor opened, const std::string& path) {
  const int fd = opened.get();
  const std::unique_ptr<DIR, CloseFolder> listed(fdopendir(opened.Release()));
  if (listed == nullptr) return ErrnoError(errno, "cannot list " + path);
  while (const dirent* const entry = readdir(listed.get())) {
    const std::string name = entry->d_name;
    if (name == "." || name == "..") continue;
    Descriptor inner(openat(fd, name.c_str(), kOpenFolder));
    if (inner.get() >= 0) WEIR_RETURN_IF_ERROR(GiveFolders(user, std::move(inner), path + "/" + name));
  }
  return Give(user, fd, path);
}

bool MayPass(const ProcessUser& user, const struct stat& stat) {
  if (user.uid == 0) return true;
  if (stat.st_uid == user.uid) return (stat.st_mode & S_IXUSR) != 0;
  const bool is_member = std::ranges::find(user.groups, stat.st_gid) != user.groups.end();
  return (stat.st_mode & (is_member ? S_IXGRP : S_IXOTH)) != 0;
}

}  // namespace

StatusOr<ProcessUser> FindProcessUser(const std::string& name) {
  std::vector<char> text(kEntryBytes);
  passwd entry{};
  passwd* found = nullptr;
  const int error = getpwnam_r(name.c_str(), &entry, text.data(), text.size(), &found);
  if (found == nullptr && error != 0) return ErrnoError(error, "cannot look up the user \"" + name + "\"");
  if (found == nullptr) return NotFoundError("this machine has no user \"" + name + "\"");
  ProcessUser user{.name = name, .uid = entry.pw_uid, .gid = entry.pw_gid, .groups = {}, .home = entry.pw_dir};
  int count = kFirstGroups;
  user.groups.resize(static_cast<size_t>(count));
  if (getgrouplist(name.c_str(), user.gid, user.groups.data(), &count) < 0) {
    user.groups.resize(static_cast<size_t>(count));
    getgrouplist(name.c_str(), user.gid, user.groups.data(), &count);
  }
  user.groups.resize(static_cast<size_t>(std::max(count, 0)));
  return user;
}

bool MayBecomeOthers() { return geteuid() == 0; }

Status MakePrivateFolder(const std::string& path) {
  return mkdir(path.c_str(), S_IRWXU) == 0 ? OkStatus() : ErrnoError(errno, "cannot make the folder " + path);
}

Status MakePassableFolder(const std::string& path) {
  // Under its name only when it is complete: what mkdir makes has bits taken away by the umask, which is the whole process'.
  std::string unfinished = path + ".XXXXXX";
  if (mkdtemp(unfinished.data()) == nullptr) return ErrnoError(errno, "cannot make the folder " + path);
  Status status = LetThrough(unfinished);
  if (status.ok() && RenameIfFree(unfinished, path)) return OkStatus();
  if (status.ok() && errno != EEXIST) status = ErrnoError(errno, "cannot make the folder " + path);
  rmdir(unfinished.c_str());
  return status;
}

Status GiveTo(const ProcessUser& user, const std::string& path) {
  const Descriptor opened(open(path.c_str(), O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC));
  if (opened.get() < 0) return CannotOpen(path);
  return Give(user, opened.get(), path);
}

Status GiveFoldersTo(const ProcessUser& user, const std::string& folder) {
  Descriptor opened(open(folder.c_str(), kOpenFolder));
  if (opened.get() < 0) return CannotOpen(folder);
  return GiveFolders(user, std::move(opened), folder);
}

Status ShareWith(const ProcessUser& user, const std::string& path) {
  if (lchown(path.c_str(), static_cast<uid_t>(-1), user.gid) != 0) {
    return ErrnoError(errno, "cannot share " + path + " with the user \"" + user.name + "\"");
  }
  return ChangeMode(path, S_IRGRP | S_IXGRP);
}

Status LetThrough(const std::string& folder) { return ChangeMode(folder, S_IXGRP | S_IXOTH); }

bool MayEnter(const ProcessUser& user, const std::string& folder) {
  for (size_t end = 0; end != std::string::npos;) {
    end = folder.find('/', end + 1);
    struct stat stat;
    if (::stat(folder.substr(0, end).c_str(), &stat) != 0 || !S_ISDIR(stat.st_mode) || !MayPass(user, stat))
      return false;
  }
  return true;
}

}  // namespace weir
