// What the main() functions of the daemons share: command line, configuration, log, pid file.
#pragma once

#include <memory>
#include <string>

#include "weir/base/status.h"
#include "weir/config/log/log_settings.h"

namespace weir {

class Configuration;

// --config-dir, --log-dir, --log-file, --log-console, --pid-file, --index and -Dkey=value.
struct DaemonCommandLine {
  std::string config_dir = {};  // else $WEIR_CONF_DIR
  std::string log_dir = ".";
  std::string log_file = {};      // empty: lines go to stderr
  bool logs_to_console = false;   // to stderr too
  std::string log_settings = {};  // the logging configuration file
  std::string pid_file = {};      // written when the daemon is ready
  int index = 0;                  // which of the daemons of its kind on this machine
  std::shared_ptr<const Configuration> configuration = {};
};

// Reads the command line, the logging configuration, which counts from then on, and the configuration file; everything that is wrong with the first and
// the last is in one error. Warnings go to the log.
StatusOr<DaemonCommandLine> ReadDaemonCommandLine(int argc, const char* const* argv, LogProcess process);

// "<pid> <port>", by rename, so that whoever waits for the file finds it whole. Empty path: nothing.
Status WritePidFile(const std::string& path, int port);
void RemovePidFile(const std::string& path);

// Prints the error for the person or script that started the daemon, and logs it if there is a log file; returns the exit code.
int FailToStart(const std::string& daemon, const Status& why);

}  // namespace weir
