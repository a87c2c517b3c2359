// What a program may say about how its job runs.
#pragma once

#include <cstdint>

#include "weir/base/time.h"

namespace weir {

// What happens when a task fails: whether, how often and when it is run again.
struct RestartStrategy {
  enum class Kind : uint8_t { kNone, kFixedDelay, kFailureRate, kExponentialDelay };
  Kind kind = Kind::kNone;
  int attempts = 0;      // fixed delay: restarts in all; failure rate: failures per interval
  Duration interval{0};  // failure rate
  Duration delay{0};
  Duration max_delay{0};    // exponential delay
  double multiplier = 1.5;  // exponential delay
  Duration reset_after{0};  // exponential delay: a run of this length without failure starts over

  static RestartStrategy None() { return {}; }
  static RestartStrategy FixedDelay(int attempts, Duration delay) {
    return {.kind = Kind::kFixedDelay, .attempts = attempts, .delay = delay};
  }
  static RestartStrategy FailureRate(int failures, Duration interval, Duration delay) {
    return {.kind = Kind::kFailureRate, .attempts = failures, .interval = interval, .delay = delay};
  }
  static RestartStrategy ExponentialDelay(Duration initial, Duration max, double multiplier, Duration reset_after) {
    return {.kind = Kind::kExponentialDelay,
            .delay = initial,
            .max_delay = max,
            .multiplier = multiplier,
            .reset_after = reset_after};
  }
};

}  // namespace weir
