// Names and descriptions of vertices, in Flink's form.
#pragma once

#include <string>

#include "weir/graph/chaining.h"
#include "weir/graph/graph_topology.h"
#include "weir/graph/stream_graph.h"

namespace weir {

// The name as plans and logs show it: "Source: lines", "Map", "Sink: print".
std::string DisplayName(const StreamNode& node);

// "Source: lines -> (Map, Filter -> Sink: print)": the chain from `head` on.
std::string ChainName(const StreamGraph& graph, const GraphTopology& topology, const ChainPlan& plan, int head);

// One line per operator, as a tree:
//
//   Source: lines
//   :- Map
//   +- Filter
//      +- Sink: print
std::string ChainDescription(const StreamGraph& graph, const GraphTopology& topology, const ChainPlan& plan, int head);

}  // namespace weir
