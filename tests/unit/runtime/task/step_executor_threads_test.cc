#include <gtest/gtest.h>

#include <atomic>

#include "weir/base/clock.h"
#include "weir/runtime/task/step_executor.h"

namespace weir {
namespace {

// Counts down one step each time it is given one.
class Countdown final : public Stepped {
 public:
  Countdown(std::atomic<int>* permits, int steps) : permits_(permits), left_(steps) {}
  StepResult Step() override {
    if (left_ == 0) return StepResult::kDone;
    if (permits_->load(std::memory_order_acquire) == 0) return StepResult::kIdle;
    permits_->fetch_sub(1, std::memory_order_acq_rel);
    --left_;
    return StepResult::kProgress;
  }
  EventTime wake_up() const override { return kNoEventTime; }

 private:
  std::atomic<int>* const permits_;
  int left_;
};

TEST(StepExecutor, StepsATaskToItsEndHoweverSlowlyWorkArrives) {
  constexpr int kSteps = 2'000;
  StepExecutor executor("test", &SystemClock::Instance());
  std::atomic<int> permits{0};
  std::atomic<bool> done{false};
  executor.Add(std::make_unique<Countdown>(&permits, kSteps), [&] { done.store(true, std::memory_order_release); });
  for (int i = 0; i < kSteps; ++i) {
    permits.fetch_add(1, std::memory_order_acq_rel);
    executor.event_count()->Notify();  // a lost one would leave the task idle for ever
  }
  executor.Stop();
  EXPECT_TRUE(done.load(std::memory_order_acquire));
  EXPECT_TRUE(executor.IsIdle());
}

TEST(StepExecutor, RunsManyTasksUntilAllAreDone) {
  StepExecutor executor("test", &SystemClock::Instance());
  std::atomic<int> permits{1'000'000};
  std::atomic<int> done{0};
  for (int i = 0; i < 20; ++i) {
    executor.Add(std::make_unique<Countdown>(&permits, 100 * i), [&] { done.fetch_add(1, std::memory_order_relaxed); });
  }
  executor.Stop();
  EXPECT_EQ(done.load(), 20);
}

// Wants to be stepped at a processing time, without anybody's notice.
class Sleeper final : public Stepped {
 public:
  StepResult Step() override {
    const EventTime now = SystemClock::Instance().WallMillis();
    if (due_ == kNoEventTime) due_ = now + 5;
    return now >= due_ ? StepResult::kDone : StepResult::kIdle;
  }
  EventTime wake_up() const override { return due_; }

 private:
  EventTime due_ = kNoEventTime;
};

TEST(StepExecutor, WakesATaskAtTheTimeItAskedFor) {
  StepExecutor executor("test", &SystemClock::Instance());
  std::atomic<bool> done{false};
  executor.Add(std::make_unique<Sleeper>(), [&] { done.store(true); });
  executor.Stop();
  EXPECT_TRUE(done.load());
}

TEST(StepExecutor, StopsWithoutEverHavingRun) {
  StepExecutor executor("test", &SystemClock::Instance());
  executor.Stop();
  EXPECT_TRUE(executor.IsIdle());
}

}  // namespace
}  // namespace weir
