// Executors in virtual time: a whole cluster on one thread, the same run for the same seed.
#pragma once

#include <cstdint>
#include <deque>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "weir/base/execution/executor.h"
#include "weir/base/execution/timer_queue.h"
#include "weir/base/random.h"

namespace weir {

// Stands for all threads of a simulation. It is an executor itself, and NewExecutor gives further lanes. Within a lane closures run in order; which lane runs
// next is drawn from the seed, as a scheduler of an operating system might do. Time stands still while closures run and moves only by the calls below.
//
//   SimulatedExecutor simulation(seed);
//   Component component(simulation, ...);
//   simulation.AdvanceTime(10s);              // heartbeats, timeouts, retries of ten seconds, in microseconds
//
// Threads: the one that made it. Lanes may not outlive it.
class SimulatedExecutor final : public Executor, public ExecutorFactory {
 public:
  explicit SimulatedExecutor(uint64_t seed = 0, Timestamp start = ManualClock::kDefaultStart);
  ~SimulatedExecutor() override;
  SimulatedExecutor(const SimulatedExecutor&) = delete;
  SimulatedExecutor& operator=(const SimulatedExecutor&) = delete;

  // The simulation of the calling thread, which has at most one; null: it has none.
  static SimulatedExecutor* OfThisThread();

  void Post(Closure closure) override;
  TimerHandle PostAfter(std::chrono::nanoseconds delay, Closure closure) override;
  bool IsCurrent() const override;
  ManualClock& clock() override { return clock_; }
  std::unique_ptr<Executor> NewExecutor(const std::string& name) override;

  // Runs one closure; false when none is ready now.
  bool RunOne();
  // Runs until none is ready without time moving. Check-fails after ten million closures: something posts itself for ever.
  void RunUntilIdle();
  // Moves time forward by `by`, stopping at every timer on the way; ends idle.
  void AdvanceTime(std::chrono::nanoseconds by);
  // Runs and moves time from timer to timer until `done()`; looks at it after every closure. False when `limit` of virtual time passed or nothing is left.
  bool RunUntil(UniqueFunction<bool()> done, std::chrono::nanoseconds limit);

  // For whoever needs the simulation's chance: faults, latencies.
  Random& random() { return random_; }

 private:
  // What one lane has to run. Closed when its executor is gone: whatever comes later is dropped.
  struct Queue {
    std::deque<Closure> ready;
    bool open = true;
  };
  struct DueEntry {
    std::shared_ptr<Queue> queue;
    std::shared_ptr<TimerEntry> entry;
  };
  class Lane;

  std::shared_ptr<Queue> OpenQueue();
  void CloseQueue(const std::shared_ptr<Queue>& queue);
  void Enqueue(Queue& queue, Closure closure);
  TimerHandle AddTimer(const std::shared_ptr<Queue>& queue, std::chrono::nanoseconds delay, Closure closure);
  // Moves time to the next timer and queues what is due then. False when there is none, or only after `limit_nanos`.
  bool AdvanceToNextTimer(int64_t limit_nanos);
  int64_t NanosAfter(std::chrono::nanoseconds delay) const;

  const std::thread::id thread_;
  ManualClock clock_;
  SeededRandom random_;
  std::vector<std::shared_ptr<Queue>>
      queues_;  // open ones, oldest first: the order is part of what the seed reproduces
  TimerQueue<DueEntry> timers_;
  const Queue* current_ = nullptr;
  const std::shared_ptr<Queue> own_queue_;
};

}  // namespace weir
