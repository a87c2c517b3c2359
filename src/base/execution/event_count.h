// Parks one thread until there is something to do, with one fence and one load for whoever produces that something.
//
//   sleeper                                             waker
//     ready_.PrepareWait();                               queue.Push(x);      // publish first (release)
//     if (HasWork()) ready_.CancelWait();                 ready_.Notify();    // then notify
//     else ready_.WaitUntil(next_timer_nanos);
//
// Why no wake-up is lost: the sleeper writes `waiting_` before it looks at the work, the waker writes the work before it looks at `waiting_`, each with a
// sequentially consistent fence in between; so at least one of the two sees what the other wrote.
// The sleeper must look at everything that anybody notifies about between PrepareWait and the wait, and again after it: waits may end without reason.
//
// Threads: one sleeper; any number of wakers. Notify once per step and peer, not once per batch: a wake-up costs 1.7 us.
#pragma once

#include <atomic>
#include <cstdint>
#include <limits>
#include <utility>

#include "weir/base/unique_function.h"

#if defined(__SANITIZE_THREAD__)
#define WEIR_TSAN 1
#elif defined(__has_feature)
#if __has_feature(thread_sanitizer)
#define WEIR_TSAN 1
#endif
#endif

namespace weir {

class EventCount {
 public:
  static constexpr int64_t kForever = std::numeric_limits<int64_t>::max();

  EventCount() = default;
  // Nobody sleeps: `on_wake` runs in the Notify that would have woken the sleeper. For simulations.
  explicit EventCount(UniqueFunction<void()> on_wake) : on_wake_(std::move(on_wake)) {}
  EventCount(const EventCount&) = delete;
  EventCount& operator=(const EventCount&) = delete;

  // Sleeper: announces that it is about to wait.
  void PrepareWait() {
#if defined(WEIR_TSAN)
    waiting_.exchange(1, std::memory_order_seq_cst);
#else
    waiting_.store(1, std::memory_order_relaxed);
    std::atomic_thread_fence(std::memory_order_seq_cst);
#endif
  }
  // Sleeper: there is work after all.
  void CancelWait() { waiting_.store(0, std::memory_order_relaxed); }
  // Sleeper: waits until a Notify after PrepareWait, or until the system clock's MonotonicNanos reaches `deadline_nanos`.
  // Returns false when the deadline passed without a Notify. At once when there was one already.
  bool WaitUntil(int64_t deadline_nanos);
  void Wait() { WaitUntil(kForever); }

  // Waker: what it published before is seen by the sleeper, which wakes if it waits.
  void Notify() {
#if defined(WEIR_TSAN)
    // TSan does not know fences; a sequentially consistent read-modify-write orders the same.
    if (waiting_.fetch_add(0, std::memory_order_seq_cst) != 0) Wake();
#else
    std::atomic_thread_fence(std::memory_order_seq_cst);
    if (waiting_.load(std::memory_order_relaxed) != 0) [[unlikely]]
      Wake();
#endif
  }

 private:
  void Wake();

  // 1 from PrepareWait until the first Notify, CancelWait or the end of the wait. Written by the sleeper (1, 0) and by wakers (0); also the futex word.
  std::atomic<uint32_t> waiting_{0};
  UniqueFunction<void()> on_wake_;
};

}  // namespace weir
