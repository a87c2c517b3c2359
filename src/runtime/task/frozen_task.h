// The state of a task as it was at one barrier, on its way to files.
#pragma once

#include <vector>

#include "weir/rpc/checkpoint_messages.h"
#include "weir/runtime/network/input_channel.h"
#include "weir/state/snapshot/operator_state_parts.h"

namespace weir {

struct FrozenTask {
  std::vector<OperatorStateParts> operators = {};  // by operator of the chain
  std::vector<CapturedChannel> channels = {};      // in-flight data
  CheckpointMetrics metrics = {};                  // without what is known only when it is written
};

}  // namespace weir
