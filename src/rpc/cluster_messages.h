// What clients learn of a cluster as a whole.
#pragma once

#include <cstdint>

#include "weir/base/ids.h"

namespace weir {

struct ClusterOverview {
  LeaderId leader = {};
  int32_t task_managers = 0;
  int32_t slots = 0;
  int32_t free_slots = 0;
};

}  // namespace weir
