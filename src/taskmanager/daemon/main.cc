// weir-taskmanager: see docs/user/cluster.md. Exit codes: 0 stopped by a signal, 1 did not start.
#include <signal.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cstdlib>
#include <optional>

#include "weir/base/execution/signal.h"
#include "weir/base/logging.h"
#include "weir/base/mutex.h"
#include "weir/config/configuration.h"
#include "weir/rpc/daemon/daemon_crash.h"
#include "weir/rpc/daemon/daemon_main.h"
#include "weir/taskmanager/daemon/task_manager_daemon.h"

int main(int argc, char** argv) {
  using namespace weir;
  if (const std::optional<int> read = ReadCrashIfAsked(argc, argv)) return *read;
  // Executables and output of jobs are the owner's alone.
  umask(S_IRWXG | S_IRWXO);
  IgnoreBrokenPipes();
  StopSignal stop;
  const StatusOr<DaemonCommandLine> command_line = ReadDaemonCommandLine(argc, argv, LogProcess::kTaskManager);
  if (!command_line.ok()) return FailToStart("weir-taskmanager", command_line.status());
  ReportCrashesOf("weir-taskmanager", *command_line);
  const std::string pid_file = command_line->pid_file;
  Mutex mutex;
  Status refusal;  // guarded by it
  auto daemon = TaskManagerDaemon::Start({.configuration = command_line->configuration,
                                          .config_dir = command_line->config_dir,
                                          .log_folder = command_line->log_dir + "/jobs",
                                          .log_settings = command_line->log_settings,
                                          .index = command_line->index,
                                          .on_registered =
                                              [pid_file] {
                                                const Status written = WritePidFile(pid_file, 0);
                                                if (!written.ok()) WEIR_LOG(kError, "{}", written.message());
                                              },
                                          .on_refused =
                                              [&mutex, &refusal](const Status& why) {
                                                MutexLock lock(mutex);
                                                refusal = why;
                                                // As a signal from outside would: main() waits for one.
                                                kill(getpid(), SIGTERM);
                                              }});
  if (!daemon.ok()) return FailToStart("weir-taskmanager", daemon.status());
  const int signal = stop.Wait();
  {
    MutexLock lock(mutex);
    if (!refusal.ok()) return FailToStart("weir-taskmanager", refusal);
  }
  WEIR_LOG(kInfo, "weir-taskmanager stops: signal {}", signal);
  RemovePidFile(pid_file);
  return EXIT_SUCCESS;
}
