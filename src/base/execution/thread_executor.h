// Executors on real threads.
#pragma once

#include <cstdint>
#include <deque>
#include <memory>
#include <string>
#include <vector>

#include "weir/base/execution/executor.h"
#include "weir/base/execution/thread.h"
#include "weir/base/execution/timer_queue.h"
#include "weir/base/mutex.h"

namespace weir {

// An event loop on one thread; or, with more threads, a pool for calls that block, in which closures start in order but run side by side.
//
// Threads: everything from any thread; Shutdown and the destructor not from its own.
class ThreadExecutor final : public Executor {
 public:
  explicit ThreadExecutor(const std::string& name, int threads = 1);
  ~ThreadExecutor() override { Shutdown(); }

  void Post(Closure closure) override;
  TimerHandle PostAfter(std::chrono::nanoseconds delay, Closure closure) override;
  bool IsCurrent() const override;
  Clock& clock() override { return SystemClock::Instance(); }

  // Waits for closures that run, destroys all others, joins. May be called again.
  void Shutdown();

 private:
  void Loop();
  // The next closure to run, after waiting for it; empty when shutting down.
  Closure Next();
  void MoveDueTimers() WEIR_REQUIRES(mutex_);

  Mutex mutex_;
  CondVar changed_;
  std::deque<Closure> ready_ WEIR_GUARDED_BY(mutex_);
  TimerQueue<std::shared_ptr<TimerEntry>> timers_ WEIR_GUARDED_BY(mutex_);
  bool stopping_ WEIR_GUARDED_BY(mutex_) = false;
  std::vector<Thread> threads_;  // filled by the constructor, joined by Shutdown
};

// Gives every executor a thread of its own.
class ThreadExecutorFactory final : public ExecutorFactory {
 public:
  std::unique_ptr<Executor> NewExecutor(const std::string& name) override {
    return std::make_unique<ThreadExecutor>(name);
  }
};

}  // namespace weir
