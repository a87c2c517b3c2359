#include "weir/runtime/network/partition_writer.h"

#include <gtest/gtest.h>

#include "weir/types/key_group.h"

#include "tests/harness/status_matchers.h"
#include "tests/unit/runtime/network/partition_writer_fixture.h"

namespace weir {
namespace {

using Marks = std::vector<std::pair<size_t, EventTime>>;

TEST(PartitionWriter, ForwardHandsTheBatchItselfOn) {
  WriterUnderTest<SmallRow> under_test(Partitioner::kForward, 1);
  BatchBase* const batch = under_test.batches().Make({{.key = 1}});
  under_test.writer().Accept(batch);
  ChannelElement element;
  ASSERT_TRUE(under_test.channel(0).Pop(element));
  EXPECT_EQ(element.batch, batch);
  EXPECT_EQ(element.selection, nullptr);
  Recycle(element.batch);
}

TEST(PartitionWriter, GlobalSendsRowsToTheFirstChannelAndWatermarksToAll) {
  WriterUnderTest<SmallRow> under_test(Partitioner::kGlobal, 3);
  under_test.Accept({{.key = 1}, {.key = 2}}, {Mark{1, 5}});
  EXPECT_EQ(under_test.Receive(0).rows.size(), 2u);
  for (const uint32_t channel : {1u, 2u}) {
    const Received<SmallRow> received = under_test.Receive(channel);
    EXPECT_TRUE(received.rows.empty());
    EXPECT_EQ(received.marks, (Marks{{0, 5}}));
  }
}

TEST(PartitionWriter, RebalanceSendsWholeBatchesInTurn) {
  WriterUnderTest<SmallRow> under_test(Partitioner::kRebalance, 2);
  for (int64_t i = 0; i < 4; ++i) under_test.Accept({{.value = i}, {.value = i}});
  EXPECT_EQ(under_test.Receive(0).rows.size(), 4u);
  EXPECT_EQ(under_test.Receive(1).rows.size(), 4u);
}

TEST(PartitionWriter, RebalanceBeginsWhereTheSubtaskNumberSays) {
  WriterUnderTest<SmallRow> under_test(Partitioner::kRebalance, 3, /*seed=*/4);
  under_test.Accept({{.value = 1}});
  EXPECT_EQ(under_test.Receive(1).rows.size(), 1u);
}

TEST(PartitionWriter, RebalancePassesOverAFullChannel) {
  WriterUnderTest<SmallRow> under_test(Partitioner::kRebalance, 2);
  for (uint32_t i = 0; i < 2 * LocalChannel::kCapacity; ++i) under_test.Accept({{.value = i}});
  under_test.Receive(1);
  under_test.Accept({{.value = 100}});
  under_test.Accept({{.value = 101}});
  EXPECT_EQ(under_test.Receive(1).rows.size(), 2u) << "channel 0 is full, so both go to channel 1";
}

TEST(PartitionWriter, RebalanceIsAvailableWhileOneChannelHasSpace) {
  WriterUnderTest<SmallRow> under_test(Partitioner::kRebalance, 2);
  for (uint32_t i = 0; i < 2 * LocalChannel::kCapacity; ++i) under_test.Accept({{.value = i}});
  EXPECT_FALSE(under_test.writer().IsAvailable());
  under_test.Receive(1);
  EXPECT_TRUE(under_test.writer().IsAvailable());
}

TEST(PartitionWriter, HashIsUnavailableWhenAnyChannelIsFull) {
  WriterUnderTest<SmallRow> under_test(Partitioner::kHash, 2);
  EXPECT_TRUE(under_test.writer().IsAvailable());
  for (uint32_t i = 0; i < LocalChannel::kCapacity; ++i) {
    under_test.Accept({{.key = 7}});
    under_test.writer().EndStep();
  }
  EXPECT_FALSE(under_test.writer().IsAvailable());
}

TEST(PartitionWriter, BroadcastGivesEveryChannelItsOwnCopy) {
  WriterUnderTest<TextRow> under_test(Partitioner::kBroadcast, 2);
  under_test.Accept({{.key = 1, .text = "a view must be copied with its bytes"}}, {Mark{1, 5}});
  const Received<TextRow> first = under_test.Receive(0), second = under_test.Receive(1);
  ASSERT_EQ(first.rows, second.rows);
  EXPECT_NE(first.rows[0].text.data(), second.rows[0].text.data());
  EXPECT_EQ(second.marks, (Marks{{1, 5}}));
}

TEST(PartitionWriter, BroadcastCopiesOnlyTheRowsThatCount) {
  WriterUnderTest<SmallRow> under_test(Partitioner::kBroadcast, 2);
  BatchBase* const batch = under_test.batches().Make({{.key = 1}, {.key = 2}, {.key = 3}}, {Mark{2, 5}});
  BatchMaker<SmallRow>::Select(*batch, {0, 2});
  under_test.writer().Accept(batch);
  const Received<SmallRow> copy = under_test.Receive(1);
  EXPECT_EQ(copy.rows, (std::vector<SmallRow>{{.key = 1}, {.key = 3}}));
  EXPECT_EQ(copy.marks, (Marks{{1, 5}}));
}

TEST(PartitionWriter, HashSendsEachKeyToTheSubtaskOfItsKeyGroup) {
  constexpr int kChannels = 3;
  WriterUnderTest<TextRow> under_test(Partitioner::kHash, kChannels);
  std::vector<TextRow> rows;
  for (int64_t key = 0; key < 100; ++key) rows.push_back({.key = key, .text = "x"});
  under_test.Accept(rows);
  for (int channel = 0; channel < kChannels; ++channel) {
    for (const TextRow& row : under_test.Receive(static_cast<uint32_t>(channel)).rows) {
      const int group = KeyGroupForHash(Hash64(static_cast<uint64_t>(row.key)), 128);
      EXPECT_EQ(SubtaskForKeyGroup(group, kChannels, 128), channel) << "key " << row.key;
    }
  }
}

TEST(PartitionWriter, HashOverOneChannelHandsTheBatchOnWithItsHashes) {
  WriterUnderTest<SmallRow> under_test(Partitioner::kHash, 1);
  under_test.Accept({{.key = 5}});
  EXPECT_EQ(under_test.Receive(0).hashes, std::vector<uint64_t>{Hash64(5)});
}

TEST(PartitionWriter, SharingHandsTheSameBatchToAllReceivers) {
  WriterUnderTest<TextRow> under_test(2, [](int64_t key, int) { return key; });
  under_test.Accept({{.key = 0, .text = "a"}, {.key = 1, .text = "b"}});
  ChannelElement first, second;
  ASSERT_TRUE(under_test.channel(0).Pop(first));
  ASSERT_TRUE(under_test.channel(1).Pop(second));
  EXPECT_EQ(first.batch, second.batch);
  EXPECT_EQ(first.batch->readers.load(), 2u);
  Recycle(first.batch);
  Recycle(second.batch);
}

TEST(PartitionWriter, SharingSendsNothingToAChannelWithoutRowsOrMarks) {
  WriterUnderTest<TextRow> under_test(2, [](int64_t, int) { return 1; });
  under_test.Accept({{.key = 0, .text = "a"}});
  EXPECT_EQ(under_test.Receive(0).elements, 0u);
  EXPECT_EQ(under_test.Receive(1).elements, 1u);
}

TEST(PartitionWriter, ScatteringCopiesRowsIntoOneBatchPerChannelUntilTheStepEnds) {
  WriterUnderTest<SmallRow> under_test(2, [](int64_t key, int) { return key; });
  for (int64_t i = 0; i < 5; ++i) under_test.Accept({{.key = 0, .value = i}, {.key = 1, .value = i}});
  EXPECT_EQ(under_test.Receive(0).elements, 0u) << "open batches wait for the end of the step";
  under_test.writer().EndStep();
  const Received<SmallRow> received = under_test.Receive(0);
  EXPECT_EQ(received.elements, 1u);
  EXPECT_EQ(received.rows.size(), 5u);
}

TEST(PartitionWriter, ScatteringSendsNothingToAChannelWithoutRowsOrMarks) {
  WriterUnderTest<SmallRow> under_test(3, [](int64_t key, int) { return static_cast<int>(key); });
  for (const bool has_times : {false, true, false}) {
    for (const int64_t key : {0, 1, 1, 0}) {
      const SmallRow row{.key = key};
      under_test.writer().Accept(has_times ? under_test.batches().MakeTimed({{row, 7}})
                                           : under_test.batches().Make({row}));
      under_test.writer().EndStep();
      for (uint32_t channel = 0; channel < 3; ++channel) {
        const Received<SmallRow> received = under_test.Receive(channel);
        EXPECT_EQ(received.elements, channel == key ? 1u : 0u);
        EXPECT_EQ(received.times.size(), received.elements);
        for (const EventTime time : received.times) EXPECT_EQ(time, has_times ? 7 : kNoEventTime);
      }
    }
  }
}

TEST(PartitionWriter, ScatteringSendsFullBatchesWithinAStep) {
  WriterUnderTest<SmallRow> under_test(2, [](int64_t, int) { return 0; });
  const std::vector<SmallRow> rows(kMaxBatchRows);
  under_test.Accept(rows).Accept(rows);
  EXPECT_EQ(under_test.Receive(0).rows.size(), kMaxBatchRows);
}

TEST(PartitionWriter, ScatteringKeepsMarksBetweenTheRowsOfEachChannel) {
  WriterUnderTest<SmallRow> under_test(2, [](int64_t key, int) { return key; });
  under_test.Accept({{.key = 0}, {.key = 1}, {.key = 1}, {.key = 0}}, {Mark{2, 5}, Mark{4, 9}});
  under_test.writer().EndStep();
  EXPECT_EQ(under_test.Receive(0).marks, (Marks{{1, 5}, {2, 9}}));
  EXPECT_EQ(under_test.Receive(1).marks, (Marks{{1, 5}, {2, 9}}));
}

TEST(PartitionWriter, ScatteringTurnsItsBatchesWhenTimesBeginOrEnd) {
  WriterUnderTest<SmallRow> under_test(2, [](int64_t, int) { return 0; });
  under_test.Accept({{.value = 1}});
  under_test.writer().Accept(under_test.batches().MakeTimed({{{.value = 2}, 20}}));
  under_test.Accept({{.value = 3}});
  under_test.writer().EndStep();
  const Received<SmallRow> received = under_test.Receive(0);
  EXPECT_EQ(received.times, (std::vector<EventTime>{kNoEventTime, 20, kNoEventTime}));
  EXPECT_EQ(received.rows, (std::vector<SmallRow>{{.value = 1}, {.value = 2}, {.value = 3}}));
}

TEST(PartitionWriter, ScatteringLeavesHashesOfAnEarlierKeyBehind) {
  WriterUnderTest<SmallRow> under_test(2, [](int64_t, int) { return 0; });
  under_test.Accept({{.value = 1}});
  BatchBase* const hashed = under_test.batches().Make({{.value = 2}});
  hashed->UseHashes();
  hashed->hashes[0] = 77;
  under_test.writer().Accept(hashed);
  under_test.Accept({{.value = 3}});
  under_test.writer().EndStep();
  EXPECT_EQ(under_test.Receive(0).hashes, (std::vector<uint64_t>{0, 0, 0}));
}

TEST(PartitionWriter, EmitSendsWhatIsOpenBeforeTheEvent) {
  WriterUnderTest<SmallRow> under_test(2, [](int64_t, int) { return 0; });
  under_test.Accept({{.value = 1}});
  under_test.writer().Emit({.kind = StreamEvent::Kind::kBarrier});
  ChannelElement element;
  ASSERT_TRUE(under_test.channel(0).Pop(element));
  ASSERT_NE(element.batch, nullptr);
  Recycle(element.batch);
  EXPECT_EQ(under_test.Receive(0).events.size(), 1u);
  EXPECT_EQ(under_test.Receive(1).events.size(), 1u);
}

TEST(PartitionWriter, DrainsSurplusInOrder) {
  WriterUnderTest<SmallRow> under_test(Partitioner::kForward, 1);
  for (int64_t i = 0; i < 20; ++i) under_test.Accept({{.value = i}});
  Received<SmallRow> received;
  under_test.Receive(0, received);
  EXPECT_TRUE(under_test.writer().Drain());
  under_test.Receive(0, received);
  ASSERT_EQ(received.rows.size(), 20u);
  for (int64_t i = 0; i < 20; ++i) EXPECT_EQ(received.rows[i].value, i);
}

TEST(PartitionWriter, CountsRecords) {
  WriterUnderTest<SmallRow> under_test(Partitioner::kHash, 2);
  under_test.Accept({{.key = 1}, {.key = 2}}).Accept({{.key = 3}});
  EXPECT_EQ(under_test.writer().records(), 3);
}

TEST(PartitionWriter, NamesAChannelThatDoesNotExist) {
  for (const int64_t bad : {int64_t{-1}, int64_t{2}, int64_t{70000}}) {
    WriterUnderTest<SmallRow> under_test(2, [bad](int64_t, int) { return bad; });
    under_test.Accept({{.key = 0}});
    EXPECT_TRUE(IsError(under_test.writer().status(), StatusCode::kOutOfRange,
                        "returned channel " + std::to_string(bad) + "; it must be 0 to 1"));
  }
}

TEST(PartitionWriter, SendsNothingOfABatchWithABadChannel) {
  WriterUnderTest<SmallRow> under_test(2, [](int64_t key, int) { return key; });
  under_test.Accept({{.key = 0}, {.key = 5}});
  under_test.writer().EndStep();
  EXPECT_EQ(under_test.Receive(0).elements, 0u);
}

}  // namespace
}  // namespace weir
