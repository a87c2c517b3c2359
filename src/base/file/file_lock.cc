#include "weir/base/file/file_lock.h"

#include <fcntl.h>
#include <sys/file.h>
#include <unistd.h>

#include <cerrno>

#include "weir/base/errno_status.h"

namespace weir {
namespace {

// Who holds the lock wrote its process id into the file.
std::string HolderOf(int descriptor) {
  char text[32] = "";
  const ssize_t length = pread(descriptor, text, sizeof(text) - 1, 0);
  return length > 0 ? "process " + std::string(text, static_cast<size_t>(length)) : "another process";
}

}  // namespace

StatusOr<std::unique_ptr<FileLock>> FileLock::Take(const std::string& path) {
  const int descriptor = open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, S_IRUSR | S_IWUSR);
  if (descriptor < 0) return ErrnoError(errno, "cannot open " + path);
  std::unique_ptr<FileLock> lock(new FileLock(descriptor));
  if (flock(descriptor, LOCK_EX | LOCK_NB) != 0) {
    if (errno != EWOULDBLOCK) return ErrnoError(errno, "cannot lock " + path);
    return UnavailableError(path + " is held by " + HolderOf(descriptor));
  }
  const std::string holder = std::to_string(getpid());
  // For people only: the lock holds without it.
  if (ftruncate(descriptor, 0) == 0) static_cast<void>(pwrite(descriptor, holder.data(), holder.size(), 0) < 0);
  return lock;
}

FileLock::~FileLock() { close(descriptor_); }

}  // namespace weir
