#include "weir/base/execution/thread_turns.h"

#include <gtest/gtest.h>
#include <sched.h>
#include <sys/resource.h>

namespace weir {
namespace {

TEST(AskForShortTurns, LeavesPolicyAndNicenessAsTheyAre) {
  const int policy = sched_getscheduler(0);
  const int niceness = getpriority(PRIO_PROCESS, 0);
  // A sandbox may forbid it; then nothing changes either.
  static_cast<void>(AskForShortTurns(std::chrono::microseconds(500)));
  EXPECT_EQ(sched_getscheduler(0), policy);
  EXPECT_EQ(getpriority(PRIO_PROCESS, 0), niceness);
}

}  // namespace
}  // namespace weir
