#include "weir/runtime/task/step_executor.h"

#include <algorithm>

#include "weir/base/clock.h"
#include "weir/base/execution/thread_turns.h"
#include "weir/base/execution/yielding_wait.h"

namespace weir {

void StepExecutor::Add(std::unique_ptr<Stepped> task, std::function<void()> on_done) {
  {
    MutexLock lock(mutex_);
    arrivals_.push_back(Entry{std::move(task), std::move(on_done)});
    ++living_;
    if (!thread_.joinable()) thread_ = Thread(name_, [this] { Run(); });
  }
  ready_.Notify();
}

void StepExecutor::Stop() {
  Thread thread;
  {
    MutexLock lock(mutex_);
    stopping_ = true;
    thread = std::move(thread_);
  }
  ready_.Notify();
  thread.Join();
}

bool StepExecutor::IsIdle() {
  MutexLock lock(mutex_);
  return living_ == 0;
}

bool StepExecutor::ShouldEnd() {
  MutexLock lock(mutex_);
  return stopping_ && arrivals_.empty() && entries_.empty();
}

void StepExecutor::TakeArrivals() {
  MutexLock lock(mutex_);
  for (Entry& entry : arrivals_) entries_.Add(std::move(entry));
  arrivals_.clear();
}

bool StepExecutor::Round() {
  return entries_.Round([this] {
    MutexLock lock(mutex_);
    --living_;
  });
}

int64_t StepExecutor::Deadline() const {
  const EventTime earliest = entries_.EarliestWakeUp();
  if (earliest == kNoEventTime) return EventCount::kForever;
  const int64_t wait_ms = std::max<int64_t>(earliest - clock_->WallMillis(), 0);
  return clock_->MonotonicNanos() + wait_ms * 1'000'000;
}

void StepExecutor::Run() {
  AskForShortTurns(kShortestTurn);
  // The threads of the network, and tasks that they wake.
  YieldingWait others(clock_, YieldThread, [this] { return Round(); });
  while (!ShouldEnd()) {
    TakeArrivals();
    while (Round()) TakeArrivals();
    WaitPlace* const place = place_.load(std::memory_order_acquire);
    if (place != nullptr && others.Await()) continue;
    ready_.PrepareWait();
    // Everything again, now that whoever brings something will notify.
    TakeArrivals();
    if (Round() || ShouldEnd()) {
      ready_.CancelWait();
      continue;
    }
    if (place != nullptr) {
      place->WaitUntil(Deadline());
    } else {
      ready_.WaitUntil(Deadline());
    }
  }
}

}  // namespace weir
