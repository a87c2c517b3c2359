#include "weir/graph/stream_graph.h"

#include <algorithm>

namespace weir {

std::string_view PartitionerName(Partitioner partitioner) {
  switch (partitioner) {
    case Partitioner::kAuto:
      return "AUTO";
    case Partitioner::kForward:
      return "FORWARD";
    case Partitioner::kHash:
      return "HASH";
    case Partitioner::kRebalance:
      return "REBALANCE";
    case Partitioner::kRescale:
      return "RESCALE";
    case Partitioner::kShuffle:
      return "SHUFFLE";
    case Partitioner::kBroadcast:
      return "BROADCAST";
    case Partitioner::kGlobal:
      return "GLOBAL";
    case Partitioner::kCustom:
      return "CUSTOM";
  }
  return "AUTO";
}

int StreamNode::OutputNumber(std::string_view side_output_tag) const {
  if (side_output_tag.empty()) return 0;
  for (size_t i = 0; i < side_outputs.size(); ++i) {
    if (side_outputs[i].tag == side_output_tag) return static_cast<int>(i) + 1;
  }
  return -1;
}

const BatchType* StreamNode::OutputType(int output_number) const {
  if (output_number < 0) return nullptr;
  return output_number == 0 ? output : side_outputs[output_number - 1].type;
}

const StreamNode* StreamGraph::FindNode(int id) const {
  const auto found = std::lower_bound(nodes.begin(), nodes.end(), id,
                                      [](const StreamNode& node, int wanted) { return node.id < wanted; });
  return found != nodes.end() && found->id == id ? &*found : nullptr;
}

}  // namespace weir
