#include "weir/jobmanager/dispatcher/dispatcher.h"

#include <gtest/gtest.h>

#include <optional>
#include <string>
#include <vector>

#include "weir/base/logging.h"
#include "weir/config/checkpoint_options.h"
#include "weir/config/restart_options.h"

#include "tests/unit/jobmanager/simulated_cluster.h"

namespace weir {
namespace {

using graph_test::TestGraph;
using jobmanager_test::ShuffledJob;
using jobmanager_test::SimulatedCluster;

std::vector<JobOverview> List(SimulatedCluster& cluster) {
  std::vector<JobOverview> jobs;
  cluster.dispatcher_gateway().ListJobs([&](StatusOr<std::vector<JobOverview>> answer) { jobs = *std::move(answer); });
  cluster.simulation().RunUntilIdle();
  return jobs;
}

TEST(Dispatcher, ListsNothingWhenThereIsNothing) {
  SimulatedCluster cluster;
  EXPECT_TRUE(List(cluster).empty());
}

TEST(Dispatcher, ListsRunningAndEndedJobsInTheOrderOfTheirSubmission) {
  SimulatedCluster cluster;
  TestGraph graph;
  ShuffledJob(graph, 1);
  const JobId first = cluster.Submit(graph);
  cluster.Finish();
  TestGraph again;
  ShuffledJob(again, 1);
  const JobId second = cluster.Submit(again);
  const std::vector<JobOverview> jobs = List(cluster);
  ASSERT_EQ(jobs.size(), 2u);
  EXPECT_EQ(jobs[0].job_id, first);
  EXPECT_EQ(jobs[0].status, JobStatus::kFinished);
  EXPECT_EQ(jobs[1].job_id, second);
  EXPECT_EQ(jobs[1].status, JobStatus::kRunning);
}

TEST(Dispatcher, AJobIdIsTakenOnce) {
  SimulatedCluster cluster;
  TestGraph graph;
  ShuffledJob(graph, 1);
  const JobId job = cluster.Submit(graph);
  StatusOr<JobGraph> built = BuildJobGraph(graph.graph());
  ASSERT_TRUE(built.ok());
  Status status;
  cluster.dispatcher_gateway().SubmitJob(
      {job, std::make_shared<const JobGraph>(*built), std::make_shared<const Configuration>()},
      [&](Status answer) { status = std::move(answer); });
  cluster.simulation().RunUntilIdle();
  EXPECT_EQ(status.code(), StatusCode::kAlreadyExists);
  EXPECT_EQ(cluster.Status_(), JobStatus::kRunning);
}

TEST(Dispatcher, UnknownJobsAreNotFound) {
  SimulatedCluster cluster;
  EXPECT_EQ(cluster.Cancel().code(), StatusCode::kNotFound);
  std::optional<StatusCode> details;
  std::optional<StatusCode> result;
  cluster.dispatcher_gateway().RequestJobDetails({}, [&](const auto& answer) { details = answer.status().code(); });
  cluster.dispatcher_gateway().RequestJobResult({}, [&](const auto& answer) { result = answer.status().code(); });
  cluster.simulation().RunUntilIdle();
  EXPECT_EQ(details, StatusCode::kNotFound);
  EXPECT_EQ(result, StatusCode::kNotFound);
}

TEST(Dispatcher, AnEndedJobKeepsItsDetailsAndCannotBeCancelled) {
  SimulatedCluster cluster;
  TestGraph graph;
  ShuffledJob(graph, 2);
  cluster.Submit(graph);
  cluster.Finish();
  const JobDetails details = cluster.Details();
  EXPECT_EQ(details.overview.status, JobStatus::kFinished);
  ASSERT_EQ(details.vertices.size(), 2u);
  EXPECT_TRUE(details.vertices[0].is_source);
  EXPECT_TRUE(details.vertices[1].is_sink);
  EXPECT_EQ(details.vertices[1].subtasks[1].state, ExecutionState::kFinished);
  EXPECT_EQ(cluster.Cancel().code(), StatusCode::kFailedPrecondition);
}

TEST(Dispatcher, AJobWithABadConfigurationIsRefused) {
  SimulatedCluster cluster;
  TestGraph graph;
  ShuffledJob(graph, 1);
  Configuration configuration;
  configuration.SetText("restart-strategy.type", "maybe", "conf/config.yaml:3");
  cluster.Submit(graph, configuration);
  EXPECT_EQ(cluster.submit_status().code(), StatusCode::kInvalidArgument);
  EXPECT_NE(cluster.submit_status().message().find("conf/config.yaml:3"), std::string_view::npos);
  EXPECT_TRUE(List(cluster).empty());
}

// The lines of what is logged meanwhile.
class LoggedLines final : public LogSink {
 public:
  LoggedLines() : before_(SetLogSink(this)) { SetLogLevel(LogLevel::kWarning); }
  ~LoggedLines() override {
    SetLogLevel(LogLevel::kOff);
    SetLogSink(before_);
  }
  void Write(const LogRecord& record) override { text += std::string(record.message) + "\n"; }
  std::string text;

