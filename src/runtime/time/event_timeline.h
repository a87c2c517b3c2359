// Event time of one subtask: timestamps and watermarks of its splits, and their minimum.
//
// Used by sources (a split per partition or file) and by AssignTimestampsAndWatermarks (one split: the subtask). A split that is idle, or has ended, is
// left out of the minimum. If every split is idle, so is the subtask: its consumers leave it out. The minimum never goes back: a split that resumes
// behind it holds the watermark where it is until it has caught up.
#pragma once

#include <cstdint>
#include <memory>
#include <utility>
#include <vector>

#include "weir/base/clock.h"
#include "weir/base/status.h"
#include "weir/functions/watermark_generator.h"
#include "weir/types/batch.h"

namespace weir {

// Threads: the task's thread.
class EventTimeline {
 public:
  // `periodic_interval_ms`: how often periodic generators are asked; 0: never.
  EventTimeline(const EventTimeStrategy& strategy, const Clock& clock, int64_t periodic_interval_ms);

  // Gives the rows of `batch`, all of split `split`, their timestamps, and puts the watermarks that result in place of the marks of `batch`.
  // Fails if the records have no timestamps.
  Status OnBatch(BatchBase& batch, uint32_t split);
  void OnSplitFinished(uint32_t split);
  // Looks for idle splits and asks periodic generators. To be called at next_time(); earlier calls do nothing.
  void OnProcessingTime(EventTime now);
  // kNoEventTime: never.
  EventTime next_time() const { return next_time_; }
  // Takes what has advanced outside of batches: true if `watermark()` has not gone out with a batch yet.
  bool TakeAdvance() { return std::exchange(advanced_, false); }

  // The splits whose own watermark is above `limit`.
  std::vector<uint32_t> SplitsAbove(EventTime limit) const;
  // Nobody has looked for records until `now`: no split is idle for want of them.
  void OnPauseEnded(EventTime now);

  // The split that holds the watermark where it is, and how far the first one is; of two or more that are not idle.
  struct Slowest {
    bool is_known = false;
    uint32_t split = 0;
    EventTime watermark = kMinWatermark;
    EventTime furthest = kMinWatermark;
    int64_t silent_ms = 0;  // processing time since its last row
  };
  Slowest SlowestSplit() const;
  EventTime watermark() const { return watermark_; }
  // How old the newest row of the last batch was when it came, in milliseconds; -1: there was none.
  int64_t emit_lag() const { return emit_lag_; }
  bool is_idle() const { return is_idle_; }

 private:
  struct Split {
    uint32_t number = 0;
    std::unique_ptr<WatermarkGenerator> generator;  // may be null
    WatermarkOutput output = {};
    EventTime watermark = kMinWatermark;
    EventTime last_rows = 0;  // processing time
    bool is_idle = false;
  };
  bool HasIdleness() const { return strategy_.idle_timeout.count() > 0; }
  Split& SplitOf(uint32_t number);
  // Takes what the generator said; puts marks of the minimum into `batch`, if given.
  void TakeMarks(Split& split, BatchBase* batch);
  // The minimum over the splits that count; true if it advanced.
  bool Advance();
  void UpdateIdleness(EventTime now);
  void Schedule();

  const EventTimeStrategy strategy_;
  const Clock& clock_;
  const int64_t periodic_interval_ms_;
  std::unique_ptr<TimestampAssigner> assigner_;  // null: records have timestamps
  std::vector<Split> splits_;
  EventTime watermark_ = kMinWatermark;
  EventTime next_time_ = kNoEventTime;
  EventTime next_periodic_ = kNoEventTime;
  EventTime last_rows_;  // of any split
  int64_t emit_lag_ = -1;
  bool is_idle_ = false;
  bool advanced_ = false;
};

}  // namespace weir
