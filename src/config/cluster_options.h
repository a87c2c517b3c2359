// The processes of a cluster: addresses, ports, slots, memory, and the times after which something counts as failed.
#pragma once

#include "weir/config/config_option.h"

namespace weir {

extern const ConfigOption<Duration> kClientTimeout;
extern const ConfigOption<std::string> kJobManagerAddress;
extern const ConfigOption<int> kJobManagerPort;
extern const ConfigOption<std::string> kJobManagerBindHost;
extern const ConfigOption<std::string> kSecretFile;
extern const ConfigOption<std::string> kJobUser;
extern const ConfigOption<std::string> kArtifactDir;
extern const ConfigOption<std::string> kTaskManagerId;
extern const ConfigOption<MemorySize> kJobManagerMemory;
extern const ConfigOption<int> kTaskSlots;
extern const ConfigOption<std::string> kTaskManagerHost;
extern const ConfigOption<MemorySize> kTaskManagerMemory;
extern const ConfigOption<Duration> kTaskCancellationInterval;
extern const ConfigOption<Duration> kTaskCancellationTimeout;
extern const ConfigOption<Duration> kHeartbeatInterval;
extern const ConfigOption<Duration> kHeartbeatTimeout;
extern const ConfigOption<std::vector<std::string>> kTemporaryDirs;

}  // namespace weir
