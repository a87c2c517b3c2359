#include "weir/base/clock.h"

#include <ctime>

#include "weir/base/check.h"

namespace weir {
namespace {

int64_t ReadNanos(clockid_t id) {
  timespec now;
  WEIR_CHECK_EQ(clock_gettime(id, &now), 0);
  return int64_t{now.tv_sec} * 1'000'000'000 + now.tv_nsec;
}

}  // namespace

SystemClock& SystemClock::Instance() {
  // Never destroyed: threads that are left behind at the end of the process still ask it.
  static SystemClock& clock = *new SystemClock();
  return clock;
}

Timestamp SystemClock::WallTime() const { return FromEventTime(ReadNanos(CLOCK_REALTIME) / 1'000'000); }
int64_t SystemClock::MonotonicNanos() const { return ReadNanos(CLOCK_MONOTONIC); }
int64_t SystemClock::ThreadCpuNanos() const { return ReadNanos(CLOCK_THREAD_CPUTIME_ID); }
int64_t SystemClock::ProcessCpuNanos() const { return ReadNanos(CLOCK_PROCESS_CPUTIME_ID); }

void ManualClock::Advance(std::chrono::nanoseconds by) {
  WEIR_CHECK_GE(by.count(), 0) << "a monotonic clock cannot go back";
  nanos_.fetch_add(by.count(), std::memory_order_relaxed);
}

void ManualClock::SetWallTime(Timestamp now) {
  const Timestamp unshifted = start_ + std::chrono::duration_cast<Duration>(std::chrono::nanoseconds(MonotonicNanos()));
  wall_shift_ms_.store((now - unshifted).count(), std::memory_order_relaxed);
}

Timestamp ManualClock::WallTime() const {
  const Duration shift(wall_shift_ms_.load(std::memory_order_relaxed));
  return start_ + std::chrono::duration_cast<Duration>(std::chrono::nanoseconds(MonotonicNanos())) + shift;
}

}  // namespace weir
