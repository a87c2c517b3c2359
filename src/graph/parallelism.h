// How many subtasks an operator runs in, and into how many key groups its state is cut.
#pragma once

#include "weir/graph/stream_graph.h"
#include "weir/types/key_group.h"

namespace weir {

// Bounds of the max parallelism, Flink's.
inline constexpr int kMaxParallelismLowerBound = 128;
inline constexpr int kMaxParallelismUpperBound = kMaxMaxParallelism;

// The max parallelism of an operator for which nobody set one: the power of two at or above 1.5 times its parallelism, within the bounds. The reserve
// lets a job grow without a new savepoint format.
int MaxParallelismFor(int parallelism);

// The operator's own; else that of the environment, of the command line, of the configuration. At least 1; non-parallel operators have 1.
int ParallelismOf(const StreamNode& node, const StreamGraphConfig& config);

// What the edge does in this graph: decides kAuto.
Partitioner ResolvePartitioner(Partitioner partitioner, int source_parallelism, int target_parallelism);

}  // namespace weir
