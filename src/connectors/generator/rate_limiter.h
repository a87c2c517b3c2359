// Lets only so many records through per second.
#pragma once

#include <cstdint>

#include "weir/base/clock.h"
#include "weir/base/time.h"

namespace weir {

// A bucket that fills evenly and holds what comes in one second, so that a reader that was held up catches up a little. Once it is empty nothing goes for a
// millisecond: a reader that took each record as it came due would never rest, and send batches of a few. Threads: one.
class RateLimiter {
 public:
  // `per_second` <= 0: no limit. `clock` must outlive the limiter.
  RateLimiter(double per_second, const Clock& clock) : per_second_(per_second), clock_(clock) {}

  // How many of `wanted` may go now; these count as gone.
  uint32_t Take(uint32_t wanted);
  // Gives back what was taken and not used.
  void Return(uint32_t unused) { available_ += unused; }
  // When the next may go.
  Timestamp NextTime() const;

 private:
  const double per_second_;
  const Clock& clock_;
  double available_ = 1;    // the first goes at once
  int64_t filled_at_ = -1;  // nanoseconds of the monotonic clock; -1: not started
  bool has_run_dry_ = false;
};

}  // namespace weir
