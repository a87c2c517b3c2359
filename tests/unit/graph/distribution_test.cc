#include "weir/graph/distribution.h"

#include <gtest/gtest.h>

namespace weir {
namespace {

constexpr auto kPointwise = DistributionPattern::kPointwise;

TEST(Distribution, ConnectsEqualParallelismOneToOne) {
  EXPECT_EQ(ConsumersOf(kPointwise, 2, 4, 4), (SubtaskRange{2, 3}));
  EXPECT_EQ(ProducersOf(kPointwise, 2, 4, 4), (SubtaskRange{2, 3}));
}

TEST(Distribution, SpreadsOneProducerOverItsShareOfConsumers) {
  EXPECT_EQ(ConsumersOf(kPointwise, 0, 2, 6), (SubtaskRange{0, 3}));
  EXPECT_EQ(ConsumersOf(kPointwise, 1, 2, 6), (SubtaskRange{3, 6}));
  EXPECT_EQ(ProducersOf(kPointwise, 4, 2, 6), (SubtaskRange{1, 2}));
}

TEST(Distribution, GathersSeveralProducersIntoOneConsumer) {
  EXPECT_EQ(ProducersOf(kPointwise, 1, 4, 2), (SubtaskRange{2, 4}));
  EXPECT_EQ(ConsumersOf(kPointwise, 3, 4, 2), (SubtaskRange{1, 2}));
}

TEST(Distribution, ConnectsEveryPairAllToAll) {
  EXPECT_EQ(ConsumersOf(DistributionPattern::kAllToAll, 1, 3, 5), (SubtaskRange{0, 5}));
  EXPECT_EQ(ProducersOf(DistributionPattern::kAllToAll, 4, 3, 5), (SubtaskRange{0, 3}));
}

TEST(Distribution, BothSidesAgreeAndNobodyIsLeftOut) {
  for (int producers = 1; producers <= 12; ++producers) {
    for (int consumers = 1; consumers <= 12; ++consumers) {
      for (int producer = 0; producer < producers; ++producer) {
        const SubtaskRange fed = ConsumersOf(kPointwise, producer, producers, consumers);
        EXPECT_GE(fed.size(), 1);
        for (int consumer = 0; consumer < consumers; ++consumer) {
          const SubtaskRange feeding = ProducersOf(kPointwise, consumer, producers, consumers);
          EXPECT_GE(feeding.size(), 1);
          EXPECT_EQ(fed.Contains(consumer), feeding.Contains(producer))
              << producer << " of " << producers << ", " << consumer << " of " << consumers;
        }
      }
    }
  }
}

TEST(Distribution, IsPointwiseForForwardAndRescaleOnly) {
  EXPECT_EQ(DistributionOf(Partitioner::kForward), kPointwise);
  EXPECT_EQ(DistributionOf(Partitioner::kRescale), kPointwise);
  for (Partitioner partitioner : {Partitioner::kHash, Partitioner::kRebalance, Partitioner::kShuffle,
                                  Partitioner::kBroadcast, Partitioner::kGlobal, Partitioner::kCustom}) {
    EXPECT_EQ(DistributionOf(partitioner), DistributionPattern::kAllToAll) << PartitionerName(partitioner);
  }
}

}  // namespace
}  // namespace weir
