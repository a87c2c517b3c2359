// The kernel's answers as statuses.
#pragma once

#include <string>

#include "weir/base/status.h"

namespace weir {

// `error` is an errno value. The message is "<what>: <text of the error>"; the code is the nearest one: ENOENT is kNotFound, ENOSPC kResourceExhausted,
// EIO kDataLoss and so on.
Status ErrnoError(int error, std::string what);

}  // namespace weir
