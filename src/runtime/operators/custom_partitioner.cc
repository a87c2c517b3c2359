#include "weir/runtime/operators/custom_partitioner.h"

#include <string>

namespace weir {

Status BadChannelError(int64_t channel, int channels) {
  return OutOfRangeError("the partitioner of PartitionCustom returned channel " + std::to_string(channel) +
                         "; it must be 0 to " + std::to_string(channels - 1) +
                         ", the number of downstream subtasks less one");
}

}  // namespace weir
