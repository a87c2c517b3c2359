#include "weir/base/execution/thread_executor.h"

#include <algorithm>
#include <limits>

#include "weir/base/check.h"

namespace weir {
namespace {

// The executor whose closure this thread runs.
thread_local const ThreadExecutor* current_executor = nullptr;

// Longest nap without looking at the clock: keeps a far timer's sum from overflowing.
constexpr int64_t kLongestWaitNanos = int64_t{3600} * 1'000'000'000;

}  // namespace

ThreadExecutor::ThreadExecutor(const std::string& name, int threads) {
  WEIR_CHECK_GE(threads, 1) << "executor " << name;
  for (int i = 0; i < threads; ++i) {
    threads_.emplace_back(threads == 1 ? name : name + "-" + std::to_string(i), [this] { Loop(); });
  }
}

void ThreadExecutor::Post(Closure closure) {
  MutexLock lock(mutex_);
  if (stopping_) {
    lock.Unlock();  // `closure` dies outside the lock: its destructor may post
    return;
  }
  ready_.push_back(std::move(closure));
  changed_.NotifyOne();
}

TimerHandle ThreadExecutor::PostAfter(std::chrono::nanoseconds delay, Closure closure) {
  auto entry = std::make_shared<TimerEntry>(std::move(closure));
  const int64_t now = clock().MonotonicNanos();
  const int64_t wait = std::clamp<int64_t>(delay.count(), 0, std::numeric_limits<int64_t>::max() - now);
  MutexLock lock(mutex_);
  if (!stopping_) {
    timers_.Add(now + wait, entry);
    changed_.NotifyOne();
  }
  return TimerHandle(std::move(entry));
}

bool ThreadExecutor::IsCurrent() const { return current_executor == this; }

void ThreadExecutor::Shutdown() {
  WEIR_CHECK(!IsCurrent()) << "an executor cannot shut itself down from one of its closures";
  {
    MutexLock lock(mutex_);
    stopping_ = true;
    changed_.NotifyAll();
  }
  for (Thread& thread : threads_) thread.Join();
  std::deque<Closure> dropped_ready;
  TimerQueue<std::shared_ptr<TimerEntry>> dropped_timers;
  {
    MutexLock lock(mutex_);
    dropped_ready.swap(ready_);
    std::swap(dropped_timers, timers_);
  }
  // Cancelled one by one: a handle that somebody keeps must not keep the closure too.
  while (!dropped_timers.empty()) dropped_timers.Pop()->Cancel();
}

void ThreadExecutor::Loop() {
  current_executor = this;
  while (Closure closure = Next()) closure();
}

Closure ThreadExecutor::Next() {
  MutexLock lock(mutex_);
  for (;;) {
    if (stopping_) return nullptr;
    MoveDueTimers();
    if (!ready_.empty()) break;
    if (timers_.empty()) {
      changed_.Wait(mutex_);
    } else {
      const int64_t wait = timers_.NextDue() - clock().MonotonicNanos();
      changed_.WaitFor(mutex_, std::chrono::nanoseconds(std::min(wait, kLongestWaitNanos)));
    }
  }
  Closure closure = std::move(ready_.front());
  ready_.pop_front();
  return closure;
}

void ThreadExecutor::MoveDueTimers() {
  if (timers_.empty()) return;
  const int64_t now = clock().MonotonicNanos();
  while (!timers_.empty() && timers_.NextDue() <= now) ready_.push_back(ClosureOf(timers_.Pop()));
}

}  // namespace weir
