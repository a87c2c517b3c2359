// What the operators of a job want of a snapshot: for the check before a start, and for `weir check`.
#pragma once

#include <vector>

#include "weir/graph/job/job_graph.h"
#include "weir/state/restore/restore_check.h"

namespace weir {

// In the order of the graph's vertices and their chains.
std::vector<OperatorToRestore> OperatorsToRestore(const JobGraph& graph);

}  // namespace weir
