#include "weir/rpc/wire/job_values.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "weir/base/random.h"
#include "weir/config/configuration.h"
#include "weir/graph/job/job_graph.h"
#include "weir/rpc/wire/hello.h"
#include "weir/v1/client.pb.h"

namespace weir {
namespace {

using testing::HasSubstr;

SeededRandom seed(11);

// The value after it has been bytes.
template <class Message, class Value>
Value Transported(const Value& value) {
  Message sent;
  ToProto(value, sent);
  Message received;
  EXPECT_TRUE(received.ParseFromString(sent.SerializeAsString()));
  return FromProto(received);
}

TEST(JobValues, CarriesEveryJobStatus) {
  for (int status = 0; status <= static_cast<int>(JobStatus::kReconciling); ++status) {
    JobOverview overview;
    overview.job_id = JobId::Random(seed);
    overview.status = static_cast<JobStatus>(status);
    EXPECT_EQ(Transported<v1::JobOverview>(overview).status, overview.status);
    EXPECT_EQ(Transported<v1::JobOverview>(overview).job_id, overview.job_id);
  }
}

TEST(JobValues, CarriesAResultWhole) {
  JobResult result;
  result.job_name = "late \xff";
  result.status = JobStatus::kFailed;
  result.error = NotFoundError("no file");
  result.accumulators = {{"a", 1}, {"b", -2}};
  result.start_time = FromEventTime(-5);
  result.end_time = FromEventTime(1'700'000'000'123);
  const JobResult got = Transported<v1::JobResult>(result);
  EXPECT_EQ(got.job_name, result.job_name);
  EXPECT_EQ(got.error, result.error);
  EXPECT_EQ(got.accumulators, result.accumulators);
  EXPECT_EQ(got.start_time, result.start_time);
  EXPECT_EQ(got.end_time, result.end_time);
}

TEST(JobValues, CarriesDetailsOfSubtasks) {
  JobDetails details;
  details.waiting_for = "1 of 2 slots";
  details.restarts = 3;
  VertexDetails& vertex = details.vertices.emplace_back();
  vertex.vertex_id = VertexId::Random(seed);
  vertex.is_source = true;
  SubtaskDetails& subtask = vertex.subtasks.emplace_back();
  subtask.state = ExecutionState::kCanceling;
  subtask.task_manager = TaskManagerId("tm");
  subtask.statistics.busy_ns = 9;
  const JobDetails got = Transported<v1::JobDetails>(details);
  EXPECT_EQ(got.waiting_for, details.waiting_for);
  EXPECT_EQ(got.restarts, 3);
  EXPECT_EQ(got.vertices.at(0).vertex_id, vertex.vertex_id);
  EXPECT_TRUE(got.vertices[0].is_source);
  EXPECT_EQ(got.vertices[0].subtasks.at(0).state, ExecutionState::kCanceling);
  EXPECT_EQ(got.vertices[0].subtasks[0].task_manager.value(), "tm");
  EXPECT_EQ(got.vertices[0].subtasks[0].statistics.busy_ns, 9);
}

TEST(JobValues, AnUnknownErrorCodeStaysAnError) {
  v1::Status message;
  message.set_code(77);
  message.set_message("from the future");
  EXPECT_EQ(FromProto(message), UnknownError("from the future"));
}

TEST(JobValues, AnIdOfTheWrongLengthIsNoId) {
  EXPECT_TRUE(IdFromBytes("short").IsZero());
  const Id128 id = Id128::Random(seed);
  EXPECT_EQ(IdFromBytes(IdBytes(id)), id);
}

TEST(JobValues, RefusesASubmissionWithoutAnId) {
  JobSubmission submission;
  submission.graph = std::make_shared<const JobGraph>(JobGraph{.name = "nameless"});
  submission.configuration = std::make_shared<const Configuration>();
  v1::SubmitJobRequest request;
  ToProto(submission, request);
  const StatusOr<JobSubmission> got = FromProto(request);
  ASSERT_FALSE(got.ok());
  EXPECT_THAT(got.status().ToString(), HasSubstr("without an id"));
}

TEST(JobValues, CarriesTheConfigurationOfASubmission) {
  Configuration configuration;
  configuration.SetText("parallelism.default", "4", "test");
  JobSubmission submission{.job_id = JobId::Random(seed),
                           .graph = std::make_shared<const JobGraph>(JobGraph{.name = "j"}),
                           .configuration = std::make_shared<const Configuration>(configuration)};
  v1::SubmitJobRequest request;
  ToProto(submission, request);
  const StatusOr<JobSubmission> got = FromProto(request);
  ASSERT_TRUE(got.ok()) << got.status().ToString();
  EXPECT_EQ(got->job_id, submission.job_id);
  ASSERT_NE(got->configuration->FindEntry("parallelism.default"), nullptr);
  EXPECT_EQ(got->configuration->FindEntry("parallelism.default")->value, "4");
}

TEST(Hello, NamesBothVersionsWhenTheyDiffer) {
  v1::Hello hello;
  FillHello(hello);
  EXPECT_TRUE(CheckHello(hello, "client").ok());
  hello.set_protocol(9);
  EXPECT_THAT(CheckHello(hello, "client").ToString(), HasSubstr("speaks version 9 of the protocol"));
  hello.set_protocol(0);
  EXPECT_THAT(CheckHello(hello, "client").ToString(), HasSubstr("did not say which protocol"));
}

}  // namespace
}  // namespace weir
