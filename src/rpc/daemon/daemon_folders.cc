#include "weir/rpc/daemon/daemon_folders.h"

#include <limits.h>
#include <unistd.h>

#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <string>
#include <vector>

#include "weir/base/hash.h"
#include "weir/config/cluster_options.h"
#include "weir/config/configuration.h"

namespace weir {

namespace {

constexpr size_t kNameDigits = 8;

// "-3f2a91c0" for a folder, however it is spelled; empty for none.
std::string NameOfInstallation(const std::string& config_dir) {
  if (config_dir.empty()) return {};
  char resolved[PATH_MAX];
  const char* const path = realpath(config_dir.c_str(), resolved);
  const uint64_t hash = HashBytes(path != nullptr ? path : config_dir);
  char digits[2 * sizeof(hash) + 1];
  std::snprintf(digits, sizeof(digits), "%016llx", static_cast<unsigned long long>(hash));
  return "-" + std::string(digits, kNameDigits);
}

}  // namespace

std::string DaemonFolder(const Configuration& configuration, const std::string& config_dir, const std::string& role) {
  const std::vector<std::string> folders = configuration.Find(kTemporaryDirs).value_or(std::vector<std::string>());
  const char* const system = std::getenv("TMPDIR");
  const std::string root = !folders.empty() ? folders[0] : system != nullptr && *system != '\0' ? system : "/tmp";
  return root + "/weir-" + std::to_string(getuid()) + "/" + std::to_string(configuration.Get(kJobManagerPort)) +
         NameOfInstallation(config_dir) + "/" + role;
}

}  // namespace weir
