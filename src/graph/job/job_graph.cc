#include "weir/graph/job/job_graph.h"

namespace weir {

int JobGraph::IndexOf(const VertexId& vertex) const {
  for (size_t i = 0; i < vertices.size(); ++i) {
    if (vertices[i].id == vertex) return static_cast<int>(i);
  }
  return -1;
}

std::pair<int, int> JobGraph::Locate(const OperatorId& operator_id) const {
  for (size_t i = 0; i < vertices.size(); ++i) {
    const std::vector<JobOperator>& operators = vertices[i].operators;
    for (size_t k = 0; k < operators.size(); ++k) {
      if (operators[k].id == operator_id) return {static_cast<int>(i), static_cast<int>(k)};
    }
  }
  return {-1, -1};
}

}  // namespace weir
