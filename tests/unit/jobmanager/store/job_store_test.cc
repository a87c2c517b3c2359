#include "weir/jobmanager/store/job_store.h"

#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <utility>

#include "weir/base/file/file_contents.h"
#include "weir/base/file/in_memory_file_system.h"
#include "weir/config/configuration.h"
#include "weir/graph/job/job_graph.h"

namespace weir {
namespace {

class JobStoreTest : public testing::Test {
 protected:
  static JobId Id(const std::string& name) { return JobId::FromName(name); }
  static JobSubmission Job(const std::string& name) {
    JobGraph graph;
    graph.id = Id(name);
    graph.name = name;
    graph.program.executable = std::string(64, 'a');
    Configuration configuration;
    configuration.SetText("parallelism.default", "3", "the job");
    return {.job_id = graph.id,
            .graph = std::make_shared<const JobGraph>(std::move(graph)),
            .configuration = std::make_shared<const Configuration>(std::move(configuration))};
  }
  static JobResult Result(const std::string& name, int64_t end_ms) {
    return {.job_id = Id(name),
            .job_name = name,
            .status = JobStatus::kFailed,
            .error = UnknownError("boom"),
            .accumulators = {{"rows", 7}},
            .start_time = {},
            .end_time = FromEventTime(end_ms)};
  }
  StoredJobs Load() {
    StatusOr<StoredJobs> loaded = store_.Load();
    EXPECT_TRUE(loaded.ok()) << loaded.status().message();
    return *std::move(loaded);
  }

  InMemoryFileSystem files_;
  JobStore store_{{.files = &files_, .folder = "/store", .kept_results = 2}};
  const StoredJobs at_start_ = Load();
};

TEST_F(JobStoreTest, AcceptedJobsComeBackInTheOrderInWhichTheyWereAccepted) {
  ASSERT_TRUE(store_.PutJob(Job("later"), FromEventTime(2)).ok());
  ASSERT_TRUE(store_.PutJob(Job("earlier"), FromEventTime(1)).ok());
  const StoredJobs loaded = Load();
  ASSERT_EQ(loaded.jobs.size(), 2u);
  EXPECT_EQ(loaded.jobs[0].graph->name, "earlier");
  EXPECT_EQ(loaded.jobs[1].job_id, Id("later"));
  EXPECT_EQ(loaded.jobs[1].graph->program.executable, std::string(64, 'a'));
  EXPECT_EQ(loaded.jobs[1].configuration->FindEntry("parallelism.default")->value, "3");
}

TEST_F(JobStoreTest, AJobWithAResultHasEndedAndIsNeverTakenAgain) {
  ASSERT_TRUE(store_.PutJob(Job("job"), FromEventTime(1)).ok());
  ASSERT_TRUE(store_.PutResult(Result("job", 5)).ok());
  const StoredJobs loaded = Load();
  EXPECT_TRUE(loaded.jobs.empty());
  ASSERT_EQ(loaded.results.size(), 1u);
  EXPECT_EQ(loaded.results[0].error.message(), "boom");
  EXPECT_EQ(loaded.results[0].accumulators, (AccumulatorTotals{{"rows", 7}}));
  EXPECT_EQ(store_.PutJob(Job("job"), FromEventTime(9)).code(), StatusCode::kAlreadyExists);
}

TEST_F(JobStoreTest, ACrashBetweenResultAndRemovalDoesNotBringTheJobBack) {
  ASSERT_TRUE(store_.PutJob(Job("job"), FromEventTime(1)).ok());
  const std::string submission = *ReadWholeFile(files_, store_.JobFile(Id("job")));
  ASSERT_TRUE(store_.PutResult(Result("job", 5)).ok());
  ASSERT_TRUE(WriteFileAtomically(files_, store_.JobFile(Id("job")), submission).ok());
  EXPECT_TRUE(Load().jobs.empty());
  EXPECT_FALSE(*files_.Exists(store_.JobFile(Id("job"))));
}

TEST_F(JobStoreTest, WhatWasAnsweredSurvivesACrashOfTheMachine) {
  ASSERT_TRUE(store_.PutJob(Job("job"), FromEventTime(1)).ok());
  files_.LoseUnsyncedContents();
  EXPECT_EQ(Load().jobs.size(), 1u);
}

TEST_F(JobStoreTest, ADamagedFileIsNamedAndTheOthersAreRead) {
  ASSERT_TRUE(store_.PutJob(Job("damaged"), FromEventTime(1)).ok());
  ASSERT_TRUE(store_.PutJob(Job("whole"), FromEventTime(2)).ok());
  const std::string path = store_.JobFile(Id("damaged"));
  files_.FlipBit(path, 20);
  const StoredJobs loaded = Load();
  ASSERT_EQ(loaded.jobs.size(), 1u);
  EXPECT_EQ(loaded.jobs[0].graph->name, "whole");
  ASSERT_EQ(loaded.damaged.size(), 1u);
  EXPECT_EQ(loaded.damaged[0].message(), "cannot use " + path + ": its content is damaged: the checksum does not fit");
  EXPECT_TRUE(*files_.Exists(path));
}

TEST_F(JobStoreTest, ANewerFormatIsRefusedWithWhatToDo) {
  ASSERT_TRUE(store_.PutJob(Job("job"), FromEventTime(1)).ok());
  files_.FlipBit(store_.JobFile(Id("job")), 5);
  const StoredJobs loaded = Load();
  ASSERT_EQ(loaded.damaged.size(), 1u);
  EXPECT_NE(loaded.damaged[0].message().find("Start the version that wrote it"), std::string::npos);
}

TEST_F(JobStoreTest, TheHeaderIsAsTheFormatSays) {
  ASSERT_TRUE(store_.PutResult(Result("job", 5)).ok());
  const std::string bytes = *ReadWholeFile(files_, "/store/results/" + Id("job").ToHex());
  EXPECT_EQ(bytes.substr(0, 8), std::string("WJOB\x01\0\0\0", 8));
}

TEST_F(JobStoreTest, OnlyTheLastResultsAreKept) {
  for (int job = 0; job < 4; ++job) ASSERT_TRUE(store_.PutResult(Result(std::to_string(job), job)).ok());
  EXPECT_EQ(Load().results.size(), 2u);
}

}  // namespace
}  // namespace weir
