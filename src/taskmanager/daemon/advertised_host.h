// Where other TaskManagers are told to reach this one's data port.
#pragma once

#include <optional>
#include <string>

#include "weir/base/status.h"

namespace weir {

struct AdvertisedHostOptions {
  std::optional<std::string> configured = {};  // taskmanager.host
  std::string bind_host;                       // taskmanager.bind-host
  std::string job_manager;                     // "host:port"
  std::string host_name = {};                  // of this machine
};

// The configured one; else, where it listens on a loopback address, that; else the address from which this machine reaches the JobManager. If that is a
// loopback address though the JobManager's is none (its name is not known yet, or /etc/hosts has it so), this machine's name, as Flink.
StatusOr<std::string> AdvertisedHost(const AdvertisedHostOptions& options);

// What to warn of: a JobManager on another machine, and TaskManagers there that would look for this one on their own. Empty: nothing.
std::string WarningAboutAdvertisedHost(const AdvertisedHostOptions& options, const std::string& advertised);

}  // namespace weir
