// The neighbours of each node of a stream graph, and an order in which producers stand before their consumers.
//
// Nodes and edges are meant by their index in the graph's vectors. Edges with an end that does not exist are left out: validation reports them.
#pragma once

#include <vector>

#include "weir/graph/stream_graph.h"

namespace weir {

class GraphTopology {
 public:
  // Copies what it needs; `graph` may go.
  explicit GraphTopology(const StreamGraph& graph);

  // Edges that end (begin) at `node`, in the order of the graph.
  const std::vector<int>& inputs(int node) const { return inputs_[node]; }
  const std::vector<int>& outputs(int node) const { return outputs_[node]; }
  int source(int edge) const { return ends_[edge].first; }
  int target(int edge) const { return ends_[edge].second; }
  // Producers first, among those that may come next the one made first. Nodes that stand on a cycle, or behind one, are missing.
  const std::vector<int>& order() const { return order_; }
  bool has_cycle() const { return order_.size() < inputs_.size(); }

 private:
  void Sort();

  std::vector<std::vector<int>> inputs_;
  std::vector<std::vector<int>> outputs_;
  std::vector<std::pair<int, int>> ends_;  // per edge; {-1, -1} if left out
  std::vector<int> order_;
};

}  // namespace weir
