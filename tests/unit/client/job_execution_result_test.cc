#include "weir/client/job_execution_result.h"

#include <gtest/gtest.h>

namespace weir {
namespace {

JobExecutionResult With(Status status, bool interrupted) {
  JobExecutionResult::Values values;
  values.status = std::move(status);
  values.interrupted = interrupted;
  return JobExecutionResult(std::move(values));
}

TEST(JobExecutionResult, TheExitCodeTellsHowTheJobEnded) {
  EXPECT_EQ(With(OkStatus(), false).ExitCode(), 0);
  EXPECT_EQ(With(UnknownError("boom"), false).ExitCode(), 1);
  EXPECT_EQ(With(CancelledError("cancelled"), false).ExitCode(), 1);
  EXPECT_EQ(With(CancelledError("cancelled"), true).ExitCode(), 130);
  // It finished before the signal had any effect.
  EXPECT_EQ(With(OkStatus(), true).ExitCode(), 0);
}

}  // namespace
}  // namespace weir
