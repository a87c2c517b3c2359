#include "weir/graph/graph_topology.h"

#include <functional>
#include <queue>

namespace weir {

GraphTopology::GraphTopology(const StreamGraph& graph) : inputs_(graph.nodes.size()), outputs_(graph.nodes.size()) {
  for (const StreamEdge& edge : graph.edges) {
    const StreamNode* source = graph.FindNode(edge.source);
    const StreamNode* target = graph.FindNode(edge.target);
    const int index = static_cast<int>(ends_.size());
    if (source == nullptr || target == nullptr) {
      ends_.emplace_back(-1, -1);
      continue;
    }
    ends_.emplace_back(source - graph.nodes.data(), target - graph.nodes.data());
    outputs_[ends_.back().first].push_back(index);
    inputs_[ends_.back().second].push_back(index);
  }
  Sort();
}

void GraphTopology::Sort() {
  std::vector<size_t> missing(inputs_.size());
  std::priority_queue<int, std::vector<int>, std::greater<int>> ready;
  for (size_t node = 0; node < inputs_.size(); ++node) {
    missing[node] = inputs_[node].size();
    if (missing[node] == 0) ready.push(static_cast<int>(node));
  }
  while (!ready.empty()) {
    const int node = ready.top();
    ready.pop();
    order_.push_back(node);
    for (int edge : outputs_[node]) {
      if (--missing[target(edge)] == 0) ready.push(target(edge));
    }
  }
}

}  // namespace weir
