// Ready-made triggers.
//
//   EventTimeTrigger()                      when the watermark passes the window's end; again for each record within the allowed lateness
//   ProcessingTimeTrigger()                 when the time of day passes the window's end
//   CountTrigger(n)                         at every n-th record
//   ContinuousEventTimeTrigger(interval)    as the watermark passes each multiple of `interval`, and at the window's end
//   ContinuousProcessingTimeTrigger(i)      at each multiple of `interval` of the time of day
//   DeltaTrigger<T>(threshold, delta)       when delta(record of the last firing, record) > threshold
//   ProcessingTimeoutTrigger(t, timeout)    as `t`, and when `timeout` has passed since the first (or last) record
//   PurgingTrigger(t)                       as `t`, and the window forgets its records then
//   NeverTrigger()                          never
#pragma once

#include <algorithm>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <utility>

#include "weir/functions/window/time_window.h"
#include "weir/functions/window/trigger.h"

namespace weir {

namespace internal {

// Fails unless `value`, an argument of `trigger`, is at least 1.
Status CheckAtLeastOne(const std::string& trigger, const char* argument, int64_t value);
// Throws: the trigger needs timestamps.
[[noreturn]] void ThrowNoTimestampForTrigger(const RuntimeContext& context, const std::string& trigger);

// When a window fires next; none before its first record.
struct FireTime {
  std::optional<EventTime> time;
  // Of several windows that became one: the earliest.
  static FireTime EarliestOf(std::span<const FireTime> merged);
  friend bool operator==(const FireTime&, const FireTime&) = default;
};

}  // namespace internal

// The trigger of event-time windows.
class EventTimeTrigger : public Trigger<> {
 public:
  template <class T, class W>
  TriggerResult OnElement(const T&, const W& window, Context& ctx) {
    if (ToEventTime(window.max_timestamp()) <= ctx.watermark()) return TriggerResult::kFire;
    ctx.timers().RegisterEventTime(window.max_timestamp());
    return TriggerResult::kContinue;
  }
  template <class W>
  TriggerResult OnEventTime(Timestamp time, const W& window, Context&) {
    return time == window.max_timestamp() ? TriggerResult::kFire : TriggerResult::kContinue;
  }
  template <class W>
  void OnMerge(std::span<const State>, const W& window, Context& ctx) {
    // If the watermark has passed the end, OnElement fires: a timer would fire a second time.
    if (ToEventTime(window.max_timestamp()) > ctx.watermark()) ctx.timers().RegisterEventTime(window.max_timestamp());
  }
  template <class W>
  void Clear(const W& window, Context& ctx) {
    ctx.timers().DeleteEventTime(window.max_timestamp());
  }
  std::string name() const { return "EventTimeTrigger"; }
};

// The trigger of processing-time windows.
class ProcessingTimeTrigger : public Trigger<> {
 public:
  template <class T, class W>
  TriggerResult OnElement(const T&, const W& window, Context& ctx) {
    ctx.timers().RegisterProcessingTime(window.max_timestamp());
    return TriggerResult::kContinue;
  }
  template <class W>
  TriggerResult OnProcessingTime(Timestamp time, const W& window, Context&) {
    return time == window.max_timestamp() ? TriggerResult::kFire : TriggerResult::kContinue;
  }
  template <class W>
  void OnMerge(std::span<const State>, const W& window, Context& ctx) {
    if (window.max_timestamp() > ctx.processing_time()) ctx.timers().RegisterProcessingTime(window.max_timestamp());
  }
  template <class W>
  void Clear(const W& window, Context& ctx) {
    ctx.timers().DeleteProcessingTime(window.max_timestamp());
  }
  std::string name() const { return "ProcessingTimeTrigger"; }
};

// The trigger of GlobalWindows.
class NeverTrigger : public Trigger<> {
 public:
  template <class T, class W>
  TriggerResult OnElement(const T&, const W&, Context&) {
    return TriggerResult::kContinue;
  }
  template <class W>
  void OnMerge(std::span<const State>, const W&, Context&) {}
  std::string name() const { return "NeverTrigger"; }
};

struct RecordCount {
  int64_t count = 0;
  friend bool operator==(const RecordCount&, const RecordCount&) = default;
};

class CountTrigger : public Trigger<RecordCount> {
 public:
  explicit CountTrigger(int64_t count) : count_(count) {}

  template <class T, class W>
  TriggerResult OnElement(const T&, const W&, Context& ctx) {
    if (++ctx.state().count < count_) return TriggerResult::kContinue;
    ctx.state().count = 0;
    return TriggerResult::kFire;
  }
  template <class W>
  void OnMerge(std::span<const State> merged, const W&, Context& ctx) {
    for (const State& each : merged) ctx.state().count += each.count;
  }
  Status Check() const { return internal::CheckAtLeastOne(name(), "a count", count_); }
  std::string name() const { return "CountTrigger(" + std::to_string(count_) + ")"; }

