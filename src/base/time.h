// Time as users see it, and as it flows through the engine.
#pragma once

#include <chrono>
#include <cstdint>
#include <limits>

namespace weir {

// A point in event or processing time: milliseconds since 1970-01-01T00:00:00Z.
using Timestamp = std::chrono::sys_time<std::chrono::milliseconds>;
using Duration = std::chrono::milliseconds;

// The same point as the record path carries it: one machine word beside each record.
using EventTime = int64_t;

// The record carries no timestamp.
inline constexpr EventTime kNoEventTime = std::numeric_limits<int64_t>::min();
// Watermark before the first: "anything may still come".
inline constexpr EventTime kMinWatermark = std::numeric_limits<int64_t>::min();
// Watermark at the end of a bounded input: "nothing more will come".
inline constexpr EventTime kMaxWatermark = std::numeric_limits<int64_t>::max();

inline constexpr EventTime ToEventTime(Timestamp time) { return time.time_since_epoch().count(); }
inline constexpr Timestamp FromEventTime(EventTime time) { return Timestamp(Duration(time)); }

}  // namespace weir
