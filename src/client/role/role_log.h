// How a job's process logs: as its daemon, into a file of its own.
#pragma once

#include "weir/base/status.h"
#include "weir/config/log/log_settings.h"

namespace weir {

// Opens the log that the environment names (CurrentRoleLog). What is wrong with its settings is the first line of the log; the defaults count then.
void OpenRoleLog(LogProcess process);

// Without the daemon that started it nobody knows of this process, which ends with the exit code that this returns. `end`: of its connection to that
// daemon (FrameInbox::end), logged if it is an error.
int ExitCodeWithout(const char* daemon, const Status& end);

}  // namespace weir
