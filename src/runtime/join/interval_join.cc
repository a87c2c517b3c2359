#include "weir/runtime/join/interval_join.h"

#include <stdexcept>

namespace weir {

namespace internal {

namespace {

// The last time at which a timer may be.
constexpr EventTime kLastTime = kMaxWatermark - 1;
// A key is looked at a fraction of the interval after its records are gone, at times that all keys share: keys that go on have fewer timers then, and
// those of many keys come together. The larger the step, the longer the records of a key that stopped stay.
constexpr int64_t kStepsPerInterval = 8;

}  // namespace

EventTime JoinExpiredAt(EventTime watermark, int64_t keep_ms) {
  return watermark >= kLastTime ? kMaxWatermark : AddToTime(watermark, -keep_ms);
}

EventTime JoinCleanUpTime(EventTime last_time, const JoinInterval& interval) {
  const int64_t keep = std::max(interval.keep_left_ms(), interval.keep_right_ms());
  const int64_t step = std::max<int64_t>(keep / kStepsPerInterval, 1);
  const EventTime gone = AddToTime(last_time, keep);
  const int64_t past_step = gone % step;
  return std::min(AddToTime(gone, past_step > 0 ? step - past_step : -past_step), kLastTime);
}

}  // namespace internal

void ThrowNoTimestampForJoin(const RuntimeContext& context) {
  throw std::logic_error("operator \"" + context.operator_name() +
                         "\" joins by event time, and a record came without a timestamp: give the source a "
                         "WatermarkStrategy with WithTimestamps(...), or put AssignTimestampsAndWatermarks before the "
                         "join");
}

}  // namespace weir
