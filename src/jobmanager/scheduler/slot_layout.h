// Which slot each subtask of a job runs in: a pure function of the graph.
#pragma once

#include <string>
#include <vector>

#include "weir/graph/job/job_graph.h"
#include "weir/graph/job/pipelined_regions.h"

namespace weir {

// Subtask i of every vertex of a slot sharing group runs in slot i of the group, so a group needs as many slots as its widest vertex has subtasks, and a
// forward edge stays within a slot. Slots are numbered through the whole job, group by group in the order of the vertices.
struct SlotLayout {
  int slots = 0;
  std::vector<int> first_slot;  // per vertex: the slot of its subtask 0

  int SlotOf(const SubtaskRef& task) const { return first_slot[task.vertex] + task.subtask; }
};

SlotLayout LayOutSlots(const JobGraph& graph);

}  // namespace weir
