// Time that is injected: only base reads the machine's clocks.
#pragma once

#include <atomic>
#include <cstdint>

#include "weir/base/time.h"

namespace weir {

// What a component may ask about time. Any thread.
class Clock {
 public:
  virtual ~Clock() = default;

  // The time of day, as users see it; may jump when the machine's clock is set. This is processing time.
  virtual Timestamp WallTime() const = 0;
  // Nanoseconds since some start; never goes back. For timeouts and for measuring.
  virtual int64_t MonotonicNanos() const = 0;
  // CPU time that the calling thread / the whole process has used.
  virtual int64_t ThreadCpuNanos() const = 0;
  virtual int64_t ProcessCpuNanos() const = 0;

  // WallTime as the engine carries it.
  EventTime WallMillis() const { return ToEventTime(WallTime()); }
};

// The machine's clocks. MonotonicNanos is CLOCK_MONOTONIC, the same in all processes of the machine.
class SystemClock final : public Clock {
 public:
  // The one of this process; it has no state.
  static SystemClock& Instance();

  Timestamp WallTime() const override;
  int64_t MonotonicNanos() const override;
  int64_t ThreadCpuNanos() const override;
  int64_t ProcessCpuNanos() const override;
};

// A clock that stands still until it is told to move: for tests and simulations. Wall and monotonic time move together.
class ManualClock final : public Clock {
 public:
  // Starts at 2020-01-01T00:00:00Z, unless told otherwise, with monotonic time 0.
  static constexpr Timestamp kDefaultStart = Timestamp(Duration(1'577'836'800'000));
  explicit ManualClock(Timestamp start = kDefaultStart) : start_(start) {}

  // `by` >= 0.
  void Advance(std::chrono::nanoseconds by);
  // Moves the wall clock alone, as an administrator would; may go back.
  void SetWallTime(Timestamp now);
  // What ThreadCpuNanos and ProcessCpuNanos answer; a test's own affair.
  void SetCpuNanos(int64_t nanos) { cpu_nanos_.store(nanos, std::memory_order_relaxed); }

  Timestamp WallTime() const override;
  int64_t MonotonicNanos() const override { return nanos_.load(std::memory_order_relaxed); }
  int64_t ThreadCpuNanos() const override { return cpu_nanos_.load(std::memory_order_relaxed); }
  int64_t ProcessCpuNanos() const override { return cpu_nanos_.load(std::memory_order_relaxed); }

 private:
  const Timestamp start_;
  // Written by the test's thread, read by any; relaxed, since a clock orders nothing.
  std::atomic<int64_t> nanos_{0};
  std::atomic<int64_t> wall_shift_ms_{0};
  std::atomic<int64_t> cpu_nanos_{0};
};

}  // namespace weir
