// What a thread does after its work and before it sleeps, where others are about to bring it more: it yields a few times and looks again. To sleep and be
// woken costs both sides some 10 us, and an idle core takes 20 to 50 more until it runs; to let a thread go first that works for us costs 1.
//
// That must pay, so two things are remembered. A thread that finds nothing, since its records come one by one, hardly tries any more. And a yield that lets a
// thread go first that computes, of another process say, lasts until the kernel's next tick, some 4 ms: after one of those it sleeps at once for a while, each
// time for longer. docs/adr/0054-threads-yield-before-they-sleep.md has the figures.
//
// Threads: the one that waits.
#pragma once

#include <cstdint>
#include <functional>
#include <utility>

#include "weir/base/clock.h"

namespace weir {

class YieldingWait {
 public:
  // `yield`: lets other threads run, YieldThread() unless this is a test. `ready`: whether there is something to do; may do it.
  YieldingWait(const Clock* clock, std::function<void()> yield, std::function<bool()> ready)
      : clock_(clock), yield_(std::move(yield)), ready_(std::move(ready)) {}

  // Yields until `ready` is true, kMostYields times at most. False: it is time to sleep.
  bool Await();

  static constexpr int kMostYields = 20;
  // What was found adds one to the trust, nothing found takes four: so four of five tries have to pay.
  static constexpr int kMostTrust = 16;
  static constexpr int kMissCosts = 4;
  static constexpr int kTriesWithoutTrust = 64;  // one of so many Awaits tries again
  // A yield that took longer gave the CPU to somebody who does not work for us.
  static constexpr int64_t kLongYieldNanos = 1'500'000;
  static constexpr int64_t kShortestPauseNanos = 20'000'000;  // after the first such; four times that after the next
  static constexpr int64_t kLongestPauseNanos = 10'000'000'000;
  static constexpr int kYieldsUntilTrusted = 20'000;  // without such a one: the next pause is half as long

 private:
  void Pause(int64_t now);
  void Missed();

  const Clock* const clock_;
  const std::function<void()> yield_;
  const std::function<bool()> ready_;
  int trust_ = kMostTrust;
  int left_out_ = 0;      // Awaits that still do not try
  int short_yields_ = 0;  // since the last long one, or since the pause was last halved
  int64_t pauses_until_ = 0;
  int64_t next_pause_ = kShortestPauseNanos;
};

// Lets another thread that can run have the caller's CPU; returns at once if there is none.
void YieldThread();

}  // namespace weir
