#include "weir/runtime/time/event_timeline.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <string>

#include "weir/base/random.h"
#include "weir/functions/watermark_strategy.h"
#include "weir/runtime/operators/assign_timestamps.h"

#include "tests/harness/test_batches.h"

namespace weir {
namespace {

using namespace std::chrono_literals;

using Strategy = WatermarkStrategy<SmallRow>;

Strategy Bounded(Duration bound) { return Strategy::BoundedOutOfOrderness(bound).WithTimestamps(&SmallRow::value); }

// One subtask's event time under a clock that stands still.
class Timeline {
 public:
  explicit Timeline(const Strategy& strategy, int64_t interval_ms = 200)
      : timeline_(strategy.strategy(), clock_, interval_ms) {}

  // Rows with these timestamps of one split; returns the watermarks that go out with them.
  std::vector<EventTime> Rows(const std::vector<int64_t>& times, uint32_t split = 0) {
    std::vector<SmallRow> rows;
    for (int64_t time : times) rows.push_back({.key = 1, .value = time});
    BatchPtr batch(batches_.Make(rows));
    status_.Update(timeline_.OnBatch(*batch, split));
    times_.assign(batch->times, batch->times + (batch->has_times ? batch->size : 0));
    return MarksOf(*batch);
  }
  void Advance(Duration by) {
    clock_.Advance(by);
    timeline_.OnProcessingTime(clock_.WallMillis());
  }
  EventTimeline& operator*() { return timeline_; }
  EventTimeline* operator->() { return &timeline_; }
  const std::vector<EventTime>& times() const { return times_; }
  const Status& status() const { return status_; }
  ManualClock& clock() { return clock_; }

