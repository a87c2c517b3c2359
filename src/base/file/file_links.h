// Links between local files.
#pragma once

#include <string>

#include "weir/base/status.h"

namespace weir {

class FileSystem;

// Makes `path` a symbolic link to `target`. Replaces a link that is there.
Status LinkTo(const std::string& target, const std::string& path);

// Gives the file `target` of this machine a second name, `path`, which is one of `files`. An error where that cannot be, such as between two disks or with `files`
// that are not the machine's own: then it is to be copied.
Status AddNameOf(const std::string& target, FileSystem& files, const std::string& path);

}  // namespace weir
