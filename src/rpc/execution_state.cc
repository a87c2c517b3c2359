#include "weir/rpc/execution_state.h"

namespace weir {

std::string_view ExecutionStateName(ExecutionState state) {
  switch (state) {
    case ExecutionState::kCreated:
      return "CREATED";
    case ExecutionState::kScheduled:
      return "SCHEDULED";
    case ExecutionState::kDeploying:
      return "DEPLOYING";
    case ExecutionState::kInitializing:
      return "INITIALIZING";
    case ExecutionState::kRunning:
      return "RUNNING";
    case ExecutionState::kFinished:
      return "FINISHED";
    case ExecutionState::kCanceling:
      return "CANCELING";
    case ExecutionState::kCanceled:
      return "CANCELED";
    case ExecutionState::kFailed:
      return "FAILED";
  }
  return "UNKNOWN";
}

bool IsTerminal(ExecutionState state) {
  return state == ExecutionState::kFinished || state == ExecutionState::kCanceled || state == ExecutionState::kFailed;
}

bool IsLegalTransition(ExecutionState from, ExecutionState to) {
  if (IsTerminal(from) || from == to) return false;
  switch (to) {
    case ExecutionState::kCreated:
      return false;
    case ExecutionState::kScheduled:
      return from == ExecutionState::kCreated;
    case ExecutionState::kDeploying:
      return from == ExecutionState::kScheduled;
    case ExecutionState::kInitializing:
      return from == ExecutionState::kDeploying;
    case ExecutionState::kRunning:
      return from == ExecutionState::kInitializing;
    case ExecutionState::kFinished:
      return from == ExecutionState::kRunning;
    case ExecutionState::kCanceling:
      return true;
    case ExecutionState::kCanceled:
      // An attempt that was never deployed is cancelled at once.
      return from == ExecutionState::kCanceling || from == ExecutionState::kCreated ||
             from == ExecutionState::kScheduled;
    case ExecutionState::kFailed:
      return true;
  }
  return false;
}

}  // namespace weir
