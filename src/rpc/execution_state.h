// States of one attempt to run one subtask, as Flink names them.
#pragma once

#include <cstdint>
#include <string_view>

namespace weir {

enum class ExecutionState : uint8_t {
  kCreated,
  kScheduled,
  kDeploying,
  kInitializing,
  kRunning,
  kFinished,
  kCanceling,
  kCanceled,
  kFailed,
};

inline constexpr int kExecutionStates = 9;

// "RUNNING" and so on, as REST and logs show it.
std::string_view ExecutionStateName(ExecutionState state);
// FINISHED, CANCELED or FAILED: nothing follows.
bool IsTerminal(ExecutionState state);
// Whether an attempt may go from `from` to `to`: the one table of legal transitions.
bool IsLegalTransition(ExecutionState from, ExecutionState to);

}  // namespace weir
