// Links between local files.
#pragma once

#include <string>

#include "weir/base/status.h"

namespace weir {

// Makes `path` a symbolic link to `target`. Replaces a link that is there.
Status LinkTo(const std::string& target, const std::string& path);

}  // namespace weir
