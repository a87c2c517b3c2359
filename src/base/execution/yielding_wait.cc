#include "weir/base/execution/yielding_wait.h"

#include <sched.h>

#include <algorithm>

namespace weir {

bool YieldingWait::Await() {
  if (left_out_ > 0) {
    --left_out_;
    return false;
  }
  int64_t before = clock_->MonotonicNanos();
  if (before < pauses_until_) return false;
  for (int i = 0; i < kMostYields; ++i) {
    yield_();
    const int64_t now = clock_->MonotonicNanos();
    if (now - before > kLongYieldNanos) {
      Pause(now);
      return ready_();
    }
    before = now;
    if (++short_yields_ == kYieldsUntilTrusted) {
      short_yields_ = 0;
      next_pause_ = std::max(next_pause_ / 2, kShortestPauseNanos);
    }
    if (ready_()) {
      trust_ = std::min(trust_ + 1, kMostTrust);
      return true;
    }
  }
  Missed();
  return false;
}

void YieldingWait::Pause(int64_t now) {
  pauses_until_ = now + next_pause_;
  next_pause_ = std::min(next_pause_ * 4, kLongestPauseNanos);
  short_yields_ = 0;
}

void YieldingWait::Missed() {
  trust_ = std::max(trust_ - kMissCosts, 0);
  if (trust_ == 0) left_out_ = kTriesWithoutTrust - 1;
}

void YieldThread() { sched_yield(); }

}  // namespace weir
