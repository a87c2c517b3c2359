// The translation: StreamGraph to JobGraph.
//
// Two operators share a task (chain) iff chaining is on, the consumer has this one input edge, the edge is forward (or hash from one subtask to one), both
// have the same parallelism, slot sharing group and compatible max parallelism (not two different ones that the program set), the producer's strategy is
// not kNever and the consumer's is kAlways.
#pragma once

#include <string>

#include "weir/base/status.h"
#include "weir/graph/job/job_graph.h"
#include "weir/graph/stream_graph.h"

namespace weir {

// The graph to run, or all mistakes of `graph` in one error (ValidateStreamGraph). The result has no job id yet.
// `executable`: see GraphFingerprint.
StatusOr<JobGraph> BuildJobGraph(const StreamGraph& graph, std::string executable = {});

}  // namespace weir
