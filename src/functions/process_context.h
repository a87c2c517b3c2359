// What a process function may ask while it looks at one element.
#pragma once

#include <utility>

#include "weir/base/status.h"
#include "weir/base/time.h"
#include "weir/functions/output_tag.h"
#include "weir/functions/runtime_context.h"
#include "weir/functions/side_outputs.h"
#include "weir/functions/state/operator_state.h"
#include "weir/functions/timer_service.h"

namespace weir {

// What all contexts share. One per subtask; the operator moves it from element to element.
class ProcessContext {
 public:
  // The element's event time. A stream without timestamps has none: has_timestamp() tells, timestamp() is then the epoch.
  bool has_timestamp() const { return time_ != kNoEventTime; }
  Timestamp timestamp() const { return FromEventTime(has_timestamp() ? time_ : 0); }
  // "No more elements with a timestamp <= this"; kMinWatermark before the first.
  EventTime watermark() const { return watermark_; }
  // The time of day, by the task's clock.
  Timestamp processing_time() const;
  const RuntimeContext& runtime() const { return *runtime_; }

  // Puts a record into a side output; dropped if nobody reads the tag. Its views follow the rules of Collector.
  template <class U>
  void Output(const OutputTag<U>& tag, std::type_identity_t<U> record) {
    side_.SetTime(time_);
    side_.Collect(tag, std::move(record));
  }

  // For operators.
  void Open(const RuntimeContext* runtime) { runtime_ = runtime; }
  void SetTime(EventTime time) { time_ = time; }
  void SetWatermark(EventTime watermark) { watermark_ = watermark; }
  EventTime time() const { return time_; }
  SideOutputs& side_outputs() { return side_; }

 private:
  const RuntimeContext* runtime_ = nullptr;
  EventTime time_ = kNoEventTime;
  EventTime watermark_ = kMinWatermark;
  SideOutputs side_;
};

namespace internal {
[[noreturn]] void ThrowNoOnTimer();
}  // namespace internal

// Contexts of keyed functions also know the key; text keys are views that are valid during the call.
template <class Key>
class KeyedContext : public ProcessContext {
 public:
  const Key& key() const { return key_; }
  // The timers of this key. Throws std::logic_error if the function has no OnTimer: nobody would hear of them.
  TimerService& timers() const {
    if (timers_ == nullptr) [[unlikely]]
      internal::ThrowNoOnTimer();
    return *timers_;
  }

  // For operators.
  void SetKey(Key key) { key_ = std::move(key); }
  void SetTimers(TimerService* timers) { timers_ = timers; }

 private:
  Key key_{};
  TimerService* timers_ = nullptr;
};

// What OnTimer gets: the context of elements, for the key of the timer; timestamp() is the timer's.
template <class Base>
class TimerContext : public Base {
 public:
  TimeDomain time_domain() const { return domain_; }
  void SetTimeDomain(TimeDomain domain) { domain_ = domain; }

 private:
  TimeDomain domain_ = TimeDomain::kEvent;
};

// Contexts of broadcast functions open broadcast state: for reading only where subtasks may differ in what they see.
template <class Base>
class ReadOnlyBroadcastContext : public Base {
 public:
  template <class K, class V>
  const ReadOnlyBroadcastState<K, V>& Get(const BroadcastState<K, V>& state) const {
    return state.ForReading();
  }
};
template <class Base>
class WritableBroadcastContext : public Base {
 public:
  template <class K, class V>
  WritableBroadcastState<K, V>& Get(BroadcastState<K, V>& state) const {
    return state.ForWriting();
  }
};

}  // namespace weir
