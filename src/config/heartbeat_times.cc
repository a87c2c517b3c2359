#include "weir/config/heartbeat_times.h"

#include <algorithm>

#include "weir/base/readable.h"
#include "weir/config/cluster_options.h"
#include "weir/config/configuration.h"

namespace weir {

Status SettleHeartbeats(Configuration& configuration) {
  const Duration timeout = configuration.Get(kHeartbeatTimeout);
  const Duration interval = configuration.Get(kHeartbeatInterval);
  const ConfigEntry* const set = configuration.FindEntry(kHeartbeatInterval.key());
  if (set == nullptr) {
    const Duration most = std::max(Duration(1), timeout / 3);
    if (interval > most) configuration.Set(kHeartbeatInterval, most);
    return OkStatus();
  }
  if (interval < timeout) return OkStatus();
  return InvalidArgumentError(set->origin + ": heartbeat.interval is " + ReadableDuration(interval) +
                              ", and a process that is silent for " + ReadableDuration(timeout) +
                              " (heartbeat.timeout) counts as lost. Make the interval at most a third of the timeout.");
}

}  // namespace weir
