#include "weir/graph/chain_name.h"

#include <vector>

namespace weir {
namespace {

std::string WithKind(NodeKind kind, const std::string& text) {
  if (kind == NodeKind::kSource) return "Source: " + text;
  if (kind == NodeKind::kSink) return "Sink: " + text;
  return text;
}

struct TreeWriter {
  const StreamGraph& graph;
  const GraphTopology& topology;
  const ChainPlan& plan;
  std::string text;

  void Write(int node, const std::string& indent) {
    const StreamNode& written = graph.nodes[node];
    text += WithKind(written.kind, written.description.empty() ? written.name : written.description) + "\n";
    const std::vector<int> chained = plan.ChainedOutputs(topology, node);
    for (size_t i = 0; i < chained.size(); ++i) {
      const bool is_last = i + 1 == chained.size();
      text += indent + (is_last ? "+- " : ":- ");
      Write(topology.target(chained[i]), indent + (is_last ? "   " : ":  "));
    }
  }
};

}  // namespace

std::string DisplayName(const StreamNode& node) { return WithKind(node.kind, node.name); }

std::string ChainName(const StreamGraph& graph, const GraphTopology& topology, const ChainPlan& plan, int head) {
  std::string followers;
  const std::vector<int> chained = plan.ChainedOutputs(topology, head);
  for (int edge : chained) {
    if (!followers.empty()) followers += ", ";
    followers += ChainName(graph, topology, plan, topology.target(edge));
  }
  const std::string name = DisplayName(graph.nodes[head]);
  if (chained.empty()) return name;
  return name + " -> " + (chained.size() == 1 ? followers : "(" + followers + ")");
}

std::string ChainDescription(const StreamGraph& graph, const GraphTopology& topology, const ChainPlan& plan, int head) {
  TreeWriter writer{graph, topology, plan, {}};
  writer.Write(head, "");
  writer.text.pop_back();  // the last line feed
  return writer.text;
}

}  // namespace weir
