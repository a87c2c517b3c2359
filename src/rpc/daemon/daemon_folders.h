// Where daemons keep their files.
#pragma once

#include <string>

namespace weir {

class Configuration;

// A folder of this user, this cluster (the JobManager's port) and `role` below the first of io.tmp.dirs. Not made yet.
std::string DaemonFolder(const Configuration& configuration, const std::string& role);

}  // namespace weir
