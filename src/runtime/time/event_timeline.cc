#include "weir/runtime/time/event_timeline.h"

#include <algorithm>
#include <utility>

#include "weir/runtime/time/event_time_lag.h"

namespace weir {

EventTimeline::EventTimeline(const EventTimeStrategy& strategy, const Clock& clock, int64_t periodic_interval_ms)
    : strategy_(strategy), clock_(clock), periodic_interval_ms_(periodic_interval_ms), last_rows_(clock.WallMillis()) {
  if (strategy_.assigner != nullptr) assigner_.reset(strategy_.assigner->Make());
  Schedule();
}

EventTimeline::Split& EventTimeline::SplitOf(uint32_t number) {
  for (Split& split : splits_) {
    if (split.number == number) return split;
  }
  Split& split = splits_.emplace_back();
  split.number = number;
  if (strategy_.generator != nullptr) split.generator.reset(strategy_.generator->Make());
  if (split.generator != nullptr && split.generator->is_periodic() && periodic_interval_ms_ > 0 &&
      next_periodic_ == kNoEventTime) {
    next_periodic_ = clock_.WallMillis() + periodic_interval_ms_;
  }
  return split;
}

Status EventTimeline::OnBatch(BatchBase& batch, uint32_t number) {
  batch.marks.clear();
  if (batch.count() == 0) return OkStatus();
  if (assigner_ == nullptr && strategy_.generator == nullptr) return OkStatus();
  const EventTime now = clock_.WallMillis();
  EventTime latest = kNoEventTime;
  if (assigner_ != nullptr) {
    latest = assigner_->Assign(batch, now);
  } else if (batch.has_times) {
    const uint32_t count = batch.count();
    for (uint32_t i = 0; i < count; ++i)
      latest = std::max(latest, batch.times[batch.has_selection ? batch.selection[i] : i]);
  } else {
    return FailedPreconditionError(
        "the watermark strategy knows no timestamps, and the records have none: add .WithTimestamps(&Record::time), or "
        ".WithIngestionTime(), to the WatermarkStrategy");
  }
  emit_lag_ = EventTimeLag(now, latest);
  Split& split = SplitOf(number);
  split.last_rows = last_rows_ = now;
  split.is_idle = false;
  split.output.SetActive();
  if (split.generator != nullptr) {
    split.output.SetRow(batch.size);
    split.generator->OnBatch(batch, latest, split.output);
    TakeMarks(split, &batch);
  }
  UpdateIdleness(now);
  return OkStatus();
}

void EventTimeline::TakeMarks(Split& split, BatchBase* batch) {
  if (split.output.is_idle()) split.is_idle = true;
  for (const Mark& mark : split.output.marks()) {
    if (mark.watermark <= split.watermark) continue;
    split.watermark = mark.watermark;
    if (!Advance()) continue;
    if (batch != nullptr) {
      batch->marks.push_back(Mark{mark.row, watermark_});
    } else {
      advanced_ = true;
    }
  }
  split.output.marks().clear();
}

bool EventTimeline::Advance() {
  EventTime minimum = kMaxWatermark;
  bool any = false;
  for (const Split& split : splits_) {
    if (split.is_idle) continue;
    any = true;
    minimum = std::min(minimum, split.watermark);
  }
  if (!any || minimum <= watermark_) return false;
  watermark_ = minimum;
  return true;
}

void EventTimeline::OnSplitFinished(uint32_t number) {
  std::erase_if(splits_, [number](const Split& split) { return split.number == number; });
  if (Advance()) advanced_ = true;
  UpdateIdleness(clock_.WallMillis());
}

void EventTimeline::OnProcessingTime(EventTime now) {
  if (next_time_ == kNoEventTime || now < next_time_) return;
  if (next_periodic_ != kNoEventTime && now >= next_periodic_) {
    next_periodic_ = now + periodic_interval_ms_;
    for (Split& split : splits_) {
      split.output.SetRow(0);
      const bool was_idle = split.is_idle;
      split.generator->OnPeriodicEmit(split.output);
      // A generator that says something new wakes its split.
      if (was_idle && !split.output.marks().empty() && !split.output.is_idle()) split.is_idle = false;
      TakeMarks(split, nullptr);
    }
  }
  UpdateIdleness(now);
}

std::vector<uint32_t> EventTimeline::SplitsAbove(EventTime limit) const {
  std::vector<uint32_t> above;
  for (const Split& split : splits_) {
    if (split.watermark > limit) above.push_back(split.number);
  }
  return above;
}

EventTimeline::Slowest EventTimeline::SlowestSplit() const {
  Slowest slowest;
  int counted = 0;
  for (const Split& split : splits_) {
    if (split.is_idle) continue;
    if (++counted == 1 || split.watermark < slowest.watermark) {
      slowest.split = split.number;
      slowest.watermark = split.watermark;
      slowest.silent_ms = clock_.WallMillis() - split.last_rows;
    }
    slowest.furthest = std::max(slowest.furthest, split.watermark);
  }
  slowest.is_known = counted >= 2;
  return slowest;
}

void EventTimeline::OnPauseEnded(EventTime now) {
  last_rows_ = now;
  for (Split& split : splits_) split.last_rows = now;
  Schedule();
}

void EventTimeline::UpdateIdleness(EventTime now) {
  const int64_t timeout = strategy_.idle_timeout.count();
  bool left_out = false;
  bool all_idle = true;
  for (Split& split : splits_) {
    if (HasIdleness() && !split.is_idle && now - split.last_rows >= timeout) split.is_idle = left_out = true;
    all_idle = all_idle && split.is_idle;
  }
  if (left_out && Advance()) advanced_ = true;
  // Between two splits the subtask is given as long as a split.
  is_idle_ = splits_.empty() ? HasIdleness() && now - last_rows_ >= timeout : all_idle;
  Schedule();
}

void EventTimeline::Schedule() {
  next_time_ = next_periodic_;
  if (!HasIdleness()) return;
  const auto no_later_than = [this](EventTime last_rows) {
    const EventTime due = last_rows + strategy_.idle_timeout.count();
    if (next_time_ == kNoEventTime || due < next_time_) next_time_ = due;
  };
  for (const Split& split : splits_) {
    if (!split.is_idle) no_later_than(split.last_rows);
  }
  if (splits_.empty() && !is_idle_) no_later_than(last_rows_);
}

}  // namespace weir
