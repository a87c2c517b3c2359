#include "weir/runtime/network/remote/channel_credit.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <deque>
#include <memory>
#include <vector>

#include "weir/base/random.h"

namespace weir {
namespace {

constexpr int64_t kSecond = 1'000'000'000;

std::shared_ptr<GateCredit> Gate(int64_t exclusive, int64_t floating, int64_t target_nanos = 0) {
  return std::make_shared<GateCredit>(
      CreditLimits{.exclusive = exclusive, .floating = floating, .target_nanos = target_nanos});
}

TEST(ChannelCredit, BeginsWithItsOwnBuffersAndGrantsWhatWasTaken) {
  ChannelCredit credit(Gate(1000, 0));
  EXPECT_EQ(credit.TakeGrant(), 1000u);
  ASSERT_TRUE(credit.OnData(600, 0).ok());
  EXPECT_EQ(credit.TakeGrant(), 0u) << "nothing was taken yet";
  credit.OnConsumed(600);
  EXPECT_EQ(credit.TakeGrant(), 600u);
}

TEST(ChannelCredit, SmallGrantsWaitWhileTheProducerHasEnough) {
  ChannelCredit credit(Gate(1000, 0));
  credit.TakeGrant();
  ASSERT_TRUE(credit.OnData(100, 0).ok());
  credit.OnConsumed(100);
  EXPECT_EQ(credit.TakeGrant(), 0u);
  EXPECT_FALSE(credit.is_short());
  ASSERT_TRUE(credit.OnData(500, 0).ok());
  credit.OnConsumed(500);
  EXPECT_TRUE(credit.is_short());
  EXPECT_EQ(credit.TakeGrant(), 600u);
}

TEST(ChannelCredit, ABacklogGetsFloatingBuffersWhichGoBackWhenItIsGone) {
  const auto gate = Gate(1000, 5000);
  ChannelCredit busy(gate), other(gate);
  busy.TakeGrant();
  other.TakeGrant();
  ASSERT_TRUE(busy.OnData(1000, 9000).ok());
  EXPECT_EQ(busy.TakeGrant(), 5000u) << "all of the gate's, though its own are not taken yet";
  ASSERT_TRUE(other.OnData(1000, 9000).ok());
  EXPECT_EQ(other.TakeGrant(), 0u) << "there are none left";
  ASSERT_TRUE(busy.OnData(5000, 0).ok());
  busy.OnConsumed(6000);
  EXPECT_EQ(busy.TakeGrant(), 1000u);
  other.OnConsumed(1000);
  EXPECT_EQ(other.TakeGrant(), 6000u);
}

TEST(ChannelCredit, DataBeyondTheGrantIsABrokenFrame) {
  ChannelCredit credit(Gate(1000, 0));
  credit.TakeGrant();
  EXPECT_TRUE(credit.OnData(1500, 0).ok()) << "the last frame may overdraw";
  EXPECT_EQ(credit.OnData(1, 0).code(), StatusCode::kDataLoss);
}

TEST(ChannelCredit, ASlowGateGetsWhatItsSpeedIsWorthAndAFastOneAll) {
  const auto gate = Gate(1000, 9000, kSecond);
  ChannelCredit credit(gate);
  for (int64_t second = 1; second < 20; ++second) gate->OnConsumed(100, second * kSecond);
  EXPECT_NEAR(static_cast<double>(gate->Adapt(10'000)), 100, 5);
  for (int64_t second = 20; second < 40; ++second) gate->OnConsumed(1'000'000, second * kSecond);
  EXPECT_EQ(gate->Adapt(10'000), 10'000);
}

TEST(ChannelCredit, AGateThatStandsStillStillLetsOneBatchThrough) {
  const auto gate = Gate(1000, 0, 1000);
  ChannelCredit credit(gate);
  for (int64_t second = 1; second < 9; ++second) gate->OnConsumed(1, second * kSecond);
  EXPECT_EQ(gate->Adapt(1000), 1);
}

// Whatever sizes come and however late they are taken: a producer with something to send is never left without credit when everything is taken, and what is in
// flight stays within the limits, but for one frame.
TEST(ChannelCredit, NeverLeavesAProducerStuckAndNeverExceedsItsLimits) {
  for (uint64_t seed = 1; seed <= 50; ++seed) {
    SeededRandom random(seed);
    const auto gate = Gate(1000, 3000);
    struct Channel {
      explicit Channel(const std::shared_ptr<GateCredit>& shared) : credit(shared) {}
      ChannelCredit credit;
      int64_t producer = 0;
      std::deque<int64_t> queue;
    };
    std::vector<std::unique_ptr<Channel>> channels;
    for (int i = 0; i < 3; ++i) {
      channels.push_back(std::make_unique<Channel>(gate));
      channels.back()->producer = channels.back()->credit.TakeGrant();
    }
    int sent = 0;
    for (int step = 0; step < 3000; ++step) {
      Channel& channel = *channels[random.Uniform(3)];
      if (random.Uniform(2) == 0 && channel.producer > 0) {
        const int64_t cost = 1 + static_cast<int64_t>(random.Uniform(900));
        channel.producer -= cost;
        channel.queue.push_back(cost);
        ASSERT_TRUE(channel.credit.OnData(cost, static_cast<int64_t>(random.Uniform(8000))).ok());
        ++sent;
      } else if (!channel.queue.empty()) {
        channel.credit.OnConsumed(channel.queue.front());
        channel.queue.pop_front();
      }
      channel.producer += channel.credit.TakeGrant();
      if (channel.queue.empty()) {
        ASSERT_GT(channel.producer, 0) << "seed " << seed;
      }
      int64_t in_flight = 0;
      for (const auto& each : channels) {
        for (int64_t cost : each->queue) in_flight += cost;
        in_flight += std::max<int64_t>(each->producer, 0);
      }
      ASSERT_LE(in_flight, 3 * 1000 + 3000 + 3 * 900) << "seed " << seed;
    }
    EXPECT_GT(sent, 100);
  }
}

}  // namespace
}  // namespace weir
