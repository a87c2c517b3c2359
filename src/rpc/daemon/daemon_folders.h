// Where daemons keep their files.
#pragma once

#include <string>

namespace weir {

class Configuration;

// A folder of this user, this cluster and `role` below the first of io.tmp.dirs. Not made yet. A cluster is known by the JobManager's port and by `config_dir`:
// two installations have nothing in common, though both have the default port.
std::string DaemonFolder(const Configuration& configuration, const std::string& config_dir, const std::string& role);

}  // namespace weir
