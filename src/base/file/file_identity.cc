#include "weir/base/file/file_identity.h"

#include <sys/stat.h>

#include <cerrno>

#include "weir/base/errno_status.h"

namespace weir {
namespace {

std::string TextOf(const timespec& time) { return std::to_string(time.tv_sec) + "." + std::to_string(time.tv_nsec); }

}  // namespace

StatusOr<FileIdentity> IdentityOf(const std::string& path) {
  struct stat about{};
  if (stat(path.c_str(), &about) != 0) return ErrnoError(errno, "cannot look at " + path);
  FileIdentity identity;
  identity.text = std::to_string(about.st_dev) + ":" + std::to_string(about.st_ino) + ":" +
                  std::to_string(about.st_size) + ":" + TextOf(about.st_mtim) + ":" + TextOf(about.st_ctim);
  identity.changed =
      Timestamp(std::chrono::milliseconds(int64_t{about.st_ctim.tv_sec} * 1000 + about.st_ctim.tv_nsec / 1000000));
  return identity;
}

}  // namespace weir
