#include "weir/rpc/job_status.h"

#include <gtest/gtest.h>

#include <set>
#include <string>

namespace weir {
namespace {

using enum JobStatus;

constexpr JobStatus kAll[] = {kInitializing, kCreated,  kRunning,    kFailing,   kFailed,     kCancelling,
                              kCanceled,     kFinished, kRestarting, kSuspended, kReconciling};

TEST(JobStatus, EveryStatusHasANameOfItsOwn) {
  std::set<std::string> names;
  for (JobStatus status : kAll) names.emplace(JobStatusName(status));
  EXPECT_EQ(names.size(), std::size(kAll));
  // Flink's spelling: one L in the result, two in the doing.
  EXPECT_EQ(JobStatusName(kCancelling), "CANCELLING");
  EXPECT_EQ(JobStatusName(kCanceled), "CANCELED");
}

TEST(JobStatus, NothingFollowsAGloballyTerminalStatus) {
  for (JobStatus from : kAll) {
    if (!IsGloballyTerminal(from)) continue;
    for (JobStatus to : kAll) EXPECT_FALSE(IsLegalTransition(from, to)) << JobStatusName(from);
  }
}

TEST(JobStatus, OnlyARunningJobFinishes) {
  for (JobStatus from : kAll) EXPECT_EQ(IsLegalTransition(from, kFinished), from == kRunning) << JobStatusName(from);
}

TEST(JobStatus, AJobThatFailsOrIsCancelledDoesNotRunAgain) {
  for (JobStatus from : {kFailing, kCancelling}) {
    EXPECT_FALSE(IsLegalTransition(from, kRunning)) << JobStatusName(from);
    EXPECT_FALSE(IsLegalTransition(from, kRestarting)) << JobStatusName(from);
  }
}

}  // namespace
}  // namespace weir
