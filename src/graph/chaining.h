// Decides which operators share a task. The rules stand in job_graph_builder.h.
#pragma once

#include <string>
#include <vector>

#include "weir/graph/graph_topology.h"
#include "weir/graph/stream_graph.h"

namespace weir {

// What the translation decides about one node.
struct NodePlacement {
  int parallelism = 1;
  std::string slot_sharing_group;
  int chain = 0;  // index in ChainPlan::chains
};

// One task's operators.
struct Chain {
  std::vector<int> nodes;   // indices in the graph; the first is the head
  int max_parallelism = 0;  // that the program set on a member; 0: none did
};

struct ChainPlan {
  std::vector<NodePlacement> nodes;  // parallel to the graph's
  std::vector<Chain> chains;         // in topological order of their heads
  std::vector<bool> is_chained;      // per edge of the graph

  // Chained edges among `node`'s outputs, in the order of the graph.
  std::vector<int> ChainedOutputs(const GraphTopology& topology, int node) const;
};

// `graph` is valid.
ChainPlan PlanChains(const StreamGraph& graph, const GraphTopology& topology);

}  // namespace weir
