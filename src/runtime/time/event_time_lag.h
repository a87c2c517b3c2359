// How far event time is behind the clock on the wall.
#pragma once

#include <cstdint>

#include "weir/base/time.h"

namespace weir {

// In milliseconds; negative for times to come. -1: there is no event time yet, or no more. Users choose timestamps, so the difference may not fit: it is as
// large as it can be then.
inline int64_t EventTimeLag(int64_t wall_ms, EventTime event_time) {
  if (event_time == kNoEventTime || event_time == kMaxWatermark) return -1;
  int64_t lag = 0;
  if (__builtin_sub_overflow(wall_ms, event_time, &lag)) return event_time < 0 ? INT64_MAX : INT64_MIN;
  return lag;
}

}  // namespace weir
