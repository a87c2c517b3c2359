#include "weir/runtime/task/task_numbers.h"

#include <gtest/gtest.h>

namespace weir {
namespace {

TEST(TaskTimes, CountWhatTheTaskDoesNow) {
  TaskTimes times;
  times.BeginStep(100);
  EXPECT_EQ(times.At(150).busy_ns, 50);
  times.EndStep(200, StepResult::kBlocked);
  EXPECT_TRUE(times.is_backpressured());
  const TaskTimes::Totals totals = times.At(1000);
  EXPECT_EQ(totals.busy_ns, 100);
  EXPECT_EQ(totals.backpressured_ns, 800);
  EXPECT_EQ(totals.idle_ns, 0);
}

TEST(TaskTimes, LeaveOutWaitingForATurn) {
  TaskTimes times;
  times.BeginStep(0);
  times.EndStep(10, StepResult::kProgress);
  times.BeginStep(500);
  times.EndStep(510, StepResult::kIdle);
  times.BeginStep(600);
  const TaskTimes::Totals totals = times.At(600);
  EXPECT_EQ(totals.busy_ns, 20);
  EXPECT_EQ(totals.idle_ns, 90);
}

TEST(TaskTimes, StandStillOnceTheTaskHasEnded) {
  TaskTimes times;
  times.BeginStep(0);
  times.EndStep(10, StepResult::kIdle);
  times.Stop(30);
  EXPECT_EQ(times.At(1000).idle_ns, 20);
  EXPECT_EQ(times.At(1000).busy_ns, 10);
}

}  // namespace
}  // namespace weir