 private:
  int64_t count_;
};

class ContinuousEventTimeTrigger : public Trigger<internal::FireTime> {
 public:
  explicit ContinuousEventTimeTrigger(Duration interval) : interval_(interval) {}

  template <class T, class W>
  TriggerResult OnElement(const T&, const W& window, Context& ctx) {
    if (!ctx.has_timestamp()) [[unlikely]]
      internal::ThrowNoTimestampForTrigger(ctx.runtime(), name());
    const EventTime end = ToEventTime(window.max_timestamp());
    if (end <= ctx.watermark()) return TriggerResult::kFire;
    ctx.timers().RegisterEventTime(window.max_timestamp());
    if (!ctx.state().time.has_value()) Schedule(ToEventTime(ctx.timestamp()), end, ctx);
    return TriggerResult::kContinue;
  }
  template <class W>
  TriggerResult OnEventTime(Timestamp time, const W& window, Context& ctx) {
    if (time == window.max_timestamp()) return TriggerResult::kFire;
    if (ctx.state().time != ToEventTime(time)) return TriggerResult::kContinue;
    Schedule(ToEventTime(time), ToEventTime(window.max_timestamp()), ctx);
    return TriggerResult::kFire;
  }
  template <class W>
  void OnMerge(std::span<const State> merged, const W&, Context& ctx) {
    ctx.state() = State::EarliestOf(merged);
    if (ctx.state().time.has_value()) ctx.timers().RegisterEventTime(FromEventTime(*ctx.state().time));
  }
  Status Check() const { return internal::CheckAtLeastOne(name(), "an interval in ms", interval_.count()); }
  std::string name() const { return "ContinuousEventTimeTrigger(" + std::to_string(interval_.count()) + " ms)"; }

 private:
  void Schedule(EventTime after, EventTime end, Context& ctx) {
    const EventTime next = std::min(internal::NextMultiple(after, interval_.count()), end);
    ctx.state().time = next;
    ctx.timers().RegisterEventTime(FromEventTime(next));
  }

  Duration interval_;
};

class ContinuousProcessingTimeTrigger : public Trigger<internal::FireTime> {
 public:
  explicit ContinuousProcessingTimeTrigger(Duration interval) : interval_(interval) {}

  template <class T, class W>
  TriggerResult OnElement(const T&, const W& window, Context& ctx) {
    if (!ctx.state().time.has_value()) Schedule(ToEventTime(ctx.processing_time()), window, ctx);
    return TriggerResult::kContinue;
  }
  template <class W>
  TriggerResult OnProcessingTime(Timestamp time, const W& window, Context& ctx) {
    if (ctx.state().time != ToEventTime(time)) return TriggerResult::kContinue;
    Schedule(ToEventTime(time), window, ctx);
    return TriggerResult::kFire;
  }
  template <class W>
  void OnMerge(std::span<const State> merged, const W&, Context& ctx) {
    ctx.state() = State::EarliestOf(merged);
    if (ctx.state().time.has_value()) ctx.timers().RegisterProcessingTime(FromEventTime(*ctx.state().time));
  }
  Status Check() const { return internal::CheckAtLeastOne(name(), "an interval in ms", interval_.count()); }
  std::string name() const { return "ContinuousProcessingTimeTrigger(" + std::to_string(interval_.count()) + " ms)"; }

 private:
  template <class W>
  void Schedule(EventTime after, const W& window, Context& ctx) {
    EventTime next = internal::NextMultiple(after, interval_.count());
    // Windows of processing time also fire at their end. (Those of event time may have ended long ago by the time of day.)
    if (const EventTime end = ToEventTime(window.max_timestamp()); after < end) next = std::min(next, end);
    ctx.state().time = next;
    ctx.timers().RegisterProcessingTime(FromEventTime(next));
  }

  Duration interval_;
};

namespace internal {

// The record that fired last.
template <class T>
struct LastFired {
  std::optional<T> record;
};

template <class T, class F>
class DeltaTriggerOf : public Trigger<LastFired<T>> {
 public:
  using typename Trigger<LastFired<T>>::Context;
  DeltaTriggerOf(double threshold, F delta) : threshold_(threshold), delta_(std::move(delta)) {}

  template <class W>
  TriggerResult OnElement(const T& record, const W&, Context& ctx) {
    std::optional<T>& last = ctx.state().record;
    const bool is_first = !last.has_value();
    if (!is_first && !(delta_(std::as_const(*last), record) > threshold_)) return TriggerResult::kContinue;
    last = record;
    return is_first ? TriggerResult::kContinue : TriggerResult::kFire;
  }
  std::string name() const { return "DeltaTrigger(" + std::to_string(threshold_) + ")"; }

