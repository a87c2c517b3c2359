// The user as whom the programs of jobs run (security.job-user), and what a daemon that runs as root does for him.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "weir/base/process/process_user.h"
#include "weir/base/status.h"

namespace weir {

class Configuration;
class FileSystem;

// Null: programs run as the daemon does. The error says what is wrong with the option: there is no such user, or this process may not become others.
StatusOr<std::shared_ptr<const ProcessUser>> JobUserOf(const Configuration& configuration);

// Makes the daemon's own `folders`, with those above them that are not there, and lets the user pass through. kPermissionDenied: one that was there
// before keeps him out. With no user they are only made.
Status MakePassable(FileSystem& files, const ProcessUser* user, const std::vector<std::string>& folders);

}  // namespace weir
