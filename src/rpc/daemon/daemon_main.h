// What the main() functions of the daemons share: command line, configuration, log, pid file.
#pragma once

#include <memory>
#include <string>

#include "weir/base/status.h"

namespace weir {

class Configuration;

// --config-dir, --log-dir, --pid-file, --index and -Dkey=value.
struct DaemonCommandLine {
  std::string config_dir = {};  // else $WEIR_CONF_DIR
  std::string log_dir = ".";
  std::string pid_file = {};  // written when the daemon is ready
  int index = 0;              // which of the daemons of its kind on this machine
  std::shared_ptr<const Configuration> configuration = {};
};

// Reads the command line and the configuration file; everything that is wrong with the two is in one error. Warnings go to the log.
StatusOr<DaemonCommandLine> ReadDaemonCommandLine(int argc, const char* const* argv);

// "<pid> <port>", by rename, so that whoever waits for the file finds it whole. Empty path: nothing.
Status WritePidFile(const std::string& path, int port);
void RemovePidFile(const std::string& path);

// Prints the error for the person or script that started the daemon; returns the exit code.
int FailToStart(const std::string& daemon, const Status& why);

}  // namespace weir
