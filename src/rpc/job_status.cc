#include "weir/rpc/job_status.h"

namespace weir {
namespace {

constexpr uint32_t Bit(JobStatus status) { return 1U << static_cast<uint32_t>(status); }

template <class... S>
constexpr uint32_t Set(S... statuses) {
  return (Bit(statuses) | ...);
}

// What may follow `from`.
constexpr uint32_t Successors(JobStatus from) {
  using enum JobStatus;
  switch (from) {
    case kInitializing:
      return Set(kCreated, kFailed, kCancelling, kCanceled, kSuspended, kReconciling);
    case kCreated:
      return Set(kRunning, kFailing, kFailed, kCancelling, kCanceled, kSuspended);
    case kRunning:
      return Set(kFailing, kCancelling, kFinished, kRestarting, kSuspended);
    case kRestarting:
      return Set(kRunning, kFailing, kCancelling, kSuspended);
    case kFailing:
      return Set(kFailed, kSuspended);
    case kCancelling:
      // FAILED: a task could not be cancelled in time.
      return Set(kCanceled, kFailed, kSuspended);
    case kSuspended:
      return Set(kReconciling);
    case kReconciling:
      return Set(kRunning, kRestarting, kFailing, kCancelling, kSuspended);
    case kFinished:
    case kCanceled:
    case kFailed:
      return 0;
  }
  return 0;
}

}  // namespace

std::string_view JobStatusName(JobStatus status) {
  switch (status) {
    case JobStatus::kInitializing:
      return "INITIALIZING";
    case JobStatus::kCreated:
      return "CREATED";
    case JobStatus::kRunning:
      return "RUNNING";
    case JobStatus::kFailing:
      return "FAILING";
    case JobStatus::kFailed:
      return "FAILED";
    case JobStatus::kCancelling:
      return "CANCELLING";
    case JobStatus::kCanceled:
      return "CANCELED";
    case JobStatus::kFinished:
      return "FINISHED";
    case JobStatus::kRestarting:
      return "RESTARTING";
    case JobStatus::kSuspended:
      return "SUSPENDED";
    case JobStatus::kReconciling:
      return "RECONCILING";
  }
  return "UNKNOWN";
}

bool IsGloballyTerminal(JobStatus status) {
  return status == JobStatus::kFinished || status == JobStatus::kCanceled || status == JobStatus::kFailed;
}

bool IsLegalTransition(JobStatus from, JobStatus to) { return (Successors(from) & Bit(to)) != 0; }

}  // namespace weir
