#include "weir/jobmanager/checkpoint/restore_operators.h"

namespace weir {

namespace {

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

std::vector<OperatorToRestore> OperatorsToRestore(const JobGraph& graph) {
  std::vector<OperatorToRestore> operators;
  for (size_t chain = 0; chain < graph.vertices.size(); ++chain) {
    const JobVertex& vertex = graph.vertices[chain];
    for (const JobOperator& op : vertex.operators) operators.push_back(Describe(vertex, static_cast<int>(chain), op));
  }
  return operators;
}

}  // namespace weir
