// The coordinator's side of docs/checkpointing.md, in virtual time, with tasks that acknowledge by themselves or when the test says so.
#include <gtest/gtest.h>

#include <algorithm>
#include <chrono>
#include <string>
#include <utility>
#include <vector>

#include "weir/config/checkpoint_options.h"
#include "weir/config/restart_options.h"
#include "weir/rpc/checkpoint_statistics.h"

#include "tests/unit/jobmanager/scheduler/job_master_checkpoints_fixture.h"

namespace weir {
namespace {

using graph_test::TestGraph;
using jobmanager_test::FakeTask;
using jobmanager_test::ForwardJob;
using jobmanager_test::ShuffledJob;
using jobmanager_test::SimulatedCluster;
using std::chrono_literals::operator""ms;
using std::chrono_literals::operator""s;
using jobmanager_test::EverySecond;
using jobmanager_test::Ids;
using jobmanager_test::JobMasterCheckpointsTest;
using jobmanager_test::kDirectory;

TEST_F(JobMasterCheckpointsTest, EveryTaskIsTriggeredOncePerIntervalAndToldWhenItIsComplete) {
  Submit(EverySecond());
  Advance(3500ms);
  for (FakeTask* task : cluster_.Living()) {
    EXPECT_EQ(task->triggered.size(), 3u) << task->vertex;
    EXPECT_EQ(task->completed, (Ids{1, 2, 3})) << task->vertex;
  }
}

TEST_F(JobMasterCheckpointsTest, WithoutAnIntervalThereAreNone) {
  Submit({});
  Advance(3600s);
  EXPECT_TRUE(cluster_.Task("lines", 0).triggered.empty());
}

TEST_F(JobMasterCheckpointsTest, IsCompleteOnlyWhenAllHaveAcknowledged) {  // I6, I7
  cluster_.world().acknowledges_by_itself = false;
  Submit(EverySecond());
  Advance(1s);
  Acknowledge("lines", 0, 1);
  Acknowledge("lines", 1, 1);
  Acknowledge("Map", 0, 1);
  EXPECT_FALSE(IsComplete(1));
  EXPECT_TRUE(cluster_.Task("Map", 0).completed.empty());
  Acknowledge("Map", 1, 1);
  EXPECT_TRUE(IsComplete(1));
  EXPECT_EQ(cluster_.Task("Map", 0).completed, Ids{1});
}

TEST_F(JobMasterCheckpointsTest, KeepsAsManyAsAskedFor) {
  Configuration configuration = EverySecond();
  configuration.Set(kRetainedCheckpoints, 2);
  Submit(std::move(configuration));
  Advance(4500ms);
  EXPECT_FALSE(*cluster_.files().Exists(Folder(2)));
  EXPECT_TRUE(IsComplete(3));
  EXPECT_TRUE(IsComplete(4));
}

TEST_F(JobMasterCheckpointsTest, OneThatTakesTooLongFailsTheJobWhenNoFailureIsTolerated) {
  cluster_.world().acknowledges_by_itself = false;
  Configuration configuration = EverySecond();
  configuration.Set(kCheckpointTimeout, Duration(5000));
  Submit(std::move(configuration));
  Advance(5900ms);
  EXPECT_EQ(cluster_.Details().restarts, 0);
  Advance(200ms);
  EXPECT_EQ(cluster_.Details().restarts, 1);
  EXPECT_NE(cluster_.Details().error.message().find("execution.checkpointing.timeout"), std::string::npos);
  EXPECT_FALSE(*cluster_.files().Exists(Folder(1)));
}

TEST_F(JobMasterCheckpointsTest, ATolerableFailureAbortsTheCheckpointAndNothingElse) {
  cluster_.world().acknowledges_by_itself = false;
  Configuration configuration = EverySecond();
  configuration.Set(kTolerableFailedCheckpoints, 1);
  Submit(std::move(configuration));
  Advance(1s);
  cluster_.world().Decline(cluster_.Task("Map", 1), CheckpointId(1), InternalError("disk full"));
  cluster_.simulation().RunUntilIdle();
  EXPECT_EQ(cluster_.Task("lines", 0).aborted, Ids{1});
  EXPECT_EQ(cluster_.Details().restarts, 0);
  Advance(1s);
  AcknowledgeAll(2);
  EXPECT_TRUE(IsComplete(2));
}

TEST_F(JobMasterCheckpointsTest, AFailoverAbortsWhatIsPendingAndRestartsFromTheLastComplete) {  // I1, I6
  Submit(EverySecond());
  Advance(1500ms);
  cluster_.world().acknowledges_by_itself = false;
  Advance(1s);  // checkpoint 2 begins
  cluster_.Fail("Map", 1, "boom");
  Advance(5ms);
  const FakeTask& restarted = cluster_.Task("Map", 0);
  ASSERT_FALSE(restarted.descriptor.restored_state.empty());
  EXPECT_FALSE(restarted.descriptor.restored_checkpoint.IsNone());
  EXPECT_EQ(restarted.descriptor.restored_state[0].lists[0].elements.inline_bytes, "1");
  Advance(1s);
  EXPECT_EQ(Triggered("Map", 0), Ids{3});  // 2 is not used again
}

TEST_F(JobMasterCheckpointsTest, SplitsGoBackToWhereTheCheckpointSawThem) {
  cluster_.sources().splits = {"a", "b", "c", "d"};
  Submit(EverySecond());
  EXPECT_EQ(cluster_.Task("lines", 0).splits.size() + cluster_.Task("lines", 1).splits.size(), 2u);
  Advance(1500ms);
  cluster_.Fail("Map", 1, "boom");
  Advance(5ms);
  // a and b are in the readers' states; their successors get what the enumerator still had.
  std::vector<std::string> after = cluster_.Task("lines", 0).splits;
  for (const std::string& split : cluster_.Task("lines", 1).splits) after.push_back(split);
  std::ranges::sort(after);
  EXPECT_EQ(after, (std::vector<std::string>{"c", "d"}));
}

TEST_F(JobMasterCheckpointsTest, ARegionThatFailsAloneGetsBackWhatItWasGivenAfterTheCheckpoint) {
  ForwardJob(graph_, 2);
  cluster_.Submit(graph_, EverySecond());
  Advance(1500ms);
  FakeTask& reader = cluster_.Task("lines", 0);
  reader.listener->OnSplitRequest(reader.descriptor.attempt_id);
  cluster_.simulation().RunUntilIdle();
  const std::string later = reader.splits.back();
  cluster_.Fail("lines", 0, "boom");
  Advance(5ms);
  EXPECT_EQ(cluster_.sources().given_back, std::vector<std::string>{later});
}

TEST_F(JobMasterCheckpointsTest, TheLastCheckpointOfABoundedJobDoesNotWaitForTheInterval) {
  Configuration configuration = EverySecond();
  configuration.Set(kCheckpointInterval, Duration(3'600'000));
  Submit(std::move(configuration));
  for (FakeTask* task : cluster_.Living()) task->listener->OnEndOfData(task->descriptor.attempt_id);
  cluster_.simulation().RunUntilIdle();
  for (FakeTask* task : cluster_.Living()) EXPECT_EQ(task->completed, Ids{1}) << task->vertex;
  cluster_.Finish();
  EXPECT_EQ(cluster_.result().status, JobStatus::kFinished);
}

TEST_F(JobMasterCheckpointsTest, AFinishedTaskIsNotWaitedFor) {
  Submit(EverySecond());
  cluster_.Report(cluster_.Task("lines", 0), ExecutionState::kFinished);
  Advance(1500ms);
  EXPECT_TRUE(IsComplete(1));
}

TEST_F(JobMasterCheckpointsTest, ATaskThatFinishesMeanwhileIsNotWaitedFor) {
  cluster_.world().acknowledges_by_itself = false;
  Submit(EverySecond());
  Advance(1s);
  Acknowledge("lines", 0, 1);
  Acknowledge("Map", 0, 1);
  Acknowledge("Map", 1, 1);
  cluster_.Report(cluster_.Task("lines", 1), ExecutionState::kFinished);
  EXPECT_TRUE(IsComplete(1));
}

TEST_F(JobMasterCheckpointsTest, AnOperatorWithUnionStateThatHasFinishedInPartFailsTheCheckpoint) {
  cluster_.world().redistribution = Redistribution::kUnion;
  Submit(EverySecond());
  cluster_.Report(cluster_.Task("lines", 0), ExecutionState::kFinished);
  Advance(1s);
  EXPECT_FALSE(IsComplete(1));
  EXPECT_EQ(cluster_.Details().restarts, 1);
  EXPECT_NE(cluster_.Details().error.message().find("union list state"), std::string::npos);
}

TEST_F(JobMasterCheckpointsTest, AtTheEndOfTheJobUnionStateFailsNoCheckpoint) {
  cluster_.world().redistribution = Redistribution::kUnion;
  Configuration configuration = EverySecond();
  configuration.Set(kCheckpointInterval, Duration(3'600'000));
  Submit(std::move(configuration));
  cluster_.Report(cluster_.Task("lines", 0), ExecutionState::kFinished);
  for (FakeTask* task : cluster_.Living()) task->listener->OnEndOfData(task->descriptor.attempt_id);
  cluster_.simulation().RunUntilIdle();
  EXPECT_TRUE(IsComplete(1));
  cluster_.Finish();
  EXPECT_EQ(cluster_.result().status, JobStatus::kFinished);
}

TEST_F(JobMasterCheckpointsTest, AFinishedJobDeletesItsCheckpointsWhateverIsRetained) {
  Configuration configuration = EverySecond();
  configuration.Set(kCheckpointRetention, CheckpointRetention::kRetainOnCancellation);
  Submit(std::move(configuration));
  Advance(1500ms);
  cluster_.Finish();
  EXPECT_FALSE(*cluster_.files().Exists(Folder(1)));
}

TEST_F(JobMasterCheckpointsTest, ACancelledJobKeepsItsCheckpointsOnlyIfAskedTo) {
  for (const CheckpointRetention retention : {CheckpointRetention::kNone, CheckpointRetention::kRetainOnCancellation}) {
    TestGraph graph;
    ShuffledJob(graph, 1);
    Configuration configuration = EverySecond();
    configuration.Set(kCheckpointRetention, retention);
    cluster_.Submit(graph, std::move(configuration));
    Advance(1500ms);
    ASSERT_TRUE(IsComplete(1));
    ASSERT_TRUE(cluster_.Cancel().ok());
    EXPECT_EQ(IsComplete(1), retention == CheckpointRetention::kRetainOnCancellation);
  }
}

TEST_F(JobMasterCheckpointsTest, ASavepointIsTakenBesidesAndCommitsNothing) {
  Submit(EverySecond());
  cluster_.TriggerSavepoint({.directory = "/savepoints"});
  ASSERT_EQ(cluster_.savepoints().size(), 1u);
  ASSERT_TRUE(cluster_.savepoints()[0].ok()) << cluster_.savepoints()[0].status().message();
  EXPECT_TRUE(cluster_.savepoints()[0]->starts_with("/savepoints/savepoint-"));
  EXPECT_TRUE(*cluster_.files().Exists(*cluster_.savepoints()[0] + "/_metadata"));
  EXPECT_TRUE(cluster_.Task("Map", 0).completed.empty());
}

TEST_F(JobMasterCheckpointsTest, ASavepointThatTheJobCompletesByFinishingIsAnswered) {
  cluster_.world().acknowledges_by_itself = false;
  Submit({});
  cluster_.TriggerSavepoint({.directory = "/savepoints"});
  Acknowledge("lines", 0, 1);
  cluster_.Finish();
  EXPECT_EQ(cluster_.result().status, JobStatus::kFinished);
  ASSERT_EQ(cluster_.savepoints().size(), 1u);
  ASSERT_TRUE(cluster_.savepoints()[0].ok()) << cluster_.savepoints()[0].status().message();
  EXPECT_TRUE(*cluster_.files().Exists(*cluster_.savepoints()[0] + "/_metadata"));
}

TEST_F(JobMasterCheckpointsTest, ASavepointWithoutAFolderIsRefusedAndTheJobRunsOn) {
  Submit(EverySecond());
  cluster_.TriggerSavepoint({});
  ASSERT_FALSE(cluster_.savepoints()[0].ok());
  EXPECT_EQ(cluster_.Status_(), JobStatus::kRunning);
}

TEST_F(JobMasterCheckpointsTest, TheSavepointThatAJobStopsWithIsToldToTasksAndAnsweredAtTheEnd) {
  Submit(EverySecond());
  cluster_.TriggerSavepoint({.directory = "/savepoints", .stops = true});
  EXPECT_TRUE(cluster_.Task("Map", 0).triggered.back().stops);
  EXPECT_EQ(cluster_.Task("Map", 0).completed, Ids{1});
  EXPECT_TRUE(cluster_.savepoints().empty());
  cluster_.Finish();
  EXPECT_EQ(cluster_.result().status, JobStatus::kFinished);
  ASSERT_TRUE(cluster_.savepoints()[0].ok());
  EXPECT_TRUE(*cluster_.files().Exists(*cluster_.savepoints()[0] + "/_metadata"));
}

TEST_F(JobMasterCheckpointsTest, IfTheStoppingSavepointFailsTheJobRunsOn) {
  cluster_.world().acknowledges_by_itself = false;
  Submit(EverySecond());
  cluster_.TriggerSavepoint({.directory = "/savepoints", .stops = true});
  cluster_.world().Decline(cluster_.Task("Map", 1), CheckpointId(1), InternalError("disk full"));
  cluster_.simulation().RunUntilIdle();
  ASSERT_EQ(cluster_.savepoints().size(), 1u);
  EXPECT_FALSE(cluster_.savepoints()[0].ok());
  EXPECT_EQ(cluster_.Task("lines", 0).aborted, Ids{1});
  EXPECT_EQ(cluster_.Status_(), JobStatus::kRunning);
  EXPECT_EQ(cluster_.Details().restarts, 0);
}

TEST_F(JobMasterCheckpointsTest, NoCheckpointBeginsWhileAJobStopsWithASavepoint) {  // I2
  cluster_.world().acknowledges_by_itself = false;
  Submit(EverySecond());
  cluster_.TriggerSavepoint({.directory = "/savepoints", .stops = true});
  Advance(3s);
  EXPECT_EQ(cluster_.Task("Map", 0).triggered.size(), 1u);
  cluster_.world().Decline(cluster_.Task("Map", 1), CheckpointId(1), InternalError("disk full"));
  Advance(1s);
  EXPECT_EQ(cluster_.Task("Map", 0).triggered.back().id, CheckpointId(2)) << "the job runs on";
}

TEST_F(JobMasterCheckpointsTest, IfADrainingSavepointFailsTheJobRestartsSinceItsTimeHasEnded) {
  cluster_.world().acknowledges_by_itself = false;
  Submit(EverySecond());
  cluster_.TriggerSavepoint({.directory = "/savepoints", .stops = true, .drains = true});
  cluster_.world().Decline(cluster_.Task("Map", 1), CheckpointId(1), InternalError("disk full"));
  cluster_.simulation().RunUntilIdle();
  EXPECT_FALSE(cluster_.savepoints()[0].ok());
  Advance(5ms);
  EXPECT_EQ(cluster_.Details().restarts, 1);
}

TEST_F(JobMasterCheckpointsTest, AFailureAfterTheStoppingSavepointRestartsAllTasksFromIt) {
  ForwardJob(graph_, 2);
  cluster_.Submit(graph_, EverySecond());
  cluster_.TriggerSavepoint({.directory = "/savepoints", .stops = true});
  cluster_.Report(cluster_.Task("lines", 0), ExecutionState::kFinished);
  cluster_.Report(cluster_.Task("Map", 0), ExecutionState::kFinished);
  cluster_.Fail("Map", 1, "boom");
  Advance(5ms);
  ASSERT_EQ(cluster_.savepoints().size(), 1u);
  EXPECT_NE(cluster_.savepoints()[0].status().message().find("the job did not stop"), std::string::npos);
  EXPECT_EQ(cluster_.Task("Map", 0).descriptor.restored_state[0].lists[0].elements.inline_bytes, "1");
  EXPECT_EQ(cluster_.Living().size(), 4u);
  Advance(1s);
  EXPECT_TRUE(IsComplete(2));
}

TEST_F(JobMasterCheckpointsTest, LatestStartsAfreshWithoutACheckpointAndFromTheNewestWithOne) {
  Configuration configuration = EverySecond();
  configuration.Set(kRestorePath, std::string(kLatestCheckpoint));
  configuration.Set(kCheckpointRetention, CheckpointRetention::kRetainOnCancellation);
  ASSERT_TRUE(cluster_.files().CreateDirectories(kDirectory).ok());
  Submit(configuration);
  ASSERT_TRUE(cluster_.submit_status().ok()) << cluster_.submit_status().message();
  EXPECT_TRUE(cluster_.Task("Map", 0).descriptor.restored_state.empty());
  Advance(2500ms);
  ASSERT_TRUE(cluster_.Cancel().ok());

  TestGraph again;
  ShuffledJob(again, 2);
  cluster_.Submit(again, configuration);
  ASSERT_TRUE(cluster_.submit_status().ok()) << cluster_.submit_status().message();
  ASSERT_FALSE(cluster_.Task("Map", 0).descriptor.restored_state.empty());
  EXPECT_EQ(cluster_.Task("Map", 0).descriptor.restored_state[0].lists[0].elements.inline_bytes, "2");
  Advance(1s);
  EXPECT_EQ(Triggered("Map", 0), Ids{3});  // I1: greater than any that was seen
}

TEST_F(JobMasterCheckpointsTest, StateWithoutAHomeIsRefusedBeforeAnythingStarts) {
  Submit(EverySecond());
  cluster_.TriggerSavepoint({.directory = "/savepoints"});
  ASSERT_TRUE(cluster_.savepoints()[0].ok());
  ASSERT_TRUE(cluster_.Cancel().ok());
  TestGraph other;
  other.config().environment_parallelism = 1;
  const int lines = other.Source("other lines");
  other.Node(lines).uid = "another uid";
  other.Sink("print", {lines});
  Configuration configuration = EverySecond();
  configuration.Set(kRestorePath, *cluster_.savepoints()[0]);
  cluster_.Submit(other, configuration);
  EXPECT_EQ(cluster_.submit_status().code(), StatusCode::kFailedPrecondition);
  EXPECT_NE(cluster_.submit_status().message().find("--allowNonRestoredState"), std::string::npos);
}

// A job whose tasks acknowledge, decline and die at random; looks at what the tasks were told.
class RandomHistory {
 public:
  explicit RandomHistory(uint64_t seed) : random_(seed), cluster_(seed) {
    cluster_.world().acknowledges_by_itself = false;
    ShuffledJob(graph_, 2);
    Configuration configuration = EverySecond();
    configuration.Set(kFixedDelayAttempts, 1000);
    configuration.Set(kTolerableFailedCheckpoints, 1000);
    configuration.Set(kMaxConcurrentCheckpoints, 2);
    configuration.Set(kCheckpointTimeout, Duration(5000));
    cluster_.Submit(graph_, std::move(configuration));
  }

