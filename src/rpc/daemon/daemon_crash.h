// The report of a daemon's own crash: beside its log, under the log's name with .crash at the end.
//
//   weir-me-jobmanager-0-host.log   .crash: the signal, the stack, the last lines of the log   .1.crash: that of the crash before
//
// The dying process writes what it can and starts this program again, as a reader that takes names apart and adds the log's end: what allocates memory
// must not be done where it has crashed. Where that fails, the file has the unread report.
#pragma once

#include <optional>
#include <string>

#include "weir/rpc/daemon/daemon_main.h"

namespace weir {

// First in main(): the exit code of a process that was started as such a reader; else nothing.
std::optional<int> ReadCrashIfAsked(int argc, const char* const* argv);

// From here on a crash of this process, `daemon` by name, is reported. Of an earlier one that nobody has been told of, the log tells.
void ReportCrashesOf(const std::string& daemon, const DaemonCommandLine& command_line);

// What the reader makes of a report; nullopt: it is none. For tests.
std::optional<std::string> DaemonCrashText(const std::string& daemon, const std::string& report,
                                           const std::string& last_log_lines);

}  // namespace weir
