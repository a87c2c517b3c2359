// Starts a program as another user. For child_process.cc: posix_spawn, which starts all others, cannot change the user.
#pragma once

#include <sys/types.h>

#include "weir/base/status.h"

namespace weir {

struct ChildCommand;

// Of a command with a user. The child has become that user, with none of this process' rights, before it opens a file or enters a folder.
StatusOr<pid_t> SpawnAsUser(const ChildCommand& command);

}  // namespace weir
