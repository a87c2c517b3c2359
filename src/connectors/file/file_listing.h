// Which files a path stands for.
#pragma once

#include <string>
#include <vector>

#include "weir/base/file/file_system.h"
#include "weir/base/status.h"

namespace weir {

// `path`: a file, a folder (all files in it and below) or a pattern (base/file/path_glob.h) of files and folders. In folders and for patterns, names that begin
// with "." or "_" are left out: unfinished files and markers are called so. Sorted by path. An error if a path that is no pattern does not exist; a
// pattern may match nothing.
StatusOr<std::vector<FileInfo>> ListInputFiles(FileSystem& file_system, const std::string& path);

// `cannot read "x.csv": No such file or directory. ...`
Status CannotRead(const std::string& path, const Status& cause);

}  // namespace weir
