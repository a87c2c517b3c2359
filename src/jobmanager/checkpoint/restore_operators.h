// What the operators of a job want of a snapshot: for the check before a start, and for `weir check`.
#pragma once

#include <string>
#include <vector>

#include "weir/graph/job/job_graph.h"
#include "weir/state/restore/restore_check.h"

namespace weir {

// In the order of the graph's vertices and their chains.
std::vector<OperatorToRestore> OperatorsToRestore(const JobGraph& graph);

// Schema::Encode of the records that come to an input gate of the vertex; empty if there is no such gate, or the plan does not say.
std::string StoredGateSchema(const JobGraph& graph, const JobVertex& vertex, int gate);

}  // namespace weir
