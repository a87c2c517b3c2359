#include "weir/jobmanager/scheduler/slot_layout.h"

#include <gtest/gtest.h>

#include <string>
#include <utility>
#include <vector>

namespace weir {
namespace {

JobGraph Graph(const std::vector<std::pair<std::string, int>>& vertices) {
  JobGraph graph;
  for (const auto& [group, parallelism] : vertices) {
    JobVertex vertex;
    vertex.slot_sharing_group = group;
    vertex.parallelism = parallelism;
    graph.vertices.push_back(vertex);
  }
  return graph;
}

TEST(SlotLayout, AGroupNeedsAsManySlotsAsItsWidestVertexHasSubtasks) {
  const SlotLayout layout = LayOutSlots(Graph({{"default", 2}, {"default", 4}, {"default", 1}}));
  EXPECT_EQ(layout.slots, 4);
  EXPECT_EQ(layout.SlotOf({0, 1}), 1);
  EXPECT_EQ(layout.SlotOf({1, 1}), 1);
  EXPECT_EQ(layout.SlotOf({1, 3}), 3);
}

TEST(SlotLayout, GroupsShareNoSlot) {
  const SlotLayout layout = LayOutSlots(Graph({{"a", 2}, {"b", 3}, {"a", 1}}));
  EXPECT_EQ(layout.slots, 5);
  EXPECT_EQ(layout.SlotOf({1, 0}), 2);
  EXPECT_EQ(layout.SlotOf({2, 0}), 0);
}

}  // namespace
}  // namespace weir
