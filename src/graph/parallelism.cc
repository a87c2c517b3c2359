#include "weir/graph/parallelism.h"

#include <algorithm>
#include <bit>

namespace weir {

int MaxParallelismFor(int parallelism) {
  const uint32_t wanted = static_cast<uint32_t>(parallelism) + static_cast<uint32_t>(parallelism) / 2;
  const int rounded = static_cast<int>(std::bit_ceil(std::min<uint32_t>(wanted, kMaxParallelismUpperBound)));
  return std::clamp(rounded, kMaxParallelismLowerBound, kMaxParallelismUpperBound);
}

int ParallelismOf(const StreamNode& node, const StreamGraphConfig& config) {
  if (node.is_non_parallel) return 1;
  for (int candidate : {node.parallelism, config.environment_parallelism, config.command_line_parallelism,
                        config.configured_parallelism}) {
    if (candidate > 0) return candidate;
  }
  return 1;
}

Partitioner ResolvePartitioner(Partitioner partitioner, int source_parallelism, int target_parallelism) {
  if (partitioner != Partitioner::kAuto) return partitioner;
  return source_parallelism == target_parallelism ? Partitioner::kForward : Partitioner::kRebalance;
}

}  // namespace weir
