#include "weir/client/execute_job.h"

#include <gtest/gtest.h>
#include <signal.h>
#include <unistd.h>

#include <chrono>
#include <stdexcept>
#include <thread>

#include "weir/base/file/file_system.h"
#include "weir/config/cluster_options.h"
#include "weir/config/configuration.h"
#include "weir/config/restart_options.h"
#include "weir/rpc/job_messages.h"

#include "tests/unit/client/number_job.h"

namespace weir {
namespace {

using client_test::NumberJob;

bool IsHandled(int signal) {
  struct sigaction action{};
  return sigaction(signal, nullptr, &action) == 0 && action.sa_handler != SIG_DFL;
}

int64_t SumBelow(int64_t count) { return count * (count - 1) / 2; }

TEST(ExecuteJob, RunsABoundedJobToItsEnd) {
  NumberJob job;
  job.map = [](int64_t number) { return 2 * number; };
  const JobExecutionResult result = ExecuteJob(job.Build(), {});
  ASSERT_TRUE(result.ok()) << result.status().ToString();
  EXPECT_EQ(job.sum(), 2 * SumBelow(job.count));
  EXPECT_EQ(result.ExitCode(), 0);
  EXPECT_EQ(result.job_id().size(), 32u);
}

TEST(ExecuteJob, AccumulatorsAreSummedOverAllSubtasks) {
  NumberJob job;
  job.parallelism = 3;
  const JobExecutionResult result = ExecuteJob(job.Build(), {});
  EXPECT_EQ(result.Accumulator("records").ValueOr(-1), job.count);
  EXPECT_EQ(std::string(result.Accumulator("recods").status().message()),
            "job \"numbers\" has no accumulator \"recods\"; it has \"records\"");
}

TEST(ExecuteJob, AFunctionThatThrowsFailsTheJobWithOperatorAndSubtask) {
  NumberJob job;
  job.map = [](int64_t number) -> int64_t {
    if (number == 5000) throw std::runtime_error("five thousand");
    return number;
  };
  const JobExecutionResult result = ExecuteJob(job.Build(), {});
  const std::string message(result.status().message());
  EXPECT_TRUE(message.starts_with("job \"numbers\" failed: operator \"Map\" (subtask ")) << message;
  EXPECT_NE(message.find("/2) threw std::runtime_error: five thousand"), std::string::npos) << message;
  EXPECT_EQ(result.ExitCode(), 1);
}

TEST(ExecuteJob, ARestartBeginsAnewAndTheJobFinishes) {
  NumberJob job;
  auto failures = std::make_shared<std::atomic<int>>(0);
  job.map = [failures](int64_t number) -> int64_t {
    if (number == 9000 && failures->fetch_add(1) < 2) throw std::runtime_error("not yet");
    return number;
  };
  Configuration configuration;
  configuration.Set(kRestartStrategy, RestartStrategyType::kFixedDelay);
  configuration.Set(kFixedDelayAttempts, 3);
  configuration.Set(kFixedDelay, Duration(1));
  const JobExecutionResult result = ExecuteJob(job.Build(), configuration);
  ASSERT_TRUE(result.ok()) << result.status().ToString();
  EXPECT_EQ(failures->load(), 3);
  // Without checkpoints output repeats, but none is missing; accumulators are those of the attempts that finished.
  EXPECT_GE(job.sum(), SumBelow(job.count));
  EXPECT_EQ(result.Accumulator("records").ValueOr(-1), job.count);
}

TEST(ExecuteJob, ABadConfigurationStartsNothing) {
  Configuration configuration;
  configuration.SetText("task.cancellation.timeout", "soon", "the command line");
  const JobExecutionResult result = ExecuteJob(NumberJob().Build(), configuration);
  EXPECT_EQ(result.status().code(), StatusCode::kInvalidArgument);
  EXPECT_TRUE(result.job_id().empty());
}

TEST(ExecuteJob, CtrlCCancelsTheJobFromItsFirstRecordOn) {
  NumberJob job;
  job.count = int64_t{1} << 60;
  auto interrupted = std::make_shared<std::atomic<bool>>(false);
  job.map = [interrupted](int64_t number) {
    if (interrupted->exchange(true)) return number;
    // Instead of ending the test.
    if (!IsHandled(SIGINT)) throw std::runtime_error("nobody listens for Ctrl-C");
    kill(getpid(), SIGINT);
    return number;
  };
  const JobExecutionResult result = ExecuteJob(job.Build(), {});
  EXPECT_EQ(std::string(result.status().message()), "job \"numbers\" was cancelled");
  EXPECT_EQ(result.ExitCode(), 130);
}

TEST(SubmitJob, TheClientSeesTheJobRunAndCancelsIt) {
  NumberJob job;
  job.count = int64_t{1} << 60;
  StatusOr<JobClient> client = SubmitJob(job.Build(), {});
  ASSERT_TRUE(client.ok());
  EXPECT_EQ(client->Status(), JobStatus::kRunning);
  EXPECT_FALSE(client->WaitFor(Duration(1)));
  EXPECT_TRUE(client->Cancel().ok());
  const JobExecutionResult result = client->Result();
  EXPECT_EQ(result.status().code(), StatusCode::kCancelled);
  EXPECT_EQ(client->Status(), JobStatus::kCanceled);
  EXPECT_EQ(client->Cancel().code(), StatusCode::kFailedPrecondition);
}

TEST(SubmitJob, TheClientTakesASavepointAndTheJobGoesOn) {
  NumberJob job;
  job.count = int64_t{1} << 60;
  StatusOr<JobClient> client = SubmitJob(job.Build(), {});
  ASSERT_TRUE(client.ok());
  const std::string folder = testing::TempDir() + "savepoints-of-a-client-" + std::to_string(getpid());
  const StatusOr<std::string> savepoint = client->TriggerSavepoint(folder);
  ASSERT_TRUE(savepoint.ok()) << savepoint.status().ToString();
  EXPECT_TRUE(savepoint->starts_with(folder + "/savepoint-")) << *savepoint;
  EXPECT_TRUE(*LocalFileSystem().Exists(*savepoint + "/_metadata"));
  EXPECT_EQ(client->Status(), JobStatus::kRunning);
  EXPECT_FALSE(client->Accumulator("records").ok()) << "no task has ended";
  ASSERT_TRUE(client->Cancel().ok());
  EXPECT_EQ(client->Result().status().code(), StatusCode::kCancelled);
  EXPECT_EQ(client->TriggerSavepoint(folder).status().code(), StatusCode::kFailedPrecondition);
  EXPECT_TRUE(LocalFileSystem().DeleteRecursively(folder).ok());
}

TEST(SubmitJob, TheClientTellsTheSumsOfAccumulators) {
  NumberJob job;
  StatusOr<JobClient> client = SubmitJob(job.Build(), {});
  ASSERT_TRUE(client.ok());
  ASSERT_TRUE(client->Result().ok());
  EXPECT_EQ(client->Accumulator("records").ValueOr(-1), job.count);
  EXPECT_EQ(client->Accumulator("recods").status().code(), StatusCode::kNotFound);
}

TEST(SubmitJob, AnEndedJobTellsHowManyRecordsWentInAndOut) {
  NumberJob job;
  StatusOr<JobClient> client = SubmitJob(job.Build(), {});
  ASSERT_TRUE(client.ok());
  ASSERT_TRUE(client->Result().ok());
  int64_t in = 0;
  int64_t out = 0;
  for (const VertexDetails& vertex : client->Details().vertices) {
    for (const SubtaskDetails& task : vertex.subtasks) {
      if (vertex.is_source) in += task.statistics.records_in;
      if (vertex.is_sink) out += task.statistics.records_out;
    }
  }
  EXPECT_EQ(in, job.count);
  EXPECT_EQ(out, job.count);
}

TEST(SubmitJob, LettingGoOfTheClientWaitsForTheJob) {
  NumberJob job;
  {
    ASSERT_TRUE(SubmitJob(job.Build(), {}).ok());
  }
  EXPECT_EQ(job.sum(), SumBelow(job.count));
}

TEST(SubmitJob, ATaskThatDoesNotEndIsGivenUpAndNamed) {
  NumberJob job;
  auto release = std::make_shared<std::atomic<bool>>(false);
  auto entered = std::make_shared<std::atomic<bool>>(false);
  job.map = [release, entered](int64_t number) {
    entered->store(true);
    entered->notify_all();
    release->wait(false);
    return number;
  };
  Configuration configuration;
  configuration.Set(kTaskCancellationTimeout, Duration(20));
  StatusOr<JobClient> client = SubmitJob(job.Build(), configuration);
  entered->wait(false);
  ASSERT_TRUE(client->Cancel().ok());
  const std::string message(client->Result().status().message());
  EXPECT_TRUE(message.starts_with("job \"numbers\" failed: tasks did not end within 20 ms")) << message;
  EXPECT_NE(message.find("\"Map -> Sink: sum\" (subtask"), std::string::npos) << message;
  release->store(true);
  release->notify_all();
}

}  // namespace
}  // namespace weir
