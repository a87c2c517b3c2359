#include "weir/jobmanager/checkpoint/restore_operators.h"

namespace weir {

namespace {

std::vector<std::string> GateSchemas(const JobGraph& graph, const JobVertex& vertex, const JobOperator& op) {
  if (&op != &vertex.operators[0]) return op.stored_input_schemas;
  std::vector<std::string> schemas;
  for (size_t gate = 0; gate < vertex.inputs.size(); ++gate)
    schemas.push_back(StoredGateSchema(graph, vertex, static_cast<int>(gate)));
  return schemas;
}

OperatorToRestore Describe(const JobVertex& vertex, int chain, const JobOperator& op) {
  OperatorToRestore described{.id = op.id,
                              .restore_id = op.restore_id,
                              .uid = op.uid,
                              .name = op.name,
                              .parallelism = vertex.parallelism,
                              .max_parallelism = vertex.max_parallelism,
                              .is_max_parallelism_derived = vertex.is_max_parallelism_derived,
                              .sets_max_parallelism = op.max_parallelism > 0,
                              .chain = chain,
                              .key_schema = op.stored_key_schema};
  for (const StateDescription& state : op.states) {
    described.states.push_back(
        {.name = state.name, .kind = state.kind, .schema = state.stored_schema, .ttl_ms = state.ttl.count()});
  }
  for (const OperatorStateDescription& state : op.operator_states) {
    described.operator_states.push_back(
        {.name = state.name, .redistribution = state.redistribution, .schema = state.stored_schema});
  }
  return described;
}

}  // namespace

std::string StoredGateSchema(const JobGraph& graph, const JobVertex& vertex, int gate) {
  if (gate < 0 || gate >= static_cast<int>(vertex.inputs.size())) return {};
  const auto input = static_cast<size_t>(graph.edges[vertex.inputs[gate]].target_input);
  const std::vector<std::string>& schemas = vertex.operators[0].stored_input_schemas;
  return input < schemas.size() ? schemas[input] : std::string();
}

std::vector<OperatorToRestore> OperatorsToRestore(const JobGraph& graph) {
  std::vector<OperatorToRestore> operators;
  for (size_t chain = 0; chain < graph.vertices.size(); ++chain) {
    const JobVertex& vertex = graph.vertices[chain];
    for (const JobOperator& op : vertex.operators) {
      operators.push_back(Describe(vertex, static_cast<int>(chain), op));
      operators.back().gate_schemas = GateSchemas(graph, vertex, op);
    }
  }
  return operators;
}

}  // namespace weir
