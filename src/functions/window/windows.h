// Windows: into which finite pieces a stream is cut.
#pragma once

#include <algorithm>
#include <concepts>
#include <cstdint>
#include <string>
#include <string_view>

#include "weir/base/status.h"
#include "weir/base/time.h"

namespace weir {

// The one window of GlobalWindows.
struct GlobalWindow {
  friend bool operator==(const GlobalWindow&, const GlobalWindow&) = default;
};

// One window per key for the whole stream.
class GlobalWindows {
 public:
  // It fires once, when a bounded input ends.
  struct EndOfStream {};
  static EndOfStream WithEndOfStreamTrigger() { return {}; }
};

// The event times in [start, end).
struct TimeWindow {
  Timestamp start;
  Timestamp end;

  // The last millisecond inside: the window fires when the watermark reaches it, and its results carry it.
  Timestamp max_timestamp() const { return end - Duration(1); }
  friend bool operator==(const TimeWindow&, const TimeWindow&) = default;
};

namespace internal {

// Sums that stay at the ends of time instead of leaving it. kNoEventTime is no time: the lowest is one above it.
inline EventTime AddToTime(EventTime time, int64_t by) {
  EventTime sum = 0;
  if (__builtin_add_overflow(time, by, &sum)) return by < 0 ? kNoEventTime + 1 : kMaxWatermark;
  return std::max(sum, kNoEventTime + 1);
}
inline TimeWindow WindowFrom(EventTime start, int64_t size) {
  return {FromEventTime(start), FromEventTime(AddToTime(start, size))};
}
// The latest start <= `time` of windows that start at `offset` + a multiple of `slide`.
inline EventTime WindowStart(EventTime time, int64_t offset, int64_t slide) {
  // The remainder of each first: their difference does not overflow.
  const int64_t remainder = (time % slide - offset % slide) % slide;
  return AddToTime(time, -(remainder < 0 ? remainder + slide : remainder));
}
// Fails if `size` or `slide` is no positive duration, or `offset` is not less than `slide`.
Status CheckWindows(std::string_view assigner, Duration size, Duration slide, Duration offset);

}  // namespace internal

// Windows of one size that follow on each other; they start at `offset` + a multiple of `size` since 1970.
class TumblingEventTimeWindows {
 public:
  static constexpr bool kMerging = false;
  explicit TumblingEventTimeWindows(Duration size, Duration offset = Duration(0)) : size_(size), offset_(offset) {}

  Status Check() const { return internal::CheckWindows("TumblingEventTimeWindows", size_, size_, offset_); }
  std::string name() const { return "TumblingEventTimeWindows(" + std::to_string(size_.count()) + " ms)"; }
  // Calls f(TimeWindow) for every window of a record at `time`, the earliest first.
  template <class F>
  void ForEachWindow(EventTime time, F&& f) const {
    f(internal::WindowFrom(internal::WindowStart(time, offset_.count(), size_.count()), size_.count()));
  }

 private:
  Duration size_;
  Duration offset_;
};

// Windows of one size, one of which starts at `offset` + every multiple of `slide`: they overlap if `slide` is less than `size`.
class SlidingEventTimeWindows {
 public:
  static constexpr bool kMerging = false;
  SlidingEventTimeWindows(Duration size, Duration slide, Duration offset = Duration(0))
      : size_(size), slide_(slide), offset_(offset) {}

  Status Check() const { return internal::CheckWindows("SlidingEventTimeWindows", size_, slide_, offset_); }
  std::string name() const {
    return "SlidingEventTimeWindows(" + std::to_string(size_.count()) + " ms, " + std::to_string(slide_.count()) +
           " ms)";
  }
  template <class F>
  void ForEachWindow(EventTime time, F&& f) const {
    const int64_t size = size_.count();
    const int64_t slide = slide_.count();
    const EventTime last = internal::WindowStart(time, offset_.count(), slide);
    const int64_t behind = time - last;  // less than `slide`
    if (behind >= size) return;          // between two windows
    for (int64_t back = (size - 1 - behind) / slide; back >= 0; --back)
      f(internal::WindowFrom(internal::AddToTime(last, -back * slide), size));
  }

 private:
  Duration size_;
  Duration slide_;
  Duration offset_;
};

// A window per burst of records: it ends when `gap` passed without one. Windows that overlap or touch are one.
class EventTimeSessionWindows {
 public:
  static constexpr bool kMerging = true;
  explicit EventTimeSessionWindows(Duration gap) : gap_(gap) {}
  static EventTimeSessionWindows WithGap(Duration gap) { return EventTimeSessionWindows(gap); }

  Status Check() const { return internal::CheckWindows("EventTimeSessionWindows", gap_, gap_, Duration(0)); }
  std::string name() const { return "EventTimeSessionWindows(" + std::to_string(gap_.count()) + " ms)"; }
  // The window of one record alone.
  template <class F>
  void ForEachWindow(EventTime time, F&& f) const {
    f(internal::WindowFrom(time, gap_.count()));
  }

 private:
  Duration gap_;
};

// What cuts a stream into windows of event time.
template <class A>
concept EventTimeWindowAssigner = requires(const A& assigner, void (*f)(TimeWindow)) {
  { A::kMerging } -> std::convertible_to<bool>;
  assigner.ForEachWindow(EventTime(0), f);
};

}  // namespace weir
