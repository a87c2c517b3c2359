// Windows as values: pieces of a stream, and arithmetic on their bounds.
#pragma once

#include <algorithm>
#include <cstdint>

#include "weir/base/time.h"

namespace weir {

// The one window of GlobalWindows: all of time.
struct GlobalWindow {
  // The last time before the watermark +infinity: timers there fire when a bounded input ends, and results carry it.
  Timestamp max_timestamp() const { return FromEventTime(kMaxWatermark - 1); }
  friend bool operator==(const GlobalWindow&, const GlobalWindow&) = default;
};

// The times in [start, end).
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
// The first time > `time` that is a multiple of `interval`.
inline EventTime NextMultiple(EventTime time, int64_t interval) {
  return AddToTime(WindowStart(time, 0, interval), interval);
}

}  // namespace internal
}  // namespace weir
