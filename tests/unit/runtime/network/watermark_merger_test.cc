#include "weir/runtime/network/watermark_merger.h"

#include <gtest/gtest.h>

#include <algorithm>

#include "weir/base/random.h"

namespace weir {
namespace {

TEST(WatermarkMerger, HasNoWatermarkUntilAllChannelsHaveOne) {
  WatermarkMerger merger(2);
  EXPECT_FALSE(merger.OnWatermark(0, 10));
  EXPECT_EQ(merger.watermark(), kMinWatermark);
  EXPECT_TRUE(merger.OnWatermark(1, 7));
  EXPECT_EQ(merger.watermark(), 7);
}

TEST(WatermarkMerger, FollowsTheSlowestChannel) {
  WatermarkMerger merger(2);
  merger.OnWatermark(0, 10);
  merger.OnWatermark(1, 7);
  EXPECT_TRUE(merger.OnWatermark(1, 20));
  EXPECT_EQ(merger.watermark(), 10);
}

TEST(WatermarkMerger, IgnoresAWatermarkThatGoesBack) {
  WatermarkMerger merger(1);
  merger.OnWatermark(0, 10);
  EXPECT_FALSE(merger.OnWatermark(0, 5));
  EXPECT_EQ(merger.watermark(), 10);
}

TEST(WatermarkMerger, LeavesAnIdleChannelOut) {
  WatermarkMerger merger(2);
  merger.OnWatermark(0, 10);
  merger.OnWatermark(1, 3);
  EXPECT_TRUE(merger.OnIdle(1));
  EXPECT_EQ(merger.watermark(), 10);
}

TEST(WatermarkMerger, TakesTheFurthestWatermarkWhenAllChannelsAreIdle) {
  WatermarkMerger merger(2);
  merger.OnWatermark(0, 10);
  merger.OnWatermark(1, 3);
  merger.OnIdle(0);
  EXPECT_TRUE(merger.OnIdle(1) || merger.watermark() == 10);
  EXPECT_TRUE(merger.all_idle());
  EXPECT_EQ(merger.watermark(), 10);
}

TEST(WatermarkMerger, WaitsForAResumedChannelOnlyOnceItHasCaughtUp) {
  WatermarkMerger merger(2);
  merger.OnWatermark(0, 10);
  merger.OnWatermark(1, 3);
  merger.OnIdle(1);  // 10 is out
  merger.OnActive(1);
  EXPECT_TRUE(merger.OnWatermark(0, 20)) << "the channel that lags behind 10 must not hold time back";
  merger.OnWatermark(1, 20);
  EXPECT_FALSE(merger.OnWatermark(0, 30)) << "it has caught up and counts again";
  EXPECT_EQ(merger.watermark(), 20);
}

TEST(WatermarkMerger, TreatsAnEndedChannelAsInfinitelyFar) {
  WatermarkMerger merger(2);
  merger.OnWatermark(0, 10);
  EXPECT_TRUE(merger.OnEnd(1));
  EXPECT_EQ(merger.watermark(), 10);
  EXPECT_TRUE(merger.OnEnd(0));
  EXPECT_EQ(merger.watermark(), kMaxWatermark);
}

TEST(WatermarkMerger, DoesNotTakeTheEndOfOneChannelForTheEndOfAnIdleOne) {
  WatermarkMerger merger(2);
  merger.OnWatermark(0, 10);
  merger.OnWatermark(1, 20);
  merger.OnIdle(0);
  EXPECT_FALSE(merger.OnEnd(1));
  EXPECT_TRUE(merger.all_idle());
  EXPECT_EQ(merger.watermark(), 20);
}

TEST(WatermarkMerger, SaysMaxOnlyOnceAllChannelsHaveEnded) {
  WatermarkMerger merger(3);
  EXPECT_FALSE(merger.OnEnd(0));
  EXPECT_FALSE(merger.OnEnd(1));
  EXPECT_TRUE(merger.OnEnd(2));
}

// What the merger promises, written without regard to cost.
class Model {
 public:
  explicit Model(uint32_t channels) : at_(channels, kMinWatermark), idle_(channels), counts_(channels, true) {}

  void OnWatermark(uint32_t channel, EventTime watermark) {
    if (watermark <= at_[channel]) return;
    at_[channel] = watermark;
    if (!idle_[channel] && at_[channel] >= out_) counts_[channel] = true;
    Merge();
  }
  void OnIdle(uint32_t channel) {
    if (idle_[channel]) return;
    idle_[channel] = true;
    counts_[channel] = false;
    if (std::count(idle_.begin(), idle_.end(), true) == static_cast<ptrdiff_t>(idle_.size())) {
      out_ = std::max(out_, *std::max_element(at_.begin(), at_.end()));
    } else {
      Merge();
    }
  }
  void OnActive(uint32_t channel) {
    if (idle_[channel]) counts_[channel] = at_[channel] >= out_;
    idle_[channel] = false;
    Merge();
  }
  EventTime watermark() const { return out_; }
  bool is_idle(uint32_t channel) const { return idle_[channel]; }

 private:
  void Merge() {
    EventTime lowest = kMaxWatermark;
    bool any = false;
    for (size_t i = 0; i < at_.size(); ++i) {
      if (!counts_[i]) continue;
      any = true;
      lowest = std::min(lowest, at_[i]);
    }
    if (any) out_ = std::max(out_, lowest);
  }

  std::vector<EventTime> at_;
  std::vector<bool> idle_, counts_;
  EventTime out_ = kMinWatermark;
};

TEST(WatermarkMerger, AgreesWithTheModelOnRandomHistories) {
  for (uint64_t seed = 1; seed <= 200; ++seed) {
    SCOPED_TRACE("seed " + std::to_string(seed));
    SeededRandom random(seed);
    const uint32_t channels = 1 + static_cast<uint32_t>(random.Uniform(4));
    WatermarkMerger merger(channels);
    Model model(channels);
    for (int step = 0; step < 200; ++step) {
      const uint32_t channel = static_cast<uint32_t>(random.Uniform(channels));
      const EventTime before = merger.watermark();
      bool advanced = false;
      switch (random.Uniform(4)) {
        case 0:
          advanced = merger.OnIdle(channel);
          model.OnIdle(channel);
          break;
        case 1:
          advanced = merger.OnActive(channel);
          model.OnActive(channel);
          break;
        default: {
          if (model.is_idle(channel)) break;  // an idle channel is silent until it says that it is active
          const EventTime watermark = static_cast<EventTime>(random.Uniform(50)) + step;
          advanced = merger.OnWatermark(channel, watermark);
          model.OnWatermark(channel, watermark);
        }
      }
      ASSERT_EQ(merger.watermark(), model.watermark()) << "step " << step;
      ASSERT_EQ(advanced, merger.watermark() > before) << "step " << step;
    }
  }
}

}  // namespace
}  // namespace weir
