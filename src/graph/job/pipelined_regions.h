// Subtasks that exchange records while running: they fail and restart together.
#pragma once

#include <compare>
#include <vector>

#include "weir/graph/job/job_graph.h"

namespace weir {

// One subtask of a graph.
struct SubtaskRef {
  int vertex = 0;  // index in JobGraph::vertices
  int subtask = 0;

  friend auto operator<=>(const SubtaskRef&, const SubtaskRef&) = default;
};

// The regions of `graph`, each in ascending order, and these in the order of their first subtasks. Every edge is pipelined so far, so a region is
// what channels connect: the whole job if it has an all-to-all edge, else a region per subtask.
std::vector<std::vector<SubtaskRef>> PipelinedRegions(const JobGraph& graph);

}  // namespace weir
