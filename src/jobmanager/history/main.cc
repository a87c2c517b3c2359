// weir-historyserver: see docs/user/history_server.md. Exit codes: 0 stopped by a signal, 1 did not start.
#include <cstdlib>
#include <optional>

#include "weir/base/execution/signal.h"
#include "weir/base/logging.h"
#include "weir/config/configuration.h"
#include "weir/jobmanager/history/history_server.h"
#include "weir/rpc/daemon/daemon_crash.h"
#include "weir/rpc/daemon/daemon_main.h"

int main(int argc, char** argv) {
  using namespace weir;
  if (const std::optional<int> read = ReadCrashIfAsked(argc, argv)) return *read;
  IgnoreBrokenPipes();
  StopSignal stop;
  const StatusOr<DaemonCommandLine> command_line = ReadDaemonCommandLine(argc, argv, LogProcess::kHistoryServer);
  if (!command_line.ok()) return FailToStart("weir-historyserver", command_line.status());
  ReportCrashesOf("weir-historyserver", *command_line);
  auto server = HistoryServer::Start(*command_line->configuration);
  if (!server.ok()) return FailToStart("weir-historyserver", server.status());
  const Status written = WritePidFile(command_line->pid_file, (*server)->port());
  if (!written.ok()) return FailToStart("weir-historyserver", written);
  WEIR_LOG(kInfo, "weir-historyserver listens on port {}", (*server)->port());
  const int signal = stop.Wait();
  WEIR_LOG(kInfo, "weir-historyserver stops: signal {}", signal);
  RemovePidFile(command_line->pid_file);
  return EXIT_SUCCESS;
}
