#include "weir/runtime/task/closure_stepper.h"

#include <algorithm>
#include <utility>

namespace weir {

ClosureStepper::ClosureStepper(std::unique_ptr<Executor> lane)
    : lane_(std::move(lane)), ready_([this] { PostTurn(); }) {}

void ClosureStepper::Add(std::unique_ptr<Stepped> task, std::function<void()> on_done) {
  tasks_.Add({std::move(task), std::move(on_done)});
  PostTurn();
}

void ClosureStepper::Stop() {
  while (!tasks_.empty()) tasks_.Round([] {});
}

void ClosureStepper::PostTurn() {
  if (std::exchange(turn_is_posted_, true)) return;
  lane_->Post([this] { Turn(); });
}

void ClosureStepper::Turn() {
  turn_is_posted_ = false;
  wake_up_.Cancel();
  // From here on a Notify posts a turn.
  ready_.PrepareWait();
  if (tasks_.Round([] {})) return PostTurn();
  const EventTime time = tasks_.EarliestWakeUp();
  if (time == kNoEventTime) return;
  const int64_t wait_ms = std::max<int64_t>(time - lane_->clock().WallMillis(), 0);
  wake_up_ = lane_->PostAfter(Duration(wait_ms), [this] { PostTurn(); });
}

}  // namespace weir
