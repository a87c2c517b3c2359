// Whoever steps tasks: a thread of its own, or, in a simulation, closures of its executor.
#pragma once

#include <cstddef>
#include <functional>
#include <memory>
#include <vector>

#include "weir/base/time.h"
#include "weir/runtime/task/step.h"

namespace weir {

class EventCount;

// Threads: Add, Stop and event_count()->Notify from any.
class TaskStepper {
 public:
  virtual ~TaskStepper() = default;

  // `on_done` runs where tasks are stepped, after the task was destroyed.
  virtual void Add(std::unique_ptr<Stepped> task, std::function<void()> on_done) = 0;
  // Wakes the stepper: whoever gives one of its tasks something to do calls its Notify.
  virtual EventCount* event_count() = 0;
  // Returns when all tasks are done; the caller has cancelled them.
  virtual void Stop() = 0;
};

// The tasks of one stepper, in turn. Threads: where they are stepped.
class SteppedTasks {
 public:
  struct Entry {
    std::unique_ptr<Stepped> task;
    std::function<void()> on_done;
    EventTime wake_up = kNoEventTime;
  };

  void Add(Entry entry) { entries_.push_back(std::move(entry)); }
  bool empty() const { return entries_.empty(); }
  // Steps every task once, and calls `on_gone` for each that is done and destroyed, before its on_done. Whether any of them made progress.
  bool Round(const std::function<void()>& on_gone);
  // The earliest processing time at which a task that is idle wants to be stepped; kNoEventTime: none.
  EventTime EarliestWakeUp() const;

 private:
  std::vector<Entry> entries_;
};

}  // namespace weir
