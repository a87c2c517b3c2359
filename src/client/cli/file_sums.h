// SHA-256 sums of files, remembered between runs of the command line: libweir.so alone takes a tenth of a second to read.
#pragma once

#include <map>
#include <string>

#include "weir/base/clock.h"
#include "weir/base/file/file_system.h"

namespace weir::cli {

// Sums by the files' identity (inode, size, times), in a file of the person's own. Without one, or with a damaged one, sums are computed.
//
// Threads: one. Two command lines at once may lose each other's sums, never mix them up.
class FileSums {
 public:
  // `folder`: where the sums are kept; empty: nowhere.
  FileSums(FileSystem& files, const Clock& clock, std::string folder);
  // $XDG_CACHE_HOME/weir or ~/.cache/weir; empty if neither is set.
  static std::string DefaultFolder();

  StatusOr<std::string> Of(const std::string& path);
  // Keeps what was computed. To be called once the person need not wait any more.
  void Save();

 private:
  void Load();

  FileSystem& files_;
  const Clock& clock_;
  const std::string folder_;
  std::map<std::string, std::string> sums_;  // by identity
  bool has_new_ = false;
};

}  // namespace weir::cli
