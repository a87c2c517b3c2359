#include "weir/graph/job/job_graph_builder.h"

#include <utility>
#include <vector>

#include "weir/graph/chain_name.h"
#include "weir/graph/chaining.h"
#include "weir/graph/job/attach_code.h"
#include "weir/graph/operator_id.h"
#include "weir/graph/parallelism.h"
#include "weir/graph/validation.h"
#include "weir/types/schema/schema.h"

namespace weir {
namespace {

std::string SchemaText(const BatchType* type) {
  return type != nullptr && type->schema != nullptr ? type->schema().ToString() : std::string();
}

std::string StoredSchema(const BatchType* type) {
  return type != nullptr && type->schema != nullptr ? type->schema().Encode() : std::string();
}

JobOperator MakeOperator(const StreamNode& node, OperatorId id) {
  JobOperator made;
  made.id = id;
  if (!node.uid_hash.empty()) made.restore_id = OperatorId::FromHex(node.uid_hash).value();
  made.node_id = node.id;
  made.kind = node.kind;
  made.name = DisplayName(node);
  made.description = node.description;
  made.uid = node.uid;
  made.is_blocking = node.is_blocking;
  made.max_parallelism = node.max_parallelism;
  made.is_bounded = node.is_bounded;
  for (const BatchType* input : node.inputs) {
    made.input_schemas.push_back(SchemaText(input));
    made.stored_input_schemas.push_back(StoredSchema(input));
  }
  made.output_schema = SchemaText(node.output);
  for (const SideOutput& side : node.side_outputs) made.side_outputs.push_back({side.tag, SchemaText(side.type)});
  if (node.key_schema != nullptr) {
    made.key_schema = node.key_schema().ToString();
    made.stored_key_schema = node.key_schema().Encode();
  }
  for (const StateDeclaration& state : node.states) {
    const bool has_schema = state.ops != nullptr && state.ops->schema != nullptr;
    made.states.push_back({.name = state.name, .kind = state.kind, .ttl = state.ttl.duration});
    if (!has_schema) continue;
    made.states.back().schema = state.ops->schema().ToString();
    made.states.back().stored_schema = state.ops->schema().Encode();
  }
  for (const OperatorStateDeclaration& state : node.operator_states) {
    made.operator_states.push_back({state.name, state.redistribution, state.schema, state.stored_schema});
  }
  return made;
}

class Builder {
 public:
  explicit Builder(const StreamGraph& graph)
      : graph_(graph),
        topology_(graph),
        plan_(PlanChains(graph, topology_)),
        ids_(AssignOperatorIds(graph, topology_)),
        position_(graph.nodes.size()) {}

  JobGraph Build() {
    result_.name = graph_.config.job_name;
    result_.configuration = graph_.config.values;
    for (const Chain& chain : plan_.chains) AddVertex(chain);
    // In the order of the targets, so that a vertex' gates follow its inputs and do not depend on when an edge was added.
    for (int node : topology_.order()) {
      for (int edge : topology_.inputs(node)) plan_.is_chained[edge] ? AddChainEdge(edge) : AddJobEdge(edge);
    }
    return std::move(result_);
  }

 private:
  void AddVertex(const Chain& chain) {
    JobVertex vertex;
    for (int node : chain.nodes) {
      position_[node] = static_cast<int>(vertex.operators.size());
      vertex.operators.push_back(MakeOperator(graph_.nodes[node], ids_[node]));
      vertex.is_blocking = vertex.is_blocking || graph_.nodes[node].is_blocking;
    }
    const int head = chain.nodes[0];
    vertex.id = VertexId(ids_[head].value());
    vertex.name = ChainName(graph_, topology_, plan_, head);
    vertex.description = ChainDescription(graph_, topology_, plan_, head);
    vertex.parallelism = plan_.nodes[head].parallelism;
    vertex.slot_sharing_group = plan_.nodes[head].slot_sharing_group;
    const int set = chain.max_parallelism > 0 ? chain.max_parallelism : graph_.config.max_parallelism;
    vertex.is_max_parallelism_derived = set == 0;
    vertex.max_parallelism = set > 0 ? set : MaxParallelismFor(vertex.parallelism);
    result_.vertices.push_back(std::move(vertex));
  }

  void AddChainEdge(int index) {
    const StreamEdge& edge = graph_.edges[index];
    const int from = topology_.source(index);
    const int to = topology_.target(index);
    const int parallelism = plan_.nodes[to].parallelism;
    result_.vertices[plan_.nodes[to].chain].chain.push_back(
        {.source_operator = position_[from],
         .target_operator = position_[to],
         .source_output = graph_.nodes[from].OutputNumber(edge.side_output),
         .partitioner = ResolvePartitioner(edge.partitioner, parallelism, parallelism)});
  }

  void AddJobEdge(int index) {
    const StreamEdge& edge = graph_.edges[index];
    const int from = topology_.source(index);
    const int to = topology_.target(index);
    const StreamNode& source = graph_.nodes[from];
    JobVertex& producer = result_.vertices[plan_.nodes[from].chain];
    JobVertex& consumer = result_.vertices[plan_.nodes[to].chain];
    JobEdge made;
    made.source_vertex = plan_.nodes[from].chain;
    made.source_operator = position_[from];
    made.source_output = source.OutputNumber(edge.side_output);
    made.result = static_cast<int>(producer.outputs.size());
    made.target_vertex = plan_.nodes[to].chain;
    made.gate = static_cast<int>(consumer.inputs.size());
    made.target_input = edge.target_input;
    made.partitioner = ResolvePartitioner(edge.partitioner, producer.parallelism, consumer.parallelism);
    made.buffer_timeout_ms = source.buffer_timeout_ms >= 0 ? source.buffer_timeout_ms : graph_.config.buffer_timeout_ms;
    made.record_schema = SchemaText(source.OutputType(made.source_output));
    const int number = static_cast<int>(result_.edges.size());
    producer.outputs.push_back(number);
    consumer.inputs.push_back(number);
    result_.edges.push_back(std::move(made));
  }

  const StreamGraph& graph_;
  const GraphTopology topology_;
  const ChainPlan plan_;
  const std::vector<OperatorId> ids_;
  std::vector<int> position_;  // of each node among its vertex' operators
  JobGraph result_;
};

}  // namespace

StatusOr<JobGraph> BuildJobGraph(const StreamGraph& graph, std::string executable) {
  WEIR_RETURN_IF_ERROR(ValidateStreamGraph(graph));
  JobGraph result = Builder(graph).Build();
  result.fingerprint = FingerprintOf(graph, std::move(executable));
  WEIR_RETURN_IF_ERROR(AttachCode(graph, result));
  return result;
}

}  // namespace weir
