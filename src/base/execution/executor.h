// Where work runs: closures now, closures later. Components get an Executor handed in, so that the same code runs on a thread in a daemon and in virtual
// time in a test.
#pragma once

#include <atomic>
#include <chrono>
#include <cstdint>
#include <memory>
#include <string>

#include "weir/base/clock.h"
#include "weir/base/unique_function.h"

namespace weir {

// A closure that waits for its time. Shared by the executor and the handle; whoever wins the state owns the closure.
class TimerEntry {
 public:
  explicit TimerEntry(Closure closure) : closure_(std::move(closure)) {}

  // Executor: the closure, when its turn has come; empty when it was cancelled.
  Closure Claim();
  // Handle: destroys the closure, unless it was claimed.
  bool Cancel();

 private:
  enum class State : uint8_t { kWaiting, kTaken };
  // Goes from kWaiting to kTaken once; acquire-release, so that the winner sees the closure.
  std::atomic<State> state_{State::kWaiting};
  Closure closure_;
};

// Runs the entry's closure, unless it has been cancelled by then: executors queue this when the entry is due.
Closure ClosureOf(std::shared_ptr<TimerEntry> entry);

// Lets one cancel what PostAfter will run. Letting go of the handle does not cancel. Any thread.
class TimerHandle {
 public:
  TimerHandle() = default;
  explicit TimerHandle(std::shared_ptr<TimerEntry> entry) : entry_(std::move(entry)) {}

  // True: the closure will not run, and is destroyed. False: it ran, runs now, was cancelled before, or there is none. So a closure of an executor with one
  // thread that cancels a timer of the same executor is never surprised by it.
  bool Cancel();

 private:
  std::shared_ptr<TimerEntry> entry_;
};

// Runs closures one after the other in the order in which they were posted (an implementation with several threads starts them in that order).
// Closures that have not begun when the executor shuts down are destroyed, not run; so are those posted later.
class Executor {
 public:
  virtual ~Executor() = default;

  // Any thread. Never runs `closure` inside the call.
  virtual void Post(Closure closure) = 0;
  // Runs `closure` once `delay` has passed on clock(); after what is due earlier. A delay below 0 is 0.
  virtual TimerHandle PostAfter(std::chrono::nanoseconds delay, Closure closure) = 0;
  // True inside the closures of this executor.
  virtual bool IsCurrent() const = 0;
  virtual Clock& clock() = 0;
};

// Makes executors: threads in a daemon, lanes of one simulation in a test.
class ExecutorFactory {
 public:
  virtual ~ExecutorFactory() = default;
  // `name` shows in tools and errors. The executor may not outlive the factory.
  virtual std::unique_ptr<Executor> NewExecutor(const std::string& name) = 0;
};

}  // namespace weir
