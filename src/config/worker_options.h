// The processes that run the code of jobs.
#pragma once

#include "weir/config/config_option.h"

namespace weir {

extern const ConfigOption<TextMap> kWorkerLimits;

}  // namespace weir
