// How heartbeat.interval and heartbeat.timeout go together.
#pragma once

#include "weir/base/status.h"

namespace weir {

class Configuration;

// An interval that nobody has set becomes a third of the timeout, if that is shorter. One that somebody has set, and that is no shorter than the timeout, is
// an error.
Status SettleHeartbeats(Configuration& configuration);

}  // namespace weir
