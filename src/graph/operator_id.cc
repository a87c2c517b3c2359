#include "weir/graph/operator_id.h"

#include <map>
#include <string>

namespace weir {
namespace {

std::string_view KindText(NodeKind kind) {
  switch (kind) {
    case NodeKind::kSource:
      return "source";
    case NodeKind::kOperator:
      return "operator";
    case NodeKind::kSink:
      return "sink";
  }
  return "operator";
}

// Where `node` stands. The text decides where savepoints keep state: it may never change (golden ids in operator_id_test.cc). The line feed at its
// begin keeps it apart from every uid, which are one line.
std::string PlaceOf(const StreamGraph& graph, const GraphTopology& topology, int node,
                    const std::vector<OperatorId>& ids) {
  std::string place = "\n";
  place += KindText(graph.nodes[node].kind);
  for (int index : topology.inputs(node)) {
    const StreamEdge& edge = graph.edges[index];
    place +=
        "\n" + ids[topology.source(index)].ToHex() + " " + std::to_string(edge.target_input) + " " + edge.side_output;
  }
  return place;
}

}  // namespace

OperatorId OperatorIdOfUid(std::string_view uid) { return OperatorId::FromName(uid); }

std::vector<OperatorId> AssignOperatorIds(const StreamGraph& graph, const GraphTopology& topology) {
  std::vector<OperatorId> ids(graph.nodes.size());
  std::map<std::string, int> operators_at;
  for (int node : topology.order()) {
    const std::string place = PlaceOf(graph, topology, node, ids);
    // Operators with a uid count too: giving one a uid leaves its siblings' ids alone.
    const int number = operators_at[place]++;
    const std::string& uid = graph.nodes[node].uid;
    ids[node] = uid.empty() ? OperatorId::FromName(place + "\n" + std::to_string(number)) : OperatorIdOfUid(uid);
  }
  return ids;
}

}  // namespace weir
