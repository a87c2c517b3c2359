#include "weir/base/file/file_links.h"

#include <unistd.h>

#include <cerrno>

#include "weir/base/errno_status.h"
#include "weir/base/file/file_path.h"
#include "weir/base/file/file_system.h"

namespace weir {

Status LinkTo(const std::string& target, const std::string& path) {
  if (symlink(target.c_str(), path.c_str()) == 0) return OkStatus();
  const bool is_there = errno == EEXIST && unlink(path.c_str()) == 0;
  if (is_there && symlink(target.c_str(), path.c_str()) == 0) return OkStatus();
  return ErrnoError(errno, "cannot link " + path + " to " + target);
}

Status AddNameOf(const std::string& target, FileSystem& files, const std::string& path) {
  // Others have their own idea of what a path is, or are to see every byte that is written.
  if (dynamic_cast<LocalFileSystem*>(&files) == nullptr)
    return UnimplementedError("cannot link " + path + " to " + target + ": it is no file of this machine");
  WEIR_ASSIGN_OR_RETURN(const std::string name, PathFromUri(path));
  if (link(target.c_str(), name.c_str()) == 0) return OkStatus();
  return ErrnoError(errno, "cannot link " + path + " to " + target);
}

}  // namespace weir
