#include "weir/graph/job/plan_json.h"

#include <string_view>

#include <nlohmann/json.hpp>

#include "weir/graph/chain_name.h"
#include "weir/graph/graph_topology.h"
#include "weir/graph/parallelism.h"

namespace weir {
namespace {

// Keeps the members in the order in which Flink writes them.
using Json = nlohmann::ordered_json;

// Flink's web UI shows descriptions as HTML; a line break follows every line, the last one too.
std::string ToHtml(std::string_view text) {
  std::string html;
  for (const char c : text) {
    switch (c) {
      case '&':
        html += "&amp;";
        break;
      case '<':
        html += "&lt;";
        break;
      case '>':
        html += "&gt;";
        break;
      case '"':
        html += "&quot;";
        break;
      case '\n':
        html += "<br/>";
        break;
      default:
        html += c;
    }
  }
  return html + "<br/>";
}

// Names come from users and may hold bytes that are no UTF-8: they are replaced, for a plan must not fail.
std::string Dump(const Json& json) { return json.dump(-1, ' ', false, Json::error_handler_t::replace); }

Json InputJson(const JobGraph& graph, const JobEdge& edge) {
  return {{"num", edge.gate},
          {"id", graph.vertices[edge.source_vertex].id.ToHex()},
          {"ship_strategy", PartitionerName(edge.partitioner)},
          {"exchange", "pipelined_bounded"}};
}

Json VertexJson(const JobGraph& graph, const JobVertex& vertex) {
  Json node = {{"id", vertex.id.ToHex()},
               {"parallelism", vertex.parallelism},
               {"operator", ""},
               {"operator_strategy", ""},
               {"description", ToHtml(vertex.description)}};
  // Flink leaves the member out where there are none.
  if (!vertex.inputs.empty()) {
    node["inputs"] = Json::array();
    for (int edge : vertex.inputs) node["inputs"].push_back(InputJson(graph, graph.edges[edge]));
  }
  node["optimizer_properties"] = Json::object();
  return node;
}

std::string_view PactOf(NodeKind kind) {
  if (kind == NodeKind::kSource) return "Data Source";
  return kind == NodeKind::kSink ? "Data Sink" : "Operator";
}

}  // namespace

std::string JobPlanJson(const JobGraph& graph) {
  Json plan = {{"jid", graph.id.ToHex()}, {"name", graph.name}, {"type", "STREAMING"}, {"nodes", Json::array()}};
  for (const JobVertex& vertex : graph.vertices) plan["nodes"].push_back(VertexJson(graph, vertex));
  return Dump(plan);
}

std::string ExecutionPlanJson(const StreamGraph& graph) {
  const GraphTopology topology(graph);
  Json plan = {{"nodes", Json::array()}};
  for (int index : topology.order()) {
    const StreamNode& node = graph.nodes[index];
    const int parallelism = ParallelismOf(node, graph.config);
    Json written = {{"id", node.id},
                    {"type", DisplayName(node)},
                    {"pact", PactOf(node.kind)},
                    {"contents", node.description.empty() ? DisplayName(node) : node.description},
                    {"parallelism", parallelism}};
    for (int edge : topology.inputs(index)) {
      const StreamNode& source = graph.nodes[topology.source(edge)];
      const Partitioner partitioner =
          ResolvePartitioner(graph.edges[edge].partitioner, ParallelismOf(source, graph.config), parallelism);
      // "side" is "second" for every edge in Flink too.
      written["predecessors"].push_back(
          {{"id", source.id}, {"ship_strategy", PartitionerName(partitioner)}, {"side", "second"}});
    }
    plan["nodes"].push_back(std::move(written));
  }
  return Dump(plan);
}

}  // namespace weir
