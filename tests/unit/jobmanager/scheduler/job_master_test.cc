#include "weir/jobmanager/scheduler/job_master.h"

#include <gtest/gtest.h>

#include <chrono>
#include <set>
#include <string>
#include <tuple>
#include <vector>

#include "weir/config/cluster_options.h"
#include "weir/config/restart_options.h"
#include "weir/jobmanager/scheduler/scheduler_options.h"

#include "tests/unit/jobmanager/simulated_cluster.h"

namespace weir {
namespace {

using graph_test::TestGraph;
using jobmanager_test::FakeTask;
using jobmanager_test::ForwardJob;
using jobmanager_test::ShuffledJob;
using jobmanager_test::SimulatedCluster;
using std::chrono_literals::operator""ms;
using std::chrono_literals::operator""s;

Configuration FixedDelay(int attempts, Duration delay) {
  Configuration configuration;
  configuration.Set(kRestartStrategy, RestartStrategyType::kFixedDelay);
  configuration.Set(kFixedDelayAttempts, attempts);
  configuration.Set(kFixedDelay, delay);
  return configuration;
}

TEST(JobMaster, AJobRunsAndFinishesWhenAllItsTasksHave) {
  SimulatedCluster cluster;
  TestGraph graph;
  ShuffledJob(graph, 2);
  cluster.Submit(graph);
  EXPECT_EQ(cluster.Status_(), JobStatus::kRunning);
  EXPECT_EQ(cluster.Living().size(), 4u);
  EXPECT_EQ(cluster.slots().free, 2);  // two shared slots are in use
  cluster.Finish();
  EXPECT_EQ(cluster.result().status, JobStatus::kFinished);
  EXPECT_TRUE(cluster.result().error.ok());
  EXPECT_EQ(cluster.result().accumulators, (AccumulatorTotals{{"tasks", 4}}));
  EXPECT_EQ(cluster.slots().free, 4);
}

TEST(JobMaster, BothEndsOfAnExchangeAreToldTheSameChannels) {
  SimulatedCluster cluster;
  TestGraph graph;
  ShuffledJob(graph, 3);
  cluster.Submit(graph);
  std::set<ChannelId> written;
  std::set<ChannelId> read;
  for (FakeTask* task : cluster.Living()) {
    const auto& [outputs, inputs] = std::tie(task->descriptor.outputs, task->descriptor.inputs);
    for (size_t i = 0; !outputs.empty() && i < outputs[0].channels.size(); ++i) written.insert(outputs[0].channels[i]);
    for (size_t i = 0; !inputs.empty() && i < inputs[0].channels.size(); ++i) read.insert(inputs[0].channels[i]);
  }
  EXPECT_EQ(written.size(), 9u);
  EXPECT_EQ(written, read);
}

TEST(JobMaster, SubtasksOfTheSameNumberShareASlot) {
  SimulatedCluster cluster;
  TestGraph graph;
  ShuffledJob(graph, 2);
  cluster.Submit(graph);
  EXPECT_EQ(cluster.Task("lines", 0).descriptor.slot, cluster.Task("Map", 0).descriptor.slot);
  EXPECT_NE(cluster.Task("lines", 0).descriptor.slot, cluster.Task("Map", 1).descriptor.slot);
}

TEST(JobMaster, WithoutARestartStrategyAFailureFailsTheJobWithItsFirstCause) {
  SimulatedCluster cluster;
  cluster.world().cancels_by_itself = false;
  TestGraph graph;
  ShuffledJob(graph, 2);
  cluster.Submit(graph);
  cluster.Fail("Map", 1, "operator \"Map\" threw std::runtime_error: boom");
  EXPECT_EQ(cluster.Status_(), JobStatus::kFailing);
  cluster.Fail("lines", 0, "operator \"lines\": its consumer is gone");
  for (FakeTask* task : cluster.Living()) cluster.Report(*task, ExecutionState::kCanceled);
  EXPECT_EQ(cluster.result().status, JobStatus::kFailed);
  EXPECT_EQ(cluster.error(), "job \"test\" failed: operator \"Map\" (subtask 2/2) threw std::runtime_error: boom");
}

TEST(JobMaster, ALostConnectionGivesWayToTheDeathThatBrokeIt) {
  SimulatedCluster cluster;
  cluster.world().cancels_by_itself = false;
  TestGraph graph;
  ShuffledJob(graph, 2);
  cluster.Submit(graph);
  cluster.Report(cluster.Task("Map", 1), ExecutionState::kFailed, AbortedError("the connection to \"tm\" is lost"));
  cluster.Report(cluster.Task("lines", 0), ExecutionState::kFailed, UnavailableError("the worker was killed"));
  cluster.Report(cluster.Task("lines", 1), ExecutionState::kFailed, AbortedError("the connection to \"tm\" is lost"));
  for (FakeTask* task : cluster.Living()) cluster.Report(*task, ExecutionState::kCanceled);
  EXPECT_EQ(cluster.error(), "job \"test\" failed: task \"Source: lines\" (subtask 1/2): the worker was killed");
  ASSERT_EQ(cluster.Details().failures.size(), 1u);
  EXPECT_EQ(cluster.Details().failures[0].task, "Source: lines (1/2)");
}

TEST(JobMaster, AnErrorThatNamesNoOperatorGetsTheTasksName) {
  SimulatedCluster cluster;
  TestGraph graph;
  ShuffledJob(graph, 2);
  cluster.Submit(graph);
  cluster.Fail("Map", 0, "the channel broke");
  EXPECT_EQ(cluster.error(), "job \"test\" failed: task \"Map -> Sink: print\" (subtask 1/2): the channel broke");
}

TEST(JobMaster, ADeploymentThatIsRefusedFailsTheJob) {
  SimulatedCluster cluster;
  cluster.world().deploy_error = "operator \"Map\": no such file";
  TestGraph graph;
  ShuffledJob(graph, 1);
  cluster.Submit(graph);
  EXPECT_EQ(cluster.result().status, JobStatus::kFailed);
  EXPECT_EQ(cluster.slots().free, 4);
}

// Brings a job's tasks to each stage of their lives, so that something can happen there.
struct Stage {
  std::string name;
  void (*reach)(SimulatedCluster&);
};
const Stage kStages[] = {
    {"deploying", [](SimulatedCluster&) {}},
    {"initializing",
     [](SimulatedCluster& cluster) {
       for (FakeTask* task : cluster.Living()) cluster.Report(*task, ExecutionState::kInitializing);
     }},
    {"running",
     [](SimulatedCluster& cluster) {
       for (FakeTask* task : cluster.Living()) {
         cluster.Report(*task, ExecutionState::kInitializing);
         cluster.Report(*task, ExecutionState::kRunning);
       }
     }},
    {"one finished",
     [](SimulatedCluster& cluster) {
       for (FakeTask* task : cluster.Living()) {
         cluster.Report(*task, ExecutionState::kInitializing);
         cluster.Report(*task, ExecutionState::kRunning);
       }
       cluster.Report(cluster.Task("lines", 0), ExecutionState::kFinished);
     }},
};

TEST(JobMaster, CancellingInEveryStageOfTheTasksEndsCanceled) {
  for (const Stage& stage : kStages) {
    SCOPED_TRACE(stage.name);
    SimulatedCluster cluster;
    cluster.world().runs_by_itself = false;
    TestGraph graph;
    ShuffledJob(graph, 2);
    cluster.Submit(graph);
    stage.reach(cluster);
    EXPECT_TRUE(cluster.Cancel().ok());
    EXPECT_EQ(cluster.result().status, JobStatus::kCanceled);
    EXPECT_TRUE(cluster.Living().empty());
    EXPECT_EQ(cluster.slots().free, 4);
  }
}

TEST(JobMaster, AFailureInEveryStageOfTheTasksRestartsThemAllWithNewAttempts) {
  for (const Stage& stage : kStages) {
    SCOPED_TRACE(stage.name);
    SimulatedCluster cluster;
    cluster.world().runs_by_itself = false;
    TestGraph graph;
    ShuffledJob(graph, 2);
    cluster.Submit(graph, FixedDelay(1, 1s));
    stage.reach(cluster);
    cluster.world().runs_by_itself = true;
    cluster.Fail("Map", 0, "boom");
    EXPECT_EQ(cluster.Status_(), JobStatus::kRestarting);
    cluster.simulation().AdvanceTime(1ms);  // the first restart waits for nothing
    EXPECT_EQ(cluster.Status_(), JobStatus::kRunning);
    ASSERT_EQ(cluster.Living().size(), 4u);
    for (FakeTask* task : cluster.Living()) EXPECT_EQ(task->descriptor.attempt_number, 1);
    cluster.Finish();
    EXPECT_EQ(cluster.result().status, JobStatus::kFinished);
    EXPECT_EQ(cluster.result().accumulators, (AccumulatorTotals{{"tasks", 4}}));
  }
}

TEST(JobMaster, CancellingWhileItWaitsForSlotsEndsAtOnce) {
  SimulatedCluster cluster(1, {.task_managers = 0});
  TestGraph graph;
  ShuffledJob(graph, 2);
  cluster.Submit(graph);
  EXPECT_EQ(cluster.Details().waiting_for, "2 of 2 slots");
  EXPECT_TRUE(cluster.Cancel().ok());
  EXPECT_EQ(cluster.result().status, JobStatus::kCanceled);
}

TEST(JobMaster, CancellingWhileItWaitsForARestartEndsAtOnce) {
  SimulatedCluster cluster;
  TestGraph graph;
  ShuffledJob(graph, 1);
  cluster.Submit(graph, FixedDelay(5, 10s));
  cluster.Fail("Map", 0, "first");
  cluster.simulation().AdvanceTime(1ms);
  cluster.Fail("Map", 0, "second");
  EXPECT_EQ(cluster.Status_(), JobStatus::kRestarting);
  EXPECT_TRUE(cluster.Cancel().ok());
  EXPECT_EQ(cluster.result().status, JobStatus::kCanceled);
}

TEST(JobMaster, AFailingJobCannotBeCancelled) {
  SimulatedCluster cluster;
  cluster.world().cancels_by_itself = false;
  TestGraph graph;
  ShuffledJob(graph, 1);
  cluster.Submit(graph);
  cluster.Fail("Map", 0, "boom");
  EXPECT_EQ(cluster.Cancel().code(), StatusCode::kFailedPrecondition);
  for (FakeTask* task : cluster.Living()) cluster.Report(*task, ExecutionState::kCanceled);
  EXPECT_EQ(cluster.result().status, JobStatus::kFailed);
}

TEST(JobMaster, ATaskThatFinishesOrFailsWhileItIsCancelledCountsAsCanceled) {
  for (ExecutionState last : {ExecutionState::kFinished, ExecutionState::kFailed}) {
    SCOPED_TRACE(ExecutionStateName(last));
    SimulatedCluster cluster;
    cluster.world().cancels_by_itself = false;
    TestGraph graph;
    ShuffledJob(graph, 1);
    cluster.Submit(graph);
    EXPECT_TRUE(cluster.Cancel().ok());
    for (FakeTask* task : cluster.Living()) cluster.Report(*task, last, UnknownError("late"));
    EXPECT_EQ(cluster.result().status, JobStatus::kCanceled);
    EXPECT_TRUE(cluster.result().error.ok());
  }
}

TEST(JobMaster, ANewRestartWaitsUntilAllTasksHaveEndedAndTheDelayIsOver) {
  SimulatedCluster cluster;
  TestGraph graph;
  ShuffledJob(graph, 1);
  cluster.Submit(graph, FixedDelay(5, 10s));
  cluster.Fail("Map", 0, "first");
  cluster.simulation().AdvanceTime(1ms);
  cluster.world().cancels_by_itself = false;
  cluster.Fail("Map", 0, "second");
  cluster.simulation().AdvanceTime(11s);
  EXPECT_EQ(cluster.Status_(), JobStatus::kRestarting);  // the source has not ended
  cluster.Report(cluster.Task("lines", 0), ExecutionState::kCanceled);
  EXPECT_EQ(cluster.Status_(), JobStatus::kRunning);
  EXPECT_EQ(cluster.Task("Map", 0).descriptor.attempt_number, 2);
}

TEST(JobMaster, EchoesOfAFailureDoNotUseUpRestarts) {
  SimulatedCluster cluster;
  cluster.world().cancels_by_itself = false;
  TestGraph graph;
  ShuffledJob(graph, 2);
  cluster.Submit(graph, FixedDelay(1, 1s));
  cluster.Fail("Map", 0, "boom");
  for (FakeTask* task : cluster.Living()) cluster.Report(*task, ExecutionState::kFailed, UnknownError("echo"));
  cluster.simulation().AdvanceTime(1ms);
  EXPECT_EQ(cluster.Status_(), JobStatus::kRunning);
  EXPECT_EQ(cluster.Details().restarts, 1);
}

TEST(JobMaster, AJobThatUsesUpItsRestartsFailsWithTheLastCauseAndSaysSo) {
  SimulatedCluster cluster;
  TestGraph graph;
  ShuffledJob(graph, 1);
  cluster.Submit(graph, FixedDelay(1, 1s));
  cluster.Fail("Map", 0, "first");
  cluster.simulation().AdvanceTime(1ms);
  cluster.Fail("Map", 0, "second");
  EXPECT_EQ(cluster.error(),
            "job \"test\" failed: task \"Map -> Sink: print\" (subtask 1/1): second (restart strategy fixed-delay: its "
            "one restart is used up)");
}

TEST(JobMaster, OnlyTheFailedRegionRestarts) {
  SimulatedCluster cluster;
  TestGraph graph;
  ForwardJob(graph, 2);
  cluster.Submit(graph, FixedDelay(1, 1s));
  const ExecutionAttemptId other = cluster.Task("Map", 1).descriptor.attempt_id;
  cluster.Fail("Map", 0, "boom");
  cluster.simulation().AdvanceTime(1ms);
  EXPECT_EQ(cluster.Task("Map", 1).descriptor.attempt_id, other);
  EXPECT_EQ(cluster.Task("Map", 0).descriptor.attempt_number, 1);
  EXPECT_EQ(cluster.Task("lines", 0).descriptor.attempt_number, 1);
  EXPECT_EQ(cluster.Task("lines", 1).descriptor.attempt_number, 0);
}

TEST(JobMaster, SplitsOfAFailedReaderGoBackWhenOthersReadOn) {
  SimulatedCluster cluster;
  TestGraph graph;
  ForwardJob(graph, 2);
  cluster.Submit(graph, FixedDelay(1, 1s));
  const std::vector<std::string> lost = cluster.Task("lines", 0).splits;
  ASSERT_EQ(lost.size(), 1u);
  cluster.Fail("lines", 0, "boom");
  cluster.simulation().AdvanceTime(1ms);
  EXPECT_EQ(cluster.sources().created, 1);
  EXPECT_EQ(cluster.sources().given_back, lost);
  EXPECT_EQ(cluster.Task("lines", 0).splits, lost);  // it asked first
}

TEST(JobMaster, TheEnumeratorBeginsAnewWhenAllReadersRestart) {
  SimulatedCluster cluster;
  TestGraph graph;
  ShuffledJob(graph, 2);
  cluster.Submit(graph, FixedDelay(1, 1s));
  cluster.Fail("Map", 0, "boom");
  cluster.simulation().AdvanceTime(1ms);
  EXPECT_EQ(cluster.sources().created, 2);
  EXPECT_TRUE(cluster.sources().given_back.empty());
  std::set<std::string> read;
  for (int subtask : {0, 1})
    read.insert(cluster.Task("lines", subtask).splits.begin(), cluster.Task("lines", subtask).splits.end());
  EXPECT_EQ(read, (std::set<std::string>{"a", "b"}));
}

TEST(JobMaster, ReadersAreToldWhenThereAreNoMoreSplits) {
  SimulatedCluster cluster;
  cluster.sources().splits = {"only"};
  TestGraph graph;
  ForwardJob(graph, 2);
  cluster.Submit(graph);
  EXPECT_EQ(cluster.Task("lines", 0).splits.size() + cluster.Task("lines", 1).splits.size(), 1u);
  EXPECT_TRUE(cluster.Task("lines", 0).no_more_splits != cluster.Task("lines", 1).no_more_splits);
}

TEST(JobMaster, AnEnumeratorThatCannotStartFailsTheJob) {
  SimulatedCluster cluster;
  cluster.sources().fails_in_start = "cannot open data/in.csv: No such file or directory";
  TestGraph graph;
  ShuffledJob(graph, 2);
  cluster.Submit(graph);
  EXPECT_EQ(cluster.result().status, JobStatus::kFailed);
  EXPECT_EQ(cluster.error(),
            "job \"test\" failed: operator \"Source: lines\": cannot open data/in.csv: No such file or directory");
  EXPECT_TRUE(cluster.world().tasks.empty());
}

TEST(JobMaster, MessagesOfFormerAttemptsLeadersAndJobsAreDroppedAndCounted) {
  SimulatedCluster cluster;
  TestGraph graph;
  ShuffledJob(graph, 1);
  cluster.Submit(graph, FixedDelay(1, 1s));
  const FakeTask former = cluster.Task("lines", 0);
  cluster.Fail("Map", 0, "boom");
  cluster.simulation().AdvanceTime(1ms);
  TaskStateUpdate late;
  late.job_id = cluster.job();
  late.attempt_id = former.descriptor.attempt_id;
  late.state = ExecutionState::kFailed;
  cluster.job_masters().UpdateTaskState(cluster.leader(), late);
  late.attempt_id = cluster.Task("lines", 0).descriptor.attempt_id;
  cluster.job_masters().UpdateTaskState(LeaderId(), late);
  late.job_id = JobId();
  cluster.job_masters().UpdateTaskState(cluster.leader(), late);
  cluster.simulation().RunUntilIdle();
  EXPECT_EQ(cluster.Status_(), JobStatus::kRunning);
  EXPECT_EQ(cluster.dispatcher().stale_messages(), 1);
  cluster.Finish();
  EXPECT_EQ(cluster.result().status, JobStatus::kFinished);
}

TEST(JobMaster, AJobWaitsForTaskManagersThatComeLater) {
  SimulatedCluster cluster(1, {.task_managers = 1, .slots = 1});
  TestGraph graph;
  ShuffledJob(graph, 2);
  cluster.Submit(graph);
  EXPECT_TRUE(cluster.Living().empty());
  EXPECT_EQ(cluster.slots().free, 1);  // all or nothing
  cluster.simulation().AdvanceTime(10s);
  cluster.AddTaskManager("late", 1);
  EXPECT_EQ(cluster.Living().size(), 4u);
  cluster.simulation().AdvanceTime(std::chrono::minutes(10));
  EXPECT_EQ(cluster.Status_(), JobStatus::kRunning);
}

TEST(JobMaster, AJobWithoutSlotsFailsAfterTheTimeoutAndSaysWhatToDo) {
  SimulatedCluster cluster(1, {.task_managers = 1, .slots = 1});
  TestGraph graph;
  ShuffledJob(graph, 2);
  Configuration configuration;
  configuration.Set(kSlotRequestTimeout, Duration(30'000));
  cluster.Submit(graph, configuration);
  cluster.simulation().AdvanceTime(29s);
  EXPECT_FALSE(cluster.ended());
  cluster.simulation().AdvanceTime(2s);
  EXPECT_EQ(cluster.result().error.code(), StatusCode::kResourceExhausted);
  EXPECT_EQ(
      cluster.error(),
      "job \"test\" failed: the job needs 2 slots and still lacks 2 after 30 s; the cluster has 1, of which 1 are "
      "free. Start more TaskManagers, raise taskmanager.numberOfTaskSlots, lower the job's parallelism, or wait "
      "longer with slot.request.timeout.");
}

TEST(JobMaster, ASecondJobGetsItsSlotsWhenTheFirstHasEnded) {
  SimulatedCluster cluster(1, {.task_managers = 1, .slots = 2});
  TestGraph first;
  ShuffledJob(first, 2);
  const JobId first_job = cluster.Submit(first);
  TestGraph second;
  ShuffledJob(second, 2);
  const JobId second_job = cluster.Submit(second);
  EXPECT_EQ(cluster.Living().size(), 4u);
  cluster.Use(first_job);
  EXPECT_TRUE(cluster.Cancel().ok());
  cluster.Use(second_job);
  EXPECT_EQ(cluster.Living().size(), 4u);
  cluster.Finish();
  EXPECT_EQ(cluster.result().status, JobStatus::kFinished);
}

TEST(JobMaster, TasksOfALostTaskManagerMoveToFreeSlots) {
  SimulatedCluster cluster(1, {.task_managers = 2, .slots = 2});
  TestGraph graph;
  ShuffledJob(graph, 2);
  cluster.Submit(graph, FixedDelay(1, 1s));
  const std::string lost = cluster.Task("Map", 0).task_manager;
  cluster.LoseTaskManager(lost);
  cluster.simulation().AdvanceTime(1ms);
  EXPECT_EQ(cluster.Status_(), JobStatus::kRunning);
  ASSERT_EQ(cluster.Living().size(), 4u);
  for (FakeTask* task : cluster.Living()) EXPECT_NE(task->task_manager, lost);
  EXPECT_EQ(cluster.Details().restarts, 1);
}

TEST(JobMaster, TasksThatDoNotEndAreGivenUpAfterTheCancellationTimeout) {
  SimulatedCluster cluster;
  cluster.world().cancels_by_itself = false;
  TestGraph graph;
  ShuffledJob(graph, 1);
  Configuration configuration;
  configuration.Set(kTaskCancellationTimeout, Duration(5000));
  cluster.Submit(graph, configuration);
  EXPECT_TRUE(cluster.Cancel().ok());
  cluster.Report(cluster.Task("lines", 0), ExecutionState::kCanceled);
  cluster.simulation().AdvanceTime(4s);
  EXPECT_FALSE(cluster.ended());
  cluster.simulation().AdvanceTime(2s);
  EXPECT_EQ(cluster.result().status, JobStatus::kFailed);
  EXPECT_TRUE(
      cluster.error().starts_with("job \"test\" failed: tasks did not end within 5 s after they were cancelled: \"Map "
                                  "-> Sink: print\" (subtask 1/1)."))
      << cluster.error();
  // The slot of a task that still runs is not given to anybody.
  EXPECT_EQ(cluster.slots().free, 3);
  cluster.Report(cluster.Task("Map", 0), ExecutionState::kCanceled);
  EXPECT_EQ(cluster.slots().free, 4);
}

TEST(JobMaster, WhateverHappensAJobEndsAndAllSlotsComeBack) {
  for (uint64_t seed = 1; seed <= 200; ++seed) {
    SCOPED_TRACE("seed " + std::to_string(seed));
    SimulatedCluster cluster(seed, {.task_managers = 3, .slots = 2});
    SeededRandom random(seed);
    TestGraph graph;
    if (random.Chance(0.5)) {
      ShuffledJob(graph, 1 + static_cast<int>(random.Uniform(4)));
    } else {
      ForwardJob(graph, 1 + static_cast<int>(random.Uniform(4)));
    }
    cluster.Submit(graph, FixedDelay(static_cast<int>(random.Uniform(5)), Duration(100)));
    int task_managers = 3;
    for (int event = 0; event < 30 && !cluster.ended(); ++event) {
      std::vector<FakeTask*> living = cluster.Living();
      const uint64_t what = random.Uniform(20);
      cluster.world().cancels_by_itself = random.Chance(0.8);
      if (what == 0 && task_managers > 1) {
        cluster.LoseTaskManager("tm-" + std::to_string(--task_managers));
      } else if (what == 1) {
        cluster.Cancel().Update(OkStatus());
      } else if (what < 6 && !living.empty()) {
        cluster.Report(*living[random.Uniform(living.size())], ExecutionState::kFailed, UnknownError("boom"));
      } else if (what < 14 && !living.empty()) {
        FakeTask& task = *living[random.Uniform(living.size())];
        cluster.Report(task, task.cancelled ? ExecutionState::kCanceled : ExecutionState::kFinished);
      } else {
        cluster.simulation().AdvanceTime(Duration(random.Uniform(300)));
      }
    }
    cluster.world().cancels_by_itself = true;
    if (!cluster.ended()) cluster.Cancel().Update(OkStatus());
    for (FakeTask* task : cluster.Living()) {
      if (task->cancelled) cluster.Report(*task, ExecutionState::kCanceled);
    }
    ASSERT_TRUE(cluster.ended()) << JobStatusName(cluster.Status_());
    EXPECT_TRUE(cluster.Living().empty());
    EXPECT_EQ(cluster.slots().free, cluster.slots().total);
  }
}

}  // namespace
}  // namespace weir
