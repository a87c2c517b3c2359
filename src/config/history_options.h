// Jobs that have ended: how long they are remembered, and the history server that shows them.
#pragma once

#include "weir/config/config_option.h"

namespace weir {

// Of the JobManager.
extern const ConfigOption<std::string> kArchiveDir;
extern const ConfigOption<int> kJobStoreCapacity;
extern const ConfigOption<int64_t> kJobStoreExpiration;
extern const ConfigOption<int> kWebHistory;
extern const ConfigOption<int> kExceptionHistorySize;
// Of the history server.
extern const ConfigOption<std::string> kHistoryServerAddress;
extern const ConfigOption<std::string> kHistoryServerPort;
extern const ConfigOption<Duration> kHistoryServerWebRefresh;
extern const ConfigOption<bool> kHistoryServerSsl;
extern const ConfigOption<std::string> kHistoryServerArchiveDir;
extern const ConfigOption<Duration> kHistoryServerRefresh;
extern const ConfigOption<int> kHistoryServerRetainedJobs;

}  // namespace weir
