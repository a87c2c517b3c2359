#include "weir/api/interval_joined_stream.h"

#include <algorithm>
#include <limits>

namespace weir::internal {

void CheckJoinBounds(Plan& plan, Duration lower, Duration upper) {
  if (lower <= upper) return;
  plan.AddError("IntervalJoin: Between(" + std::to_string(lower.count()) + " ms, " + std::to_string(upper.count()) +
                " ms) has its lower bound above the upper one, so that nothing would be joined; exchange them");
}

void RefuseProcessingTimeJoin(Plan& plan) {
  plan.AddError(
      "IntervalJoin: interval joins work in event time only; remove InProcessingTime() and give the sources timestamps "
      "(for the time of arrival: WatermarkStrategy with WithIngestionTime())");
}

JoinInterval JoinIntervalOf(Duration lower, Duration upper) {
  // Both can be negated, and moved by one where a bound is exclusive.
  constexpr int64_t kMost = std::numeric_limits<int64_t>::max() - 1;
  return {std::clamp(lower.count(), -kMost, kMost), std::clamp(upper.count(), -kMost, kMost)};
}

}  // namespace weir::internal
