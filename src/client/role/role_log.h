// How a job's process logs: as its daemon, into a file of its own.
#pragma once

#include "weir/config/log/log_settings.h"

namespace weir {

// Opens the log that the environment names (CurrentRoleLog). What is wrong with its settings is the first line of the log; the defaults count then.
void OpenRoleLog(LogProcess process);

}  // namespace weir
