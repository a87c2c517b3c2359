#include "weir/runtime/network/local_channel.h"

#include <gtest/gtest.h>

#include "tests/harness/test_batches.h"

namespace weir {
namespace {

class LocalChannelTest : public ::testing::Test {
 protected:
  void PushRow(int64_t value) { channel_->Push({.batch = batches_.Make({{.value = value}})}); }
  void PushRows(int from, int to) {
    for (int value = from; value < to; ++value) PushRow(value);
  }
  // The values of the batches that are there, in order.
  std::vector<int64_t> PopAll() {
    std::vector<int64_t> values;
    ChannelElement element;
    while (channel_->Pop(element)) {
      for (const SmallRow& row : TakeRows<SmallRow>(element.batch)) values.push_back(row.value);
    }
    return values;
  }
  static std::vector<int64_t> Numbers(int from, int to) {
    std::vector<int64_t> numbers;
    for (int value = from; value < to; ++value) numbers.push_back(value);
    return numbers;
  }

  BatchMaker<SmallRow> batches_;
  std::unique_ptr<LocalChannel> channel_ = std::make_unique<LocalChannel>();
  std::vector<BatchPtr> taken_;
};

TEST_F(LocalChannelTest, IsEmptyAtFirst) {
  EXPECT_TRUE(channel_->IsEmpty());
  EXPECT_TRUE(channel_->HasSpace());
  EXPECT_TRUE(PopAll().empty());
}

TEST_F(LocalChannelTest, DeliversBatchesInTheOrderInWhichTheyWerePushed) {
  PushRows(0, 5);
  EXPECT_EQ(PopAll(), Numbers(0, 5));
}

TEST_F(LocalChannelTest, HasNoSpaceOnceItsCapacityIsInFlight) {
  PushRows(0, LocalChannel::kCapacity - 1);
  EXPECT_TRUE(channel_->HasSpace());
  PushRow(100);
  EXPECT_FALSE(channel_->HasSpace());
}

TEST_F(LocalChannelTest, KeepsSurplusOnTheProducersSideUntilItIsDrained) {
  PushRows(0, LocalChannel::kCapacity + 3);
  EXPECT_TRUE(channel_->HasSurplus());
  EXPECT_EQ(PopAll().size(), LocalChannel::kCapacity);
  EXPECT_TRUE(channel_->Drain());
  EXPECT_EQ(PopAll(), Numbers(LocalChannel::kCapacity, LocalChannel::kCapacity + 3));
}

TEST_F(LocalChannelTest, HasNoSpaceWhileSurplusWaitsEvenIfTheQueueWasEmptied) {
  PushRows(0, LocalChannel::kCapacity + 1);
  PopAll();
  EXPECT_FALSE(channel_->HasSpace());
  channel_->Drain();
  EXPECT_TRUE(channel_->HasSpace());
}

TEST_F(LocalChannelTest, PutsWhatIsPushedBehindTheSurplus) {
  PushRows(0, LocalChannel::kCapacity + 2);
  std::vector<int64_t> values = PopAll();
  PushRow(LocalChannel::kCapacity + 2);
  channel_->Drain();
  for (const int64_t value : PopAll()) values.push_back(value);
  EXPECT_EQ(values, Numbers(0, LocalChannel::kCapacity + 3));
}

TEST_F(LocalChannelTest, DrainsAsMuchAsThereIsRoomFor) {
  PushRows(0, 2 * LocalChannel::kCapacity + 5);
  EXPECT_FALSE(channel_->Drain());
  EXPECT_EQ(PopAll().size(), LocalChannel::kCapacity);
  EXPECT_FALSE(channel_->Drain());
  EXPECT_EQ(PopAll().size(), LocalChannel::kCapacity);
  EXPECT_TRUE(channel_->Drain());
  EXPECT_EQ(PopAll().size(), 5u);
}

TEST_F(LocalChannelTest, GoesRoundTheRingManyTimesInOrder) {
  std::vector<int64_t> values;
  for (int round = 0; round < 100; ++round) {
    PushRows(round * 7, round * 7 + 7);
    for (const int64_t value : PopAll()) values.push_back(value);
  }
  EXPECT_EQ(values, Numbers(0, 700));
}

TEST_F(LocalChannelTest, CarriesEventsBetweenBatches) {
  PushRow(1);
  channel_->Push({.event = {.kind = StreamEvent::Kind::kBarrier, .checkpoint_id = 7}});
  ChannelElement element;
  ASSERT_TRUE(channel_->Pop(element));
  Recycle(element.batch);
  ASSERT_TRUE(channel_->Pop(element));
  EXPECT_EQ(element.batch, nullptr);
  EXPECT_EQ(element.event.kind, StreamEvent::Kind::kBarrier);
  EXPECT_EQ(element.event.checkpoint_id, 7);
}

TEST_F(LocalChannelTest, RecyclesWhatNobodyTookWhenItGoes) {
  PushRows(0, LocalChannel::kCapacity + 4);
  const uint32_t made = batches_.pool().allocated();
  channel_.reset();
  // All batches are home: as many can be had without a new one.
  for (uint32_t i = 0; i < made; ++i) taken_.emplace_back(batches_.pool().Get());
  EXPECT_EQ(batches_.pool().allocated(), made);
}

TEST_F(LocalChannelTest, DoesNotRecycleDrainedSurplusTwice) {
  PushRows(0, LocalChannel::kCapacity + 4);
  ChannelElement element;
  ASSERT_TRUE(channel_->Pop(element));
  Recycle(element.batch);
  EXPECT_FALSE(channel_->Drain());  // one of four went into the queue
  const uint32_t made = batches_.pool().allocated();
  channel_.reset();
  for (uint32_t i = 0; i < made; ++i) taken_.emplace_back(batches_.pool().Get());
  EXPECT_EQ(batches_.pool().allocated(), made);
}

}  // namespace
}  // namespace weir
