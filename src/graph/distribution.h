// Which subtask of a producer feeds which subtasks of its consumer. Both sides of an exchange derive their channels from here.
#pragma once

#include <cstdint>

#include "weir/graph/stream_graph.h"

namespace weir {

enum class DistributionPattern : uint8_t {
  kPointwise,  // each subtask has channels to its share of the other side only
  kAllToAll,
};

// Forward and rescale are pointwise, all others all-to-all.
DistributionPattern DistributionOf(Partitioner partitioner);

// Subtasks [begin, end).
struct SubtaskRange {
  int begin = 0;
  int end = 0;

  int size() const { return end - begin; }
  bool Contains(int subtask) const { return subtask >= begin && subtask < end; }
  friend bool operator==(const SubtaskRange&, const SubtaskRange&) = default;
};

// The subtasks of the consumer that `producer` has a channel to; channel i of the result leads to subtask `begin + i`.
SubtaskRange ConsumersOf(DistributionPattern pattern, int producer, int producers, int consumers);
// The subtasks of the producer that feed `consumer`; channel i of the gate comes from subtask `begin + i`.
SubtaskRange ProducersOf(DistributionPattern pattern, int consumer, int producers, int consumers);

}  // namespace weir
