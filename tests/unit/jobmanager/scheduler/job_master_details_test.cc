#include <gtest/gtest.h>

#include <chrono>
#include <string>

#include "weir/config/history_options.h"
#include "weir/config/restart_options.h"
#include "weir/jobmanager/scheduler/job_master.h"

#include "tests/unit/jobmanager/simulated_cluster.h"

namespace weir {
namespace {

using graph_test::TestGraph;
using jobmanager_test::FakeTask;
using jobmanager_test::ShuffledJob;
using jobmanager_test::SimulatedCluster;

// A job of two subtasks each that restarts at once, and whose tasks say themselves how they end.
class ExceptionHistory : public testing::Test {
 protected:
  ExceptionHistory() {
    cluster_.world().cancels_by_itself = false;
    ShuffledJob(graph_, 2);
  }
  void Submit(int restarts, int most = 16) {
    Configuration configuration;
    configuration.Set(kRestartStrategy, RestartStrategyType::kFixedDelay);
    configuration.Set(kFixedDelayAttempts, restarts);
    configuration.Set(kFixedDelay, Duration(0));
    configuration.Set(kExceptionHistorySize, most);
    cluster_.Submit(graph_, configuration);
  }
  // The failover goes on to its end: to new attempts, or to the end of the job.
  void CancelRest() {
    for (FakeTask* task : cluster_.Living()) cluster_.Report(*task, ExecutionState::kCanceled);
    cluster_.simulation().AdvanceTime(std::chrono::milliseconds(1));
  }
  std::vector<JobFailure> Failures() { return cluster_.Details().failures; }

  SimulatedCluster cluster_;
  TestGraph graph_;
};

TEST_F(ExceptionHistory, KeepsTheFailuresOfEarlierAttemptsBehindTheLatest) {
  Submit(/*restarts=*/1);
  cluster_.Fail("Map", 1, "first");
  CancelRest();
  cluster_.Fail("Map", 0, "second");
  CancelRest();
  const std::vector<JobFailure> failures = Failures();
  ASSERT_EQ(failures.size(), 2u);
  EXPECT_NE(failures[0].cause.message().find("second"), std::string::npos);
  EXPECT_EQ(failures[0].task, "Map -> Sink: print (1/2)");
  EXPECT_EQ(failures[0].attempt, 1);
  EXPECT_NE(failures[1].cause.message().find("first"), std::string::npos);
  EXPECT_EQ(failures[1].task, "Map -> Sink: print (2/2)");
  EXPECT_EQ(failures[1].attempt, 0);
  EXPECT_FALSE(failures[0].task_manager.value().empty());
}

TEST_F(ExceptionHistory, AFailureOfAnotherTaskMeanwhileStandsBesideTheCause) {
  Submit(/*restarts=*/1);
  cluster_.Fail("Map", 1, "cause");
  cluster_.Fail("lines", 0, "echo");
  CancelRest();
  ASSERT_EQ(Failures().size(), 1u);
  ASSERT_EQ(Failures()[0].concurrent.size(), 1u);
  EXPECT_EQ(Failures()[0].concurrent[0].task, "Source: lines (1/2)");
  EXPECT_NE(Failures()[0].concurrent[0].cause.message().find("echo"), std::string::npos);
}

TEST_F(ExceptionHistory, ALostConnectionIsNoFailureOfItsOwn) {
  Submit(/*restarts=*/1);
  cluster_.Fail("Map", 1, "cause");
  cluster_.Report(cluster_.Task("lines", 0), ExecutionState::kFailed, AbortedError("the connection to \"tm\" is lost"));
  EXPECT_TRUE(Failures()[0].concurrent.empty());
}

TEST_F(ExceptionHistory, NoMoreAreKeptThanWereAskedFor) {
  Submit(/*restarts=*/5, /*most=*/2);
  for (const char* what : {"one", "two", "three"}) {
    cluster_.Fail("Map", 0, what);
    CancelRest();
  }
  ASSERT_EQ(Failures().size(), 2u);
  EXPECT_NE(Failures()[0].cause.message().find("three"), std::string::npos);
}

}  // namespace
}  // namespace weir
