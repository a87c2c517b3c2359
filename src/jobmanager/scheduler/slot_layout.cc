#include "weir/jobmanager/scheduler/slot_layout.h"

#include <algorithm>

namespace weir {

SlotLayout LayOutSlots(const JobGraph& graph) {
  struct Group {
    std::string name;
    int slots = 0;
    int first_slot = 0;
  };
  std::vector<Group> groups;
  std::vector<size_t> group_of;
  for (const JobVertex& vertex : graph.vertices) {
    auto group = std::ranges::find(groups, vertex.slot_sharing_group, &Group::name);
    if (group == groups.end()) group = groups.insert(groups.end(), {.name = vertex.slot_sharing_group});
    group->slots = std::max(group->slots, vertex.parallelism);
    group_of.push_back(static_cast<size_t>(group - groups.begin()));
  }

  SlotLayout layout;
  for (Group& group : groups) {
    group.first_slot = layout.slots;
    layout.slots += group.slots;
  }
  for (size_t group : group_of) layout.first_slot.push_back(groups[group].first_slot);
  return layout;
}

}  // namespace weir
