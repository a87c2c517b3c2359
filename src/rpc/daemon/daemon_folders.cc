#include "weir/rpc/daemon/daemon_folders.h"

#include <unistd.h>

#include <cstdlib>
#include <string>
#include <vector>

#include "weir/config/cluster_options.h"
#include "weir/config/configuration.h"

namespace weir {

std::string DaemonFolder(const Configuration& configuration, const std::string& role) {
  const std::vector<std::string> folders = configuration.Find(kTemporaryDirs).value_or(std::vector<std::string>());
  const char* const system = std::getenv("TMPDIR");
  const std::string root = !folders.empty() ? folders[0] : system != nullptr && *system != '\0' ? system : "/tmp";
  return root + "/weir-" + std::to_string(getuid()) + "/" + std::to_string(configuration.Get(kJobManagerPort)) + "/" +
         role;
}

}  // namespace weir
