#include "weir/rpc/execution_state.h"

#include <gtest/gtest.h>

#include <set>
#include <string>
#include <vector>

namespace weir {
namespace {

using enum ExecutionState;

constexpr ExecutionState kAll[] = {kCreated,  kScheduled, kDeploying, kInitializing, kRunning,
                                   kFinished, kCanceling, kCanceled,  kFailed};

TEST(ExecutionState, EveryStateHasANameOfItsOwn) {
  std::set<std::string> names;
  for (ExecutionState state : kAll) names.emplace(ExecutionStateName(state));
  EXPECT_EQ(names.size(), std::size(kAll));
  EXPECT_EQ(ExecutionStateName(kCanceling), "CANCELING");
}

TEST(ExecutionState, NothingFollowsATerminalState) {
  for (ExecutionState from : kAll) {
    if (!IsTerminal(from)) continue;
    for (ExecutionState to : kAll) EXPECT_FALSE(IsLegalTransition(from, to)) << ExecutionStateName(from);
  }
}

TEST(ExecutionState, EveryLivingStateMayFailAndMayBeCancelled) {
  for (ExecutionState from : kAll) {
    if (IsTerminal(from)) continue;
    EXPECT_TRUE(IsLegalTransition(from, kFailed)) << ExecutionStateName(from);
    if (from != kCanceling) {
      EXPECT_TRUE(IsLegalTransition(from, kCanceling)) << ExecutionStateName(from);
    }
  }
}

TEST(ExecutionState, AnAttemptRunsThroughItsStatesInOrder) {
  const std::vector<ExecutionState> life = {kCreated, kScheduled, kDeploying, kInitializing, kRunning, kFinished};
  for (size_t i = 0; i + 1 < life.size(); ++i) {
    EXPECT_TRUE(IsLegalTransition(life[i], life[i + 1]));
    EXPECT_FALSE(IsLegalTransition(life[i + 1], life[i]));
  }
  EXPECT_FALSE(IsLegalTransition(kCreated, kRunning));
  EXPECT_FALSE(IsLegalTransition(kDeploying, kFinished));
}

}  // namespace
}  // namespace weir
