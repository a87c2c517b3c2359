// A thread that steps tasks.
#pragma once

#include <atomic>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "weir/base/execution/event_count.h"
#include "weir/base/execution/thread.h"
#include "weir/base/execution/wait_place.h"
#include "weir/base/mutex.h"
#include "weir/runtime/task/task_stepper.h"

namespace weir {

class Clock;

// Steps its tasks in turn, and parks when none of them can run: one more full round after announcing the wait, no spinning. Where threads are more than
// cores, spinning takes the time that the peer needs: a hand-over of 3 us took 12 with 300 turns of it. Where it waits for other workers, too, it lets
// their threads go first for a moment (YieldingWait).
//
// Threads: Add, Notify through event_count() and Stop from any thread; tasks are stepped and destroyed on the executor's own.
class StepExecutor final : public TaskStepper {
 public:
  // The thread starts with the first task. `clock` must outlive the executor.
  StepExecutor(std::string name, const Clock* clock) : name_(std::move(name)), clock_(clock) {}
  StepExecutor(const StepExecutor&) = delete;
  StepExecutor& operator=(const StepExecutor&) = delete;
  ~StepExecutor() override { Stop(); }

  // `on_done` runs on the executor's thread after the task was destroyed.
  void Add(std::unique_ptr<Stepped> task, std::function<void()> on_done) override;
  // Wakes the executor: whoever gives one of its tasks something to do calls its Notify.
  EventCount* event_count() override { return &ready_; }
  // Waits at `place` from now on, which is given `event_count()` and stays until Stop. Once.
  void WaitAt(WaitPlace* place) { place_.store(place, std::memory_order_release); }
  // Ends the thread when all tasks are done; the caller has cancelled them.
  void Stop() override;
  bool IsIdle();

 private:
  using Entry = SteppedTasks::Entry;
  void Run();
  void TakeArrivals();
  // Steps every task once; whether any of them made progress.
  bool Round();
  // Monotonic nanoseconds of the earliest wake-up.
  int64_t Deadline() const;
  bool ShouldEnd();

  const std::string name_;
  const Clock* const clock_;
  EventCount ready_;
  std::atomic<WaitPlace*> place_{nullptr};  // null: `ready_` itself. Published with what it points to
  SteppedTasks entries_;                    // the executor's thread only
  Mutex mutex_;
  std::vector<Entry> arrivals_ WEIR_GUARDED_BY(mutex_);
  bool stopping_ WEIR_GUARDED_BY(mutex_) = false;
  size_t living_ WEIR_GUARDED_BY(mutex_) = 0;  // tasks added and not done
  Thread thread_ WEIR_GUARDED_BY(mutex_);
};

}  // namespace weir
