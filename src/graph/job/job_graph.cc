#include "weir/graph/job/job_graph.h"

#include <algorithm>

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

bool JobGraph::IsBounded() const {
  return std::all_of(vertices.begin(), vertices.end(),
                     [](const JobVertex& vertex) { return !vertex.is_source() || vertex.operators[0].is_bounded; });
}

}  // namespace weir
