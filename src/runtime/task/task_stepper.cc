#include "weir/runtime/task/task_stepper.h"

#include <utility>

namespace weir {

bool SteppedTasks::Round(const std::function<void()>& on_gone) {
  bool progress = false;
  for (size_t i = 0; i < entries_.size();) {
    const StepResult result = entries_[i].task->Step();
    if (result == StepResult::kDone) {
      Entry done = std::move(entries_[i]);
      entries_.erase(entries_.begin() + static_cast<ptrdiff_t>(i));
      done.task.reset();
      on_gone();
      done.on_done();
      progress = true;
      continue;
    }
    entries_[i].wake_up =
        result == StepResult::kIdle || result == StepResult::kBlocked ? entries_[i].task->wake_up() : kNoEventTime;
    progress |= result == StepResult::kProgress;
    ++i;
  }
  return progress;
}

EventTime SteppedTasks::EarliestWakeUp() const {
  EventTime earliest = kNoEventTime;
  for (const Entry& entry : entries_) {
    if (entry.wake_up == kNoEventTime) continue;
    if (earliest == kNoEventTime || entry.wake_up < earliest) earliest = entry.wake_up;
  }
  return earliest;
}

}  // namespace weir
