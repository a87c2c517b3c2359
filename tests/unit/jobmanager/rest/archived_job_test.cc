#include "weir/jobmanager/rest/archived_job.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <fstream>
#include <sstream>
#include <string>

#include <nlohmann/json.hpp>

#include "weir/base/clock.h"
#include "weir/config/configuration.h"
#include "weir/graph/job/job_graph.h"
#include "weir/graph/job/job_graph_builder.h"
#include "weir/rpc/checkpoint_statistics.h"

#include "tests/unit/graph/graph_fixture.h"

namespace weir {
namespace {

constexpr int64_t kStart = 1'600'000'000'000;

SubtaskDetails EndedSubtask(int number, int64_t records_in, int64_t records_out) {
  SubtaskDetails subtask;
  subtask.attempt_id = ExecutionAttemptId::FromName("attempt " + std::to_string(number));
  subtask.attempt_number = 1;
  subtask.state = ExecutionState::kFinished;
  subtask.task_manager = TaskManagerId("localhost-1");
  subtask.statistics = {.records_in = records_in, .records_out = records_out, .watermark = 40, .busy_ns = 2'000'000};
  subtask.entered.fill(kNoEventTime);
  for (const auto& [state, after] : {std::pair(ExecutionState::kCreated, 1), std::pair(ExecutionState::kDeploying, 2),
                                     std::pair(ExecutionState::kRunning, 5), std::pair(ExecutionState::kFinished, 105)})
    subtask.entered[static_cast<size_t>(state)] = kStart + after;
  return subtask;
}

std::shared_ptr<const CheckpointStatistics> OneCheckpoint(VertexId vertex) {
  auto record = std::make_shared<CheckpointRecord>();
  record->id = CheckpointId(1);
  record->status = CheckpointStatus::kCompleted;
  record->trigger_time_ms = kStart + 10;
  record->end_time_ms = kStart + 30;
  record->path = "/checkpoints/chk-1";
  record->totals = {
      .subtasks = 2, .acknowledged = 1, .latest_ack_ms = kStart + 30, .duration_ms = 20, .state_bytes = 64};
  record->vertices = {
      {.vertex_id = vertex,
       .name = "Count",
       .subtasks = {{.is_acknowledged = true, .ack_time_ms = kStart + 30, .duration_ms = 20, .state_bytes = 64}}}};
  auto statistics = std::make_shared<CheckpointStatistics>();
  statistics->counts = {.total = 1, .completed = 1};
  statistics->latest_completed = record;
  statistics->history = {record};
  return statistics;
}

// A job of two vertices that failed once, took a checkpoint, and finished.
JobDetails EndedJob() {
  graph_test::TestGraph graph;
  graph.config().job_name = "word count";
  const int source = graph.Source("lines");
  graph.Node(source).uid = "lines";
  const int count = graph.Keyed("Count", source);
  graph.Node(count).uid = "count";
  graph.Node(count).parallelism = 2;
  JobDetails job;
  job.graph = std::make_shared<const JobGraph>(BuildJobGraph(graph.graph()).value());
  Configuration configuration;
  configuration.SetText("some.password", "hunter2", "the job");
  job.configuration = std::make_shared<const Configuration>(std::move(configuration));
  job.overview = {.job_id = JobId::FromName("job"),
                  .job_name = "word count",
                  .status = JobStatus::kFinished,
                  .start_time = FromEventTime(kStart),
                  .end_time = FromEventTime(kStart + 110)};
  job.restarts = 1;
  for (const JobVertex& vertex : job.graph->vertices) {
    job.vertices.push_back({.vertex_id = vertex.id, .name = vertex.name, .is_source = job.vertices.empty()});
    for (int subtask = 0; subtask < vertex.parallelism; ++subtask) {
      const int number = 10 * static_cast<int>(job.vertices.size()) + subtask;
      job.vertices.back().subtasks.push_back(EndedSubtask(number, 3 + subtask, 7));
    }
  }
  job.accumulators = {{"lines", 3}};
  job.status_times = {{JobStatus::kRunning, FromEventTime(kStart + 1)},
                      {JobStatus::kFinished, FromEventTime(kStart + 110)}};
  job.failures = {
      {.time = FromEventTime(kStart + 2),
       .cause = UnknownError("boom\nat line 3"),
       .task = "Count (1/2)",
       .attempt = 0,
       .task_manager = TaskManagerId("localhost-1"),
       .concurrent = {
           {.time = FromEventTime(kStart + 3), .cause = UnknownError("the other one"), .task = "Count (2/2)"}}}};
  job.checkpoints = OneCheckpoint(job.graph->vertices.back().id);
  return job;
}

std::vector<ArchivedAnswer> Archive(const JobDetails& job) {
  const ManualClock clock(FromEventTime(kStart + 200));
  return AnswersAbout(job, {.configuration = std::make_shared<const Configuration>(), .clock = &clock});
}

// All shapes at once: whoever changes one sees here what a client will see.
TEST(ArchivedJob, EveryAnswerIsTheGoldenOne) {
  nlohmann::json shown = nlohmann::json::object();
  for (const ArchivedAnswer& answer : Archive(EndedJob())) {
    // The version of this build; and lists that grow with every metric and every rule, which have tests of their own.
    const bool is_golden = !answer.path.ends_with("/environment") && !answer.path.ends_with("/metrics") &&
                           !answer.path.ends_with("/diagnosis");
    if (is_golden) shown[answer.path] = nlohmann::json::parse(answer.json);
  }
  const std::string actual = shown.dump(1) + "\n";
  std::ifstream file("tests/golden/rest/ended_job.json");
  std::ostringstream golden;
  golden << file.rdbuf();
  if (golden.str() == actual) return;
  const std::string path = testing::TempDir() + "ended_job.json";
  std::ofstream(path) << actual;
  FAIL() << "compare: diff tests/golden/rest/ended_job.json " << path;
}

TEST(ArchivedJob, HoldsEveryAnswerAboutItsVerticesAndCheckpoints) {
  const JobDetails job = EndedJob();
  const std::vector<ArchivedAnswer> answers = Archive(job);
  const std::string of_job = "/jobs/" + job.overview.job_id.ToHex();
  const std::string vertex = job.vertices.back().vertex_id.ToHex();
  for (const std::string& path :
       std::vector<std::string>{of_job + "/exceptions", of_job + "/accumulators", of_job + "/jobmanager/config",
                                of_job + "/checkpoints/details/1/subtasks/" + vertex,
                                of_job + "/vertices/" + vertex + "/subtasks/0/attempts/1"}) {
    EXPECT_TRUE(std::ranges::any_of(answers, [&](const ArchivedAnswer& answer) { return answer.path == path; }))
        << path;
  }
}

TEST(ArchivedJob, ASecretIsNotWrittenDown) {
  for (const ArchivedAnswer& answer : Archive(EndedJob())) {
    EXPECT_EQ(answer.json.find("hunter2"), std::string::npos) << answer.path;
  }
}

}  // namespace
}  // namespace weir
