// Steps tasks in closures of an executor: for clusters in virtual time, where everything runs on one thread.
#pragma once

#include <functional>
#include <memory>

#include "weir/base/execution/event_count.h"
#include "weir/base/execution/executor.h"
#include "weir/runtime/task/task_stepper.h"

namespace weir {

// A turn steps every task once. The next one is posted when a task made progress, when somebody notifies, and for the time at which an idle task wants to
// be stepped.
//
// Threads: that of the executor.
class ClosureStepper final : public TaskStepper {
 public:
  // `lane`: this stepper's own; closures that it has not run when it goes are dropped.
  explicit ClosureStepper(std::unique_ptr<Executor> lane);
  ClosureStepper(const ClosureStepper&) = delete;
  ClosureStepper& operator=(const ClosureStepper&) = delete;
  ~ClosureStepper() override { Stop(); }

  void Add(std::unique_ptr<Stepped> task, std::function<void()> on_done) override;
  EventCount* event_count() override { return &ready_; }
  void Stop() override;

 private:
  void PostTurn();
  void Turn();

  const std::unique_ptr<Executor> lane_;
  EventCount ready_;
  SteppedTasks tasks_;
  bool turn_is_posted_ = false;
  TimerHandle wake_up_;
};

}  // namespace weir
