// Timers of windows: each belongs to one window of one key.
//
// They are kept with their window. The key itself has one timer per domain, at the earliest time at which one of its windows may have something to do; it
// is moved lazily: when it fires too early (the window was merged, the timer deleted) it is registered again for the next time. So a session that grows
// with every record costs no timer per record.
#pragma once

#include <algorithm>
#include <cstdint>
#include <memory>
#include <vector>

#include "weir/base/time.h"
#include "weir/functions/timer_service.h"

namespace weir {

class ByteReader;
class ByteWriter;
class Schema;

namespace internal {

// In place of a time: there is no timer.
inline constexpr EventTime kNoTimer = kMaxWatermark;
// The last time at which a timer can be.
inline constexpr EventTime kLastTimer = kNoTimer - 1;

// The pending timers of one window. Most have one: it needs no other memory.
class WindowTimerList {
 public:
  struct Timer {
    EventTime time = kNoTimer;
    TimeDomain domain = TimeDomain::kEvent;
    friend bool operator==(const Timer&, const Timer&) = default;
  };

  WindowTimerList() = default;
  WindowTimerList(const WindowTimerList& other);
  WindowTimerList& operator=(const WindowTimerList& other);
  WindowTimerList(WindowTimerList&&) = default;
  WindowTimerList& operator=(WindowTimerList&&) = default;

  bool empty() const { return !has_first_; }
  bool Has(const Timer& timer) const;
  void Add(const Timer& timer) {
    if (!has_first_) return Replace(timer);
    if (!(first_ == timer)) AddAnother(timer);
  }
  // `timer` in place of all.
  void Replace(const Timer& timer) {
    first_ = timer;
    has_first_ = true;
    more_.reset();
  }
  void Remove(const Timer& timer);
  void Clear() { *this = WindowTimerList(); }
  // kNoTimer: none.
  EventTime Earliest(TimeDomain domain) const {
    if (more_ != nullptr) return EarliestOfAll(domain);
    return has_first_ && first_.domain == domain ? first_.time : kNoTimer;
  }

  // u32 count, then domain (u8) and time (i64) of each.
  void Write(ByteWriter& out) const;
  void Read(ByteReader& in);
  static const Schema& StoredSchema();

 private:
  void AddAnother(const Timer& timer);
  EventTime EarliestOfAll(TimeDomain domain) const;

  Timer first_;
  bool has_first_ = false;
  std::unique_ptr<std::vector<Timer>> more_;  // never empty
};

// The timers that a key has for its windows: at most one per domain.
struct KeyAlarm {
  EventTime times[2] = {kNoTimer, kNoTimer};  // by TimeDomain

  // Something is to be done at `time` or before.
  void SetBy(TimeDomain domain, EventTime time, TimerService& timers) {
    if (time < times[static_cast<int>(domain)]) Set(domain, time, timers);
  }
  // The key's timer fired.
  void Fired(TimeDomain domain, EventTime time) {
    if (times[static_cast<int>(domain)] == time) times[static_cast<int>(domain)] = kNoTimer;
  }
  // There is nothing to do any more.
  void Stop(TimerService& timers);

 private:
  void Set(TimeDomain domain, EventTime time, TimerService& timers);
};

}  // namespace internal

// The timers of one window, as triggers see them. A window has at most one timer per domain and time. A timer goes with its window, without a call.
//
// Threads: the task's thread, inside a call of the trigger.
class WindowTimers {
 public:
  // The trigger's OnEventTime is called when the watermark reaches `time`; at the next watermark if it has.
  void RegisterEventTime(Timestamp time) { Register(TimeDomain::kEvent, TimeOf(time)); }
  // The trigger's OnProcessingTime is called at that time of day.
  void RegisterProcessingTime(Timestamp time) { Register(TimeDomain::kProcessing, TimeOf(time)); }
  void DeleteEventTime(Timestamp time) { list_.Remove({TimeOf(time), TimeDomain::kEvent}); }
  void DeleteProcessingTime(Timestamp time) { list_.Remove({TimeOf(time), TimeDomain::kProcessing}); }

  // For the operator.
  WindowTimers(internal::WindowTimerList& list, internal::KeyAlarm& alarm, TimerService& timers)
      : list_(list), alarm_(alarm), timers_(timers) {}

 private:
  static EventTime TimeOf(Timestamp time) { return std::min(ToEventTime(time), internal::kLastTimer); }
  void Register(TimeDomain domain, EventTime time) {
    list_.Add({time, domain});
    alarm_.SetBy(domain, time, timers_);
  }

  internal::WindowTimerList& list_;
  internal::KeyAlarm& alarm_;
  TimerService& timers_;
};

}  // namespace weir