 private:
  LogSink* const before_;
};

TEST(Dispatcher, CheckpointFoldersOfNoKnownFileSystemAreRefused) {
  for (const ConfigOption<std::string>* folder : {&kCheckpointDir, &kSavepointDir}) {
    SimulatedCluster cluster;
    TestGraph graph;
    ShuffledJob(graph, 1);
    Configuration configuration;
    configuration.Set(*folder, std::string("s3://bucket/checkpoints"));
    cluster.Submit(graph, configuration);
    EXPECT_EQ(cluster.submit_status().code(), StatusCode::kInvalidArgument);
    const std::string message(cluster.submit_status().message());
    EXPECT_NE(message.find(std::string(folder->key()) + ": no file system for \"s3://bucket"), std::string::npos)
        << message;
    EXPECT_TRUE(List(cluster).empty());
  }
}

TEST(Dispatcher, SeveralUnalignedCheckpointsAtATimeAreRefused) {
  SimulatedCluster cluster;
  TestGraph graph;
  ShuffledJob(graph, 1);
  Configuration configuration;
  configuration.Set(kUnalignedCheckpoints, true);
  configuration.Set(kMaxConcurrentCheckpoints, 3);
  cluster.Submit(graph, configuration);
  EXPECT_EQ(cluster.submit_status().code(), StatusCode::kInvalidArgument);
  EXPECT_NE(cluster.submit_status().message().find("max-concurrent-checkpoints is 3 and "), std::string_view::npos);
  EXPECT_TRUE(List(cluster).empty());
}

TEST(Dispatcher, WaitsBeforeRestartsThatContradictEachOtherAreRefused) {
  SimulatedCluster cluster;
  TestGraph graph;
  ShuffledJob(graph, 1);
  Configuration configuration;
  configuration.Set(kCheckpointInterval, Duration(1000));  // with which exponential-delay is the strategy
  configuration.Set(kExponentialInitialBackoff, Duration(10'000));
  configuration.Set(kExponentialMaxBackoff, Duration(1000));
  cluster.Submit(graph, configuration);
  EXPECT_EQ(cluster.submit_status().code(), StatusCode::kInvalidArgument);
  EXPECT_TRUE(List(cluster).empty());
}

TEST(Dispatcher, UnalignedCheckpointsWithAtLeastOnceHaveNoEffectWhichIsLogged) {
  SimulatedCluster cluster;
  LoggedLines logged;
  TestGraph graph;
  ShuffledJob(graph, 1);
  Configuration configuration;
  configuration.Set(kUnalignedCheckpoints, true);
  configuration.Set(kCheckpointingMode, CheckpointingMode::kAtLeastOnce);
  configuration.Set(kMaxConcurrentCheckpoints, 3);
  cluster.Submit(graph, configuration);
  EXPECT_TRUE(cluster.submit_status().ok()) << cluster.submit_status().ToString();
  EXPECT_NE(logged.text.find("execution.checkpointing.unaligned.enabled has no effect"), std::string::npos)
      << logged.text;
}

TEST(Dispatcher, ARepeatedSeedRepeatsTheRun) {
  const auto attempts = [](uint64_t seed) {
    SimulatedCluster cluster(seed, {.task_managers = 3, .slots = 2});
    TestGraph graph;
    ShuffledJob(graph, 3);
    cluster.Submit(graph);
    std::string log;
    for (const auto& task : cluster.world().tasks) {
      log += task->vertex + " on " + task->task_manager + " as " + task->descriptor.attempt_id.ToHex() + "\n";
    }
    return log;
  };
  EXPECT_EQ(attempts(5), attempts(5));
  EXPECT_NE(attempts(5), attempts(6));
}

}  // namespace
}  // namespace weir