 private:
  ManualClock clock_;
  BatchMaker<SmallRow> batches_;
  EventTimeline timeline_;
  std::vector<EventTime> times_;
  Status status_;
};

TEST(WatermarkStrategy, GivesEveryRecordItsTimestampAndEachBatchOneWatermark) {
  Timeline timeline(Bounded(10ms));
  EXPECT_EQ(timeline.Rows({100, 105, 95}), (std::vector<EventTime>{94}));
  EXPECT_EQ(timeline.times(), (std::vector<EventTime>{100, 105, 95}));
}

TEST(WatermarkStrategy, MonotonousTimestampsAllowAWatermarkOneMillisecondBehind) {
  Timeline timeline(Strategy::ForMonotonousTimestamps().WithTimestamps([](const SmallRow& row) { return row.value; }));
  EXPECT_EQ(timeline.Rows({7}), (std::vector<EventTime>{6}));
}

TEST(WatermarkStrategy, NeverGoesBack) {
  Timeline timeline(Bounded(10ms));
  timeline.Rows({100});
  EXPECT_TRUE(timeline.Rows({50}).empty());
  EXPECT_EQ(timeline->watermark(), 89);
}

TEST(WatermarkStrategy, TakesTimestampsFromAMemberOfTypeTimestamp) {
  struct Event {
    Timestamp at;
  };
  const auto strategy = WatermarkStrategy<Event>::ForMonotonousTimestamps().WithTimestamps(&Event::at);
  const std::unique_ptr<TimestampAssigner> assigner(strategy.strategy().assigner->Make());
  BatchMaker<Event> batches;
  BatchPtr batch(batches.Make({{Timestamp(5ms)}, {Timestamp(3ms)}}));
  EXPECT_EQ(assigner->Assign(*batch, 0), 5);
  EXPECT_EQ(batch->times[1], 3);
}

TEST(WatermarkStrategy, HasNoWatermarkBelowTheFirstMillisecondOfTime) {
  Timeline timeline(Bounded(10ms));
  EXPECT_TRUE(timeline.Rows({kMinWatermark + 5}).empty());
}

TEST(WatermarkStrategy, WithoutWatermarksStillAssignsTimestamps) {
  Timeline timeline(Strategy::None().WithTimestamps(&SmallRow::value));
  EXPECT_TRUE(timeline.Rows({5}).empty());
  EXPECT_EQ(timeline.times(), (std::vector<EventTime>{5}));
}

TEST(WatermarkStrategy, IngestionTimeIsTheTimeOfDay) {
  Timeline timeline(Strategy::ForMonotonousTimestamps().WithIngestionTime());
  EXPECT_EQ(timeline.Rows({5}), (std::vector<EventTime>{timeline.clock().WallMillis() - 1}));
}

TEST(WatermarkStrategy, RefusesRecordsWithoutTimestampsAndSaysWhatToAdd) {
  Timeline timeline(Strategy::ForMonotonousTimestamps());
  timeline.Rows({5});
  EXPECT_NE(timeline.status().message().find("WithTimestamps"), std::string::npos) << timeline.status().message();
}

// Emits at every record whose key is 7.
struct Punctuated {
  void OnEvent(const SmallRow& row, Timestamp time, WatermarkOutput& out) const {
    if (row.key == 7) out.EmitWatermark(time);
  }
};

TEST(WatermarkStrategy, PunctuatedWatermarksStandBehindTheirRecord) {
  ManualClock clock;
  EventTimeline timeline(Strategy::ForGenerator<Punctuated>().WithTimestamps(&SmallRow::value).strategy(), clock, 200);
  BatchMaker<SmallRow> batches;
  BatchPtr batch(batches.Make({{1, 10}, {7, 20}, {1, 30}, {7, 40}}));
  ASSERT_TRUE(timeline.OnBatch(*batch, 0).ok());
  ASSERT_EQ(MarksOf(*batch), (std::vector<EventTime>{20, 40}));
  EXPECT_EQ(batch->marks[0].row, 2u);
  EXPECT_EQ(batch->marks[1].row, 4u);
}

// Remembers the latest timestamp; emits when asked.
struct Periodic {
  explicit Periodic(int64_t behind) : behind(behind) {}
  void OnEvent(const SmallRow&, Timestamp time, WatermarkOutput&) { latest = std::max(latest, time); }
  void OnPeriodicEmit(WatermarkOutput& out) const { out.EmitWatermark(latest - Duration(behind)); }
  int64_t behind;
  Timestamp latest{};
};

TEST(WatermarkStrategy, AsksPeriodicGeneratorsAtTheInterval) {
  Timeline timeline(Strategy::ForGenerator<Periodic>(int64_t{2}).WithTimestamps(&SmallRow::value), 50);
  EXPECT_TRUE(timeline.Rows({10}).empty());
  timeline.Advance(49ms);
  EXPECT_FALSE(timeline->TakeAdvance());
  timeline.Advance(1ms);
  EXPECT_TRUE(timeline->TakeAdvance());
  EXPECT_EQ(timeline->watermark(), 8);
}

TEST(EventTimeline, IsTheMinimumOverItsSplits) {
  Timeline timeline(Bounded(0ms));
  timeline.Rows({100}, 1);
  EXPECT_TRUE(timeline.Rows({50}, 2).empty()) << "a split that appears behind the watermark cannot pull it back";
  EXPECT_TRUE(timeline.Rows({200}, 1).empty());
  EXPECT_EQ(timeline.Rows({150}, 2), (std::vector<EventTime>{149}));
}

TEST(EventTimeline, LeavesAFinishedSplitOut) {
  Timeline timeline(Bounded(0ms));
  timeline.Rows({10}, 1);
  timeline.Rows({100}, 2);
  timeline->OnSplitFinished(1);
  EXPECT_TRUE(timeline->TakeAdvance());
  EXPECT_EQ(timeline->watermark(), 99);
}

TEST(EventTimeline, LeavesAnIdleSplitOutUntilItHasRecordsAgain) {
  Timeline timeline(Bounded(0ms).WithIdleness(1s));
  timeline.Rows({10}, 1);
  timeline.Rows({100}, 2);
  timeline.clock().Advance(999ms);
  EXPECT_TRUE(timeline.Rows({110}, 2).empty());
  timeline.Advance(1ms);
  EXPECT_TRUE(timeline->TakeAdvance());
  EXPECT_EQ(timeline->watermark(), 109);
  timeline.Rows({105}, 1);
  EXPECT_TRUE(timeline.Rows({300}, 2).empty()) << "split 1 is back, and behind";
  EXPECT_EQ(timeline.Rows({200}, 1), (std::vector<EventTime>{199}));
}

TEST(EventTimeline, IsIdleWhileAllSplitsAre) {
  Timeline timeline(Bounded(0ms).WithIdleness(1s));
  timeline.Rows({10}, 1);
  EXPECT_EQ(timeline->next_time(), timeline.clock().WallMillis() + 1000);
  timeline.Advance(1s);
  EXPECT_TRUE(timeline->is_idle());
  EXPECT_EQ(timeline->next_time(), kNoEventTime);
  timeline.Rows({11}, 1);
  EXPECT_FALSE(timeline->is_idle());
}

TEST(EventTimeline, IsIdleIfItGetsNoSplitForLong) {
  Timeline timeline(Bounded(0ms).WithIdleness(1s));
  timeline.Advance(999ms);
  EXPECT_FALSE(timeline->is_idle());
  timeline.Advance(1ms);
  EXPECT_TRUE(timeline->is_idle());
}

TEST(EventTimeline, AgreesWithTheModelOnRandomHistories) {
  for (uint64_t seed = 1; seed <= 100; ++seed) {
    SCOPED_TRACE("seed " + std::to_string(seed));
    SeededRandom random(seed);
    Timeline timeline(Bounded(5ms));
    std::map<uint32_t, EventTime> latest;
    EventTime expected = kMinWatermark;
    for (int step = 0; step < 200; ++step) {
      const uint32_t split = static_cast<uint32_t>(random.Uniform(3));
      if (random.Uniform(20) == 0) {
        latest.erase(split);
        timeline->OnSplitFinished(split);
      } else {
        const int64_t time = static_cast<int64_t>(random.Uniform(100)) + step;
        timeline.Rows({time}, split);
        const auto [at, is_new] = latest.try_emplace(split, time);
        if (!is_new) at->second = std::max(at->second, time);
      }
      EventTime minimum = kMaxWatermark;
      for (const auto& [unused, time] : latest) minimum = std::min(minimum, time - 6);
      if (!latest.empty()) expected = std::max(expected, minimum);
      ASSERT_EQ(timeline->watermark(), expected) << "step " << step;
    }
  }
}

}  // namespace
}  // namespace weir
