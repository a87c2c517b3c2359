// Ids under which operators' state is stored: the same at every run of the same program, at any parallelism.
//
// An operator with a uid has the id of that uid, whatever surrounds it. Any other's id follows from its place: its kind, the ids of the operators that
// feed it, over which output and into which input, and its number among the operators with the same place, in the order
// of the program. Names, parallelism, chaining and configuration do not count. So a change leaves all ids alone except
// those of operators without uid downstream of it: a further branch or source at the end of the program moves no state.
#pragma once

#include <string_view>
#include <vector>

#include "weir/base/ids.h"
#include "weir/graph/graph_topology.h"
#include "weir/graph/stream_graph.h"

namespace weir {

// For tools that look for an operator in a savepoint by its uid.
OperatorId OperatorIdOfUid(std::string_view uid);

// Parallel to `graph.nodes`. Nodes on a cycle get zero.
std::vector<OperatorId> AssignOperatorIds(const StreamGraph& graph, const GraphTopology& topology);

}  // namespace weir
