// States of a job, as Flink names them.
#pragma once

#include <cstdint>
#include <string_view>

namespace weir {

enum class JobStatus : uint8_t {
  kInitializing,  // accepted; its JobMaster is being made
  kCreated,
  kRunning,
  kFailing,  // will not be restarted; its tasks are being cancelled
  kFailed,
  kCancelling,
  kCanceled,
  kFinished,
  kRestarting,  // tasks that failed, and those that depend on them, are being cancelled and run again
  kSuspended,   // its JobMaster has lost the leadership; another will go on
  kReconciling,
};

// "RUNNING" and so on, as REST, the command line and logs show it.
std::string_view JobStatusName(JobStatus status);
// FINISHED, CANCELED or FAILED: the job never runs again.
bool IsGloballyTerminal(JobStatus status);
// Whether a job may go from `from` to `to`: the one table of legal transitions.
bool IsLegalTransition(JobStatus from, JobStatus to);

}  // namespace weir
