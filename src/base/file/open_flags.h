// Write modes in the words of open(2).
#pragma once

#include <fcntl.h>

#include "weir/base/file/file_system.h"

namespace weir {

// What `mode` adds to O_WRONLY | O_CREAT.
constexpr int OpenFlags(WriteMode mode) {
  switch (mode) {
    case WriteMode::kCreate:
      return O_EXCL;
    case WriteMode::kTruncate:
      return O_TRUNC;
    case WriteMode::kAppend:
      return O_APPEND;
  }
  return 0;
}

}  // namespace weir
