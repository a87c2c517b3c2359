#include "weir/runtime/network/input_channel.h"

#include <gtest/gtest.h>

#include "weir/runtime/network/input_gate.h"
#include "weir/types/batch_type.h"

#include "tests/harness/test_batches.h"

namespace weir {
namespace {

class InputChannelTest : public ::testing::Test {
 protected:
  void Push(int32_t value) { queue_->Push({.batch = batches_.Make({value})}); }
  void Barrier(int64_t id) { queue_->Push({.event = {.kind = StreamEvent::Kind::kBarrier, .checkpoint_id = id}}); }
  // "3", "barrier 7", "" if there is nothing.
  std::string Pop() {
    ChannelElement element;
    if (!channel_.Pop(element)) return "";
    if (element.batch == nullptr) return "barrier " + std::to_string(element.event.checkpoint_id);
    const std::string value = std::to_string(AsBatch<int32_t>(*element.batch).data()[0]);
    Recycle(element.batch);
    return value;
  }

  BatchMaker<int32_t> batches_;
  BatchPoolHandle views_{&BatchTypeOf<int32_t>()};
  std::shared_ptr<LocalChannel> queue_ = std::make_shared<LocalChannel>();
  InputChannel channel_{queue_};
};

TEST_F(InputChannelTest, ACaptureEmptiesAnAnnouncedQueueUpToTheBarrier) {
  Push(1);
  Push(2);
  Barrier(7);
  Push(3);
  queue_->Announce(7);
  channel_.BeginCapture(7, *views_.get());
  EXPECT_TRUE(channel_.AdvanceCapture());
  EXPECT_EQ(queue_->stashed(), 2u);
  channel_.EndCapture();
  EXPECT_EQ(Pop(), "1");
  EXPECT_EQ(Pop(), "2");
  EXPECT_EQ(Pop(), "3");  // its barrier is gone: nobody waits for it
  EXPECT_EQ(Pop(), "");
  EXPECT_EQ(queue_->stashed(), 0u);
}

TEST_F(InputChannelTest, WithoutAnAnnouncementNothingIsTakenOutAhead) {
  Push(1);
  channel_.BeginCapture(7, *views_.get());
  EXPECT_FALSE(channel_.AdvanceCapture());
  EXPECT_EQ(queue_->stashed(), 0u);
  EXPECT_EQ(Pop(), "1");
  Barrier(7);
  Push(2);
  EXPECT_EQ(Pop(), "2");
  EXPECT_TRUE(channel_.AdvanceCapture());
  EXPECT_EQ(channel_.EndCapture().size(), 4u + 20u + 4u);  // one batch of one row
}

TEST_F(InputChannelTest, ABarrierOfANewerCheckpointEndsTheHaste) {
  Push(1);
  Barrier(8);
  Push(2);
  queue_->Announce(8);
  channel_.BeginCapture(7, *views_.get());
  EXPECT_FALSE(channel_.AdvanceCapture());
  EXPECT_FALSE(queue_->IsEmpty());
  EXPECT_EQ(Pop(), "1");
  EXPECT_EQ(Pop(), "barrier 8");
  EXPECT_EQ(Pop(), "2");
}

// docs/formats/in_flight_data.md
TEST_F(InputChannelTest, GoldenBytes) {
  Push(258);
  Barrier(7);
  queue_->Announce(7);
  channel_.BeginCapture(7, *views_.get());
  channel_.AdvanceCapture();
  const std::string expected(
      "\x18\0\0\0"                                                 // length
      "\x01\0\0\0\x04\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\x02\x01\0\0",  // batch.md: a row of four bytes
      4 + 24);
  EXPECT_EQ(channel_.EndCapture(), expected);
}

TEST_F(InputChannelTest, DamagedInFlightDataIsRefused) {
  EventCount executor;
  InputGate gate(&BatchTypeOf<int32_t>(), {queue_}, &executor);
  Push(258);
  Barrier(7);
  queue_->Announce(7);
  channel_.BeginCapture(7, *views_.get());
  channel_.AdvanceCapture();
  const std::string whole = channel_.EndCapture();
  EXPECT_EQ(gate.RestoreChannel(0, 0, whole), OkStatus());
  for (size_t length = 1; length < whole.size(); ++length)
    EXPECT_EQ(gate.RestoreChannel(0, 0, whole.substr(0, length)).code(), StatusCode::kDataLoss) << length;
  EXPECT_EQ(gate.RestoreChannel(1, 0, whole).code(), StatusCode::kFailedPrecondition);
}

}  // namespace
}  // namespace weir
