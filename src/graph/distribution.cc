#include "weir/graph/distribution.h"

#include "weir/base/check.h"

namespace weir {
namespace {

// The part of `total` that is number `index` of `parts` equal ones: as even as possible. int64: the product may exceed 32 bits.
int ShareBegin(int index, int total, int parts) {
  return static_cast<int>(static_cast<int64_t>(index) * total / parts);
}

// The subtasks on the smaller side whose share contains, or the single one that serves, `index` of the larger side: the inverse of ShareBegin.
int ShareOwner(int index, int total, int parts) {
  return static_cast<int>(((static_cast<int64_t>(index) + 1) * parts - 1) / total);
}

SubtaskRange PointwisePeers(int index, int own, int peers) {
  if (own <= peers) return {ShareBegin(index, peers, own), ShareBegin(index + 1, peers, own)};
  const int peer = ShareOwner(index, own, peers);
  return {peer, peer + 1};
}

}  // namespace

DistributionPattern DistributionOf(Partitioner partitioner) {
  WEIR_CHECK(partitioner != Partitioner::kAuto) << "the translation decides these edges";
  const bool pointwise = partitioner == Partitioner::kForward || partitioner == Partitioner::kRescale;
  return pointwise ? DistributionPattern::kPointwise : DistributionPattern::kAllToAll;
}

SubtaskRange ConsumersOf(DistributionPattern pattern, int producer, int producers, int consumers) {
  WEIR_CHECK(producer >= 0 && producer < producers) << producer << " of " << producers;
  if (pattern == DistributionPattern::kAllToAll) return {0, consumers};
  return PointwisePeers(producer, producers, consumers);
}

SubtaskRange ProducersOf(DistributionPattern pattern, int consumer, int producers, int consumers) {
  WEIR_CHECK(consumer >= 0 && consumer < consumers) << consumer << " of " << consumers;
  if (pattern == DistributionPattern::kAllToAll) return {0, producers};
  return PointwisePeers(consumer, consumers, producers);
}

}  // namespace weir
