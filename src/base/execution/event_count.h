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
// A sleeper that has other things to wait for too waits for `descriptor()`, with poll or epoll, between BeginWaitAtDescriptor and EndWaitAtDescriptor.
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
  ~EventCount();
  EventCount(const EventCount&) = delete;
  EventCount& operator=(const EventCount&) = delete;

  // Sleeper: announces that it is about to wait.
  void PrepareWait() {
#if defined(WEIR_TSAN)
    waiting_.exchange(kAtWord, std::memory_order_seq_cst);
#else
    waiting_.store(kAtWord, std::memory_order_relaxed);
    std::atomic_thread_fence(std::memory_order_seq_cst);
#endif
  }
  // Sleeper: there is work after all.
  void CancelWait() { waiting_.store(0, std::memory_order_relaxed); }
  // Sleeper: waits until a Notify after PrepareWait, or until the system clock's MonotonicNanos reaches `deadline_nanos`.
  // Returns false when the deadline passed without a Notify. At once when there was one already.
  bool WaitUntil(int64_t deadline_nanos);
  void Wait() { WaitUntil(kForever); }

  // Makes the descriptor, an eventfd, if there is none yet; false: there are no more. Before the sleeper first waits for it.
  bool MakeDescriptor();
  int descriptor() const { return descriptor_; }
  // Sleeper, after PrepareWait: from here on a Notify makes the descriptor readable. False: there was one already.
  bool BeginWaitAtDescriptor() {
    uint32_t prepared = kAtWord;
    return waiting_.compare_exchange_strong(prepared, kAtDescriptor, std::memory_order_acq_rel);
  }
  // Sleeper: the wait is over, for whatever reason.
  void EndWaitAtDescriptor() { waiting_.store(0, std::memory_order_relaxed); }
  // Sleeper: takes back that the descriptor is readable. A waker that is late may make it so again, which ends a later wait without reason.
  void ClearDescriptor();

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
  static constexpr uint32_t kAtWord = 1;
  static constexpr uint32_t kAtDescriptor = 2;

  void Wake();

  // Not 0 from PrepareWait until the first Notify, CancelWait or the end of the wait: how to wake the sleeper. Written by the sleeper and by wakers (0);
  // also the futex word.
  std::atomic<uint32_t> waiting_{0};
  int descriptor_ = -1;  // an eventfd, once there is one
  UniqueFunction<void()> on_wake_;
};

}  // namespace weir