 private:
  double threshold_;
  F delta_;
};

template <class S>
struct TimeoutState {
  std::optional<EventTime> timeout;
  S inner{};
  friend bool operator==(const TimeoutState&, const TimeoutState&)
    requires std::equality_comparable<S>
  = default;
};

}  // namespace internal

// delta: double(const T& last, const T& record). The first record of a window does not fire.
template <class T, class F>
internal::DeltaTriggerOf<T, F> DeltaTrigger(double threshold, F delta) {
  return internal::DeltaTriggerOf<T, F>(threshold, std::move(delta));
}

template <class Inner>
class PurgingTrigger : public Trigger<typename Inner::State> {
 public:
  using typename Trigger<typename Inner::State>::State;
  using typename Trigger<typename Inner::State>::Context;
  explicit PurgingTrigger(Inner inner) : inner_(std::move(inner)) {}

  template <class T, class W>
  TriggerResult OnElement(const T& record, const W& window, Context& ctx) {
    return AndPurge(inner_.OnElement(record, window, ctx));
  }
  template <class W>
  TriggerResult OnEventTime(Timestamp time, const W& window, Context& ctx) {
    return AndPurge(inner_.OnEventTime(time, window, ctx));
  }
  template <class W>
  TriggerResult OnProcessingTime(Timestamp time, const W& window, Context& ctx) {
    return AndPurge(inner_.OnProcessingTime(time, window, ctx));
  }
  template <class W>
    requires MergingTrigger<Inner, W>
  void OnMerge(std::span<const State> merged, const W& window, Context& ctx) {
    inner_.OnMerge(merged, window, ctx);
  }
  template <class W>
  void Clear(const W& window, Context& ctx) {
    inner_.Clear(window, ctx);
  }
  Status Check() const { return inner_.Check(); }
  std::string name() const { return "PurgingTrigger(" + inner_.name() + ")"; }

 private:
  static TriggerResult AndPurge(TriggerResult result) { return IsFire(result) ? TriggerResult::kFireAndPurge : result; }

  Inner inner_;
};

template <class Inner>
class ProcessingTimeoutTrigger : public Trigger<internal::TimeoutState<typename Inner::State>> {
 public:
  using typename Trigger<internal::TimeoutState<typename Inner::State>>::Context;
  // `reset_by_records`: the timeout counts from the last record, not the first. `clears`: after a timeout the inner trigger begins anew.
  ProcessingTimeoutTrigger(Inner inner, Duration timeout, bool reset_by_records = false, bool clears = true)
      : inner_(std::move(inner)), timeout_(timeout), reset_by_records_(reset_by_records), clears_(clears) {}

  template <class T, class W>
  TriggerResult OnElement(const T& record, const W& window, Context& ctx) {
    auto inner = ctx.With(ctx.state().inner);
    const TriggerResult result = inner_.OnElement(record, window, inner);
    if (IsFire(result)) {
      Clear(window, ctx);
    } else {
      Restart(ctx);
    }
    return result;
  }
  template <class W>
  TriggerResult OnEventTime(Timestamp time, const W& window, Context& ctx) {
    auto inner = ctx.With(ctx.state().inner);
    const TriggerResult result = inner_.OnEventTime(time, window, inner);
    if (IsFire(result)) Clear(window, ctx);
    return result;
  }
  template <class W>
  TriggerResult OnProcessingTime(Timestamp time, const W& window, Context& ctx) {
    auto inner = ctx.With(ctx.state().inner);
    const TriggerResult result = inner_.OnProcessingTime(time, window, inner);
    if (clears_) Clear(window, ctx);
    return IsPurge(result) ? TriggerResult::kFireAndPurge : TriggerResult::kFire;
  }
  template <class W>
  void Clear(const W& window, Context& ctx) {
    StopTimeout(ctx);
    auto inner = ctx.With(ctx.state().inner);
    inner_.Clear(window, inner);
    ctx.state().inner = {};
  }
  Status Check() const {
    WEIR_RETURN_IF_ERROR(inner_.Check());
    return internal::CheckAtLeastOne(name(), "a timeout in ms", timeout_.count());
  }
  std::string name() const {
    return "ProcessingTimeoutTrigger(" + inner_.name() + ", " + std::to_string(timeout_.count()) + " ms)";
  }

 private:
  void StopTimeout(Context& ctx) {
    if (!ctx.state().timeout.has_value()) return;
    ctx.timers().DeleteProcessingTime(FromEventTime(*ctx.state().timeout));
    ctx.state().timeout.reset();
  }
  void Restart(Context& ctx) {
    if (reset_by_records_) StopTimeout(ctx);
    if (ctx.state().timeout.has_value()) return;
    const Timestamp due = ctx.processing_time() + timeout_;
    ctx.state().timeout = ToEventTime(due);
    ctx.timers().RegisterProcessingTime(due);
  }

  Inner inner_;
  Duration timeout_;
  bool reset_by_records_;
  bool clears_;
};

}  // namespace weir
