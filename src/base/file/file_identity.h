// Telling whether a local file is still the one that was looked at before, without reading it.
#pragma once

#include <string>

#include "weir/base/status.h"
#include "weir/base/time.h"

namespace weir {

struct FileIdentity {
  std::string text;  // device, inode, size and the times of its last change: one word
  // When its contents or its inode changed last. What changes again within the clock's resolution keeps its identity, so one that has just changed says little.
  Timestamp changed{};
};

// Of the file behind `path`, links followed.
StatusOr<FileIdentity> IdentityOf(const std::string& path);

}  // namespace weir
