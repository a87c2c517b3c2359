#include "weir/client/cli/status_text.h"

#include <gtest/gtest.h>

namespace weir::cli {
namespace {

JobDetails RunningJob() {
  JobDetails job;
  job.overview.job_name = "words";
  job.overview.status = JobStatus::kRunning;
  return job;
}

const std::vector<JobVerdict> kVerdicts = {{.kind = "bottleneck",
                                            .severity = "warning",
                                            .summary = "`count` holds the job up",
                                            .advice = "give it more subtasks",
                                            .subtask = 1,
                                            .evidence = {{"busy", "97 %"}, {"idle", "1 %"}}}};

TEST(StatusText, SaysWhatIsWrongBeforeAllNumbers) {
  const std::string text = StatusText(RunningJob(), {}, kVerdicts);
  const size_t verdict = text.find(
      "WARNING `count` holds the job up\n"
      "        busy: 97 %; idle: 1 %\n"
      "        give it more subtasks\n");
  EXPECT_NE(verdict, std::string::npos) << text;
  EXPECT_LT(verdict, text.find("in/s"));
}

TEST(StatusText, ShowsTheFirstLinesOfAStack) {
  std::string stack = "it crashed";
  for (int frame = 0; frame < 30; ++frame) stack += "\n#" + std::to_string(frame) + " f()";
  JobDetails failed = RunningJob();
  failed.error = UnknownError("it crashed, in other words");
  const std::string text = StatusText(failed, {},
                                      {{.kind = "failure",
                                        .severity = "error",
                                        .summary = "the job failed",
                                        .advice = "",
                                        .evidence = {{"first cause", stack}}}});
  EXPECT_NE(text.find("ERROR   the job failed\n          it crashed\n          #0 f()\n"), std::string::npos) << text;
  EXPECT_NE(text.find("#8 f()\n          ...\n"), std::string::npos) << text;
  // Said once.
  EXPECT_EQ(text.find("in other words"), std::string::npos) << text;
}

TEST(StatusText, JsonHasTheVerdictsToo) {
  EXPECT_NE(StatusJson(RunningJob(), {}, kVerdicts)
                .find(R"("diagnosis":[{"kind":"bottleneck","severity":"warning","summary":"`count` holds the job up",)"
                      R"("advice":"give it more subtasks","vertex-id":null,"subtask":1,)"
                      R"("evidence":[{"name":"busy","value":"97 %"},{"name":"idle","value":"1 %"}]}])"),
            std::string::npos);
}

}  // namespace
}  // namespace weir::cli
