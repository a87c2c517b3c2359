#include "weir/base/file/file_system.h"

namespace weir {

StatusOr<bool> FileSystem::Exists(const std::string& path) {
  const StatusOr<FileInfo> info = Stat(path);
  if (info.ok()) return true;
  if (info.status().code() == StatusCode::kNotFound) return false;
  return info.status();
}

}  // namespace weir