  void Step() {
    const std::vector<FakeTask*> living = cluster_.Living();
    FakeTask* const task = living.empty() ? nullptr : living[random_.Uniform(living.size())];
    const uint64_t what = random_.Uniform(20);
    if (what == 0 && task != nullptr) {
      cluster_.Report(*task, ExecutionState::kFailed, UnknownError("boom"));
    } else if (what == 1 && task != nullptr && !task->triggered.empty()) {
      cluster_.world().Decline(*task, task->triggered.back().id, InternalError("disk full"));
    } else if (what == 2) {
      cluster_.TriggerSavepoint({.directory = "/savepoints"});
    } else if (what < 15 && task != nullptr && !task->triggered.empty()) {
      // Also ids that it has acknowledged before, and old ones.
      cluster_.world().Acknowledge(*task, task->triggered[random_.Uniform(task->triggered.size())].id);
    } else {
      cluster_.simulation().AdvanceTime(std::chrono::milliseconds(random_.Uniform(700)));
    }
    // Not always idle: the next step may come while messages and files are on their way.
    if (random_.Uniform(2) == 0) cluster_.simulation().RunUntilIdle();
    Check();
  }
  int64_t newest() const { return newest_; }

 private:
  void Check() {
    for (; seen_ < cluster_.world().tasks.size(); ++seen_) {
      const TaskDeploymentDescriptor& deployed = cluster_.world().tasks[seen_]->descriptor;
      const int64_t from =
          deployed.restored_state.empty() ? 0 : std::stoll(deployed.restored_state[0].lists[0].elements.inline_bytes);
      EXPECT_GE(from, newest_) << "a complete checkpoint was not restored";
    }
    for (const auto& task : cluster_.world().tasks) {
      for (size_t i = 1; i < task->triggered.size(); ++i)
        EXPECT_LT(task->triggered[i - 1].id, task->triggered[i].id);  // I1
      for (const int64_t id : task->completed) newest_ = std::max(newest_, id);
    }
  }

  SeededRandom random_;
  SimulatedCluster cluster_;
  TestGraph graph_;
  size_t seen_ = 0;
  int64_t newest_ = 0;  // that some task was told to commit
};

TEST(JobMasterCheckpoints, WhateverHappensWhenARestartBeginsAtTheNewestThatAnybodyCommitted) {  // I1, I4, I6, I7
  int64_t complete = 0;
  for (uint64_t seed = 1; seed <= 40; ++seed) {
    SCOPED_TRACE("seed " + std::to_string(seed));
    RandomHistory history(seed);
    for (int step = 0; step < 150; ++step) history.Step();
    complete += history.newest() > 0 ? 1 : 0;
    if (::testing::Test::HasFailure()) return;
  }
  EXPECT_GT(complete, 20) << "most histories are to have complete checkpoints";
}

}  // namespace
}  // namespace weir
