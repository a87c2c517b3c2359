#include "tests/unit/runtime/window/window_model.h"

#include <limits>

namespace weir {

namespace {

// GlobalWindow.
constexpr int64_t kFirst = std::numeric_limits<int64_t>::min();
constexpr int64_t kLast = std::numeric_limits<int64_t>::max();

EventTime NextMultiple(EventTime after, int64_t interval) {
  EventTime next = after + 1;
  while (next % interval != 0) ++next;
  return next;
}

}  // namespace

std::vector<WindowModel::Window> WindowModel::WindowsOf(const ModelRecord& record, EventTime time) const {
  std::vector<Window> windows;
  switch (options_.assigner) {
    case ModelAssigner::kGlobal:
      return {{record.key, kFirst, kLast}};
    case ModelAssigner::kSession:
      return {{record.key, time, time + options_.size}};
    default:
      break;
  }
  const int64_t slide = options_.assigner == ModelAssigner::kTumbling ? options_.size : options_.slide;
  for (int64_t start = time - options_.size + 1; start <= time; ++start) {
    if ((start - options_.offset) % slide == 0) windows.push_back({record.key, start, start + options_.size});
  }
  return windows;
}

std::vector<ModelResult> WindowModel::Record(const ModelRecord& record, EventTime time) {
  std::vector<ModelResult> fired;
  const EventTime assigned = options_.is_processing_time ? now_ : time;
  bool is_added = false;
  for (Window window : WindowsOf(record, assigned)) {
    if (options_.assigner == ModelAssigner::kSession) window = MergeSessions(window);
    if (IsLate(window)) continue;
    is_added = true;
    windows_[window].records.push_back({record, time});
    if (options_.assigner != ModelAssigner::kGlobal) {
      const EventTime end = LastTime(window) + (options_.is_processing_time ? 0 : options_.lateness);
      timers_.insert({end, options_.is_processing_time, true, window});
    }
    Act(OnRecord(window, time), window, fired);
    RemoveIfUnused(window);
  }
  if (!is_added && IsEventTime() && time + options_.lateness <= watermark_) ++dropped_;
  return fired;
}

WindowModel::Window WindowModel::MergeSessions(Window window) {
  auto& [key, from, to] = window;
  std::vector<Window> merged;
  for (bool again = true; again;) {
    again = false;
    for (const auto& [other, kept] : windows_) {
      const auto [other_key, start, end] = other;
      if (other_key != key || start > to || end < from) continue;
      if (std::find(merged.begin(), merged.end(), other) != merged.end()) continue;
      from = std::min(from, start);
      to = std::max(to, end);
      merged.push_back(other);
      again = true;
    }
  }
  if (merged.empty() || (merged.size() == 1 && merged.front() == window)) return window;
  Kept all;
  std::sort(merged.begin(), merged.end());
  for (const Window& each : merged) {
    const Kept& kept = windows_[each];
    all.records.insert(all.records.end(), kept.records.begin(), kept.records.end());
    all.count += kept.count;
    if (kept.next.has_value()) all.next = std::min(*kept.next, all.next.value_or(kLast));
    Remove(each);
  }
  windows_[window] = all;
  // What triggers do when windows merge.
  const bool is_processing = options_.trigger == ModelTrigger::kContinuousProcessingTime;
  if (all.next.has_value()) timers_.insert({*all.next, is_processing, false, window});
  if (options_.trigger == ModelTrigger::kEventTime && LastTime(window) > watermark_)
    timers_.insert({LastTime(window), false, false, window});
  if (options_.trigger == ModelTrigger::kProcessingTime && LastTime(window) > now_)
    timers_.insert({LastTime(window), true, false, window});
  if (options_.assigner == ModelAssigner::kSession)
    timers_.insert({LastTime(window) + (options_.is_processing_time ? 0 : options_.lateness),
                    options_.is_processing_time, true, window});
  return window;
}

WindowModel::Result WindowModel::OnRecord(const Window& window, EventTime time) {
  Kept& kept = windows_[window];
  switch (options_.trigger) {
    case ModelTrigger::kEventTime:
      if (LastTime(window) <= watermark_) return kFire;
      timers_.insert({LastTime(window), false, false, window});
      return kContinue;
    case ModelTrigger::kProcessingTime:
      timers_.insert({LastTime(window), true, false, window});
      return kContinue;
    case ModelTrigger::kCount:
      if (++kept.count < options_.every) return kContinue;
      kept.count = 0;
      return kFire;
    case ModelTrigger::kContinuousEventTime:
      if (LastTime(window) <= watermark_) return kFire;
      timers_.insert({LastTime(window), false, false, window});
      if (!kept.next.has_value()) Schedule(window, time, false);
      return kContinue;
    case ModelTrigger::kContinuousProcessingTime:
      if (!kept.next.has_value()) Schedule(window, now_, true);
      return kContinue;
  }
  return kContinue;
}

void WindowModel::Schedule(const Window& window, EventTime after, bool is_processing) {
  EventTime next = NextMultiple(after, options_.every);
  if (!is_processing || after < LastTime(window)) next = std::min(next, LastTime(window));
  windows_[window].next = next;
  timers_.insert({next, is_processing, false, window});
}

WindowModel::Result WindowModel::OnTimer(const Window& window, EventTime time, bool is_processing) {
  Kept& kept = windows_[window];
  const bool is_continuous = options_.trigger == (is_processing ? ModelTrigger::kContinuousProcessingTime
                                                                : ModelTrigger::kContinuousEventTime);
  const bool is_at_end = time == LastTime(window);
  if (!is_processing && is_at_end &&
      (options_.trigger == ModelTrigger::kEventTime || options_.trigger == ModelTrigger::kContinuousEventTime))
    return kFire;
  if (is_processing && is_at_end && options_.trigger == ModelTrigger::kProcessingTime) return kFire;
  if (!is_continuous || kept.next != time) return kContinue;
  Schedule(window, time, is_processing);
  return kFire;
}

void WindowModel::Act(Result result, const Window& window, std::vector<ModelResult>& fired) {
  Kept& kept = windows_[window];
  if (result != kFire || kept.records.empty()) return;
  if (options_.evictor != ModelEvictor::kCountAfter) Evict(kept);
  ModelResult all{std::get<0>(window), std::get<1>(window), std::get<2>(window), 0, 0};
  for (const auto& [record, time] : kept.records) {
    all.sum += record.value;
    ++all.count;
  }
  fired.push_back(all);
  if (options_.evictor == ModelEvictor::kCountAfter) Evict(kept);
  if (options_.purges) kept.records.clear();
}

void WindowModel::Evict(Kept& kept) const {
  auto& records = kept.records;
  if (options_.evictor == ModelEvictor::kTime) {
    EventTime newest = kFirst;
    for (const auto& [record, time] : records) newest = std::max(newest, time);
    std::erase_if(records, [&](const auto& each) { return each.second <= newest - options_.evicts; });
  } else if (options_.evictor != ModelEvictor::kNone) {
    while (static_cast<int64_t>(records.size()) > options_.evicts) records.erase(records.begin());
  }
}

std::vector<ModelResult> WindowModel::Watermark(EventTime watermark) {
  watermark_ = watermark;
  return FireTimers(false, watermark);
}

std::vector<ModelResult> WindowModel::ProcessingTime(EventTime now) {
  now_ = now;
  return FireTimers(true, now);
}

std::vector<ModelResult> WindowModel::FireTimers(bool is_processing, EventTime up_to) {
  std::vector<ModelResult> fired;
  const auto is_due = [&](const Timer& timer) {
    return std::get<1>(timer) == is_processing && std::get<0>(timer) <= up_to;
  };
  for (auto due = std::find_if(timers_.begin(), timers_.end(), is_due); due != timers_.end();
       due = std::find_if(timers_.begin(), timers_.end(), is_due)) {
    const auto [time, domain, ends, window] = *due;
    // A window and its trigger may have a timer at the same time: it is one.
    const bool is_end = timers_.contains({time, domain, true, window});
    timers_.erase({time, domain, true, window});
    timers_.erase({time, domain, false, window});
    Act(OnTimer(window, time, is_processing), window, fired);
    if (is_end) {
      Remove(window);
    } else {
      RemoveIfUnused(window);
    }
  }
  return fired;
}

void WindowModel::Remove(const Window& window) {
  windows_.erase(window);
  std::erase_if(timers_, [&](const Timer& timer) { return std::get<3>(timer) == window; });
}

void WindowModel::RemoveIfUnused(const Window& window) {
  const auto found = windows_.find(window);
  if (options_.assigner != ModelAssigner::kGlobal || found == windows_.end()) return;
  const Kept& kept = found->second;
  const bool has_timers =
      std::any_of(timers_.begin(), timers_.end(), [&](const Timer& timer) { return std::get<3>(timer) == window; });
  if (kept.records.empty() && kept.count == 0 && !kept.next.has_value() && !has_timers) windows_.erase(found);
}

}  // namespace weir
