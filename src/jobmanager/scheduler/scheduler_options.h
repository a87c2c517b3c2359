// Time limits of a job's scheduler.
#pragma once

#include "weir/config/config_option.h"

namespace weir {

extern const ConfigOption<Duration> kSlotRequestTimeout;

}  // namespace weir
