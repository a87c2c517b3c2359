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

const StreamNode* StreamGraph::FindNode(int id) const {
  const auto found = std::lower_bound(nodes.begin(), nodes.end(), id,
                                      [](const StreamNode& node, int wanted) { return node.id < wanted; });
  return found != nodes.end() && found->id == id ? &*found : nullptr;
}

}  // namespace weir
