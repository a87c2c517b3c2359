// weir-jobmanager: see docs/user/cluster.md. Exit codes: 0 stopped by a signal, 1 did not start.
#include <sys/stat.h>

#include <cstdlib>
#include <optional>

#include "weir/base/execution/signal.h"
#include "weir/base/logging.h"
#include "weir/config/configuration.h"
#include "weir/jobmanager/daemon/job_manager_daemon.h"
#include "weir/jobmanager/daemon/memory_limit.h"
#include "weir/rpc/daemon/daemon_crash.h"
#include "weir/rpc/daemon/daemon_main.h"

int main(int argc, char** argv) {
  using namespace weir;
  if (const std::optional<int> read = ReadCrashIfAsked(argc, argv)) return *read;
  // Executables and output of jobs are the owner's alone.
  umask(S_IRWXG | S_IRWXO);
  IgnoreBrokenPipes();
  StopSignal stop;
  const StatusOr<DaemonCommandLine> command_line = ReadDaemonCommandLine(argc, argv, LogProcess::kJobManager);
  if (!command_line.ok()) return FailToStart("weir-jobmanager", command_line.status());
  ReportCrashesOf("weir-jobmanager", *command_line);
  const MemoryLimit memory_limit(*command_line->configuration);
  auto daemon = JobManagerDaemon::Start({.configuration = command_line->configuration,
                                         .config_dir = command_line->config_dir,
                                         .log_folder = command_line->log_dir + "/jobs",
                                         .log_settings = command_line->log_settings});
  if (!daemon.ok()) return FailToStart("weir-jobmanager", daemon.status());
  const Status written = WritePidFile(command_line->pid_file, (*daemon)->port());
  if (!written.ok()) return FailToStart("weir-jobmanager", written);
  WEIR_LOG(kInfo, "weir-jobmanager listens on port {}", (*daemon)->port());
  const int signal = stop.Wait();
  WEIR_LOG(kInfo, "weir-jobmanager stops: signal {}", signal);
  RemovePidFile(command_line->pid_file);
  return EXIT_SUCCESS;
}
