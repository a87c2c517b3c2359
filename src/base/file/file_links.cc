#include "weir/base/file/file_links.h"

#include <unistd.h>

#include <cerrno>

#include "weir/base/errno_status.h"

namespace weir {

Status LinkTo(const std::string& target, const std::string& path) {
  if (symlink(target.c_str(), path.c_str()) == 0) return OkStatus();
  const bool is_there = errno == EEXIST && unlink(path.c_str()) == 0;
  if (is_there && symlink(target.c_str(), path.c_str()) == 0) return OkStatus();
  return ErrnoError(errno, "cannot link " + path + " to " + target);
}

}  // namespace weir
