#include "weir/rpc/daemon/daemon_main.h"

#include <cstdio>
#include <cstdlib>
#include <string_view>

#include "weir/base/file/file_contents.h"
#include "weir/base/file/process.h"
#include "weir/base/logging.h"
#include "weir/config/config_file.h"
#include "weir/config/configuration.h"
#include "weir/config/heartbeat_times.h"

namespace weir {
namespace {

constexpr const char* kUsage =
    "options: --config-dir <folder>  --log-dir <folder>  --log-file <file>  --log-console <true|false>  --pid-file "
    "<file>  "
    "--index <number>  -D<key>=<value>";

// Takes one argument, or two; returns how many.
StatusOr<int> TakeArgument(DaemonCommandLine& into, Configuration& properties, std::string_view name,
                           const char* next) {
  if (name.starts_with("-D")) {
    const size_t equals = name.find('=');
    if (equals == std::string_view::npos || equals == 2) {
      return InvalidArgumentError("expected -D<key>=<value>, got \"" + std::string(name) + "\"");
    }
    properties.SetText(name.substr(2, equals - 2), name.substr(equals + 1), "the command line");
    return 1;
  }
  if (!name.starts_with("-")) return InvalidArgumentError("\"" + std::string(name) + "\" is no option. " + kUsage);
  if (next == nullptr) return InvalidArgumentError("\"" + std::string(name) + "\" needs a value. " + kUsage);
  if (name == "--config-dir") {
    into.config_dir = next;
  } else if (name == "--log-dir") {
    into.log_dir = next;
  } else if (name == "--log-file") {
    into.log_file = next;
  } else if (name == "--log-console") {
    into.logs_to_console = std::string_view(next) == "true";
  } else if (name == "--pid-file") {
    into.pid_file = next;
  } else if (name == "--index") {
    into.index = std::atoi(next);
  } else {
    return InvalidArgumentError("unknown option \"" + std::string(name) + "\". " + kUsage);
  }
  return 2;
}

Status OpenLog(DaemonCommandLine& read, FileSystem& files, LogProcess process) {
  read.log_settings = LogSettingsFile(read.config_dir);
  WEIR_ASSIGN_OR_RETURN(LogSettings settings, LoadLogSettings(files, read.log_settings, process));
  settings.to_console |= read.logs_to_console;
  return ApplyLogSettings(settings, read.log_file);
}

}  // namespace

StatusOr<DaemonCommandLine> ReadDaemonCommandLine(int argc, const char* const* argv, LogProcess process) {
  DaemonCommandLine read;
  if (const char* const folder = std::getenv("WEIR_CONF_DIR")) read.config_dir = folder;
  Configuration properties;
  for (int i = 1; i < argc;) {
    WEIR_ASSIGN_OR_RETURN(const int taken,
                          TakeArgument(read, properties, argv[i], i + 1 < argc ? argv[i + 1] : nullptr));
    i += taken;
  }
  LocalFileSystem files;
  WEIR_RETURN_IF_ERROR(OpenLog(read, files, process));
  WEIR_ASSIGN_OR_RETURN(Configuration configuration, LoadLayers(files, read.config_dir, properties));
  WEIR_RETURN_IF_ERROR(SettleHeartbeats(configuration));
  for (const std::string& warning : WarningsFor(configuration)) WEIR_LOG(kWarning, "{}", warning);
  read.configuration = std::make_shared<const Configuration>(std::move(configuration));
  return read;
}

Status WritePidFile(const std::string& path, int port) {
  if (path.empty()) return OkStatus();
  LocalFileSystem files;
  return WriteFileAtomically(files, path, std::to_string(CurrentProcessId()) + " " + std::to_string(port) + "\n");
}

void RemovePidFile(const std::string& path) {
  LocalFileSystem files;
  if (!path.empty()) static_cast<void>(files.Delete(path));
}

int FailToStart(const std::string& daemon, const Status& why) {
  if (!LogFilePath().empty()) WEIR_LOG(kError, "{} did not start: {}", daemon, why.message());
  std::fprintf(stderr, "%s did not start: %s\n", daemon.c_str(), std::string(why.message()).c_str());
  return EXIT_FAILURE;
}

}  // namespace weir
