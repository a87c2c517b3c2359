#include "weir/graph/job/job_graph_codec.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

#include "weir/base/hash.h"
#include "weir/base/random.h"
#include "weir/graph/job/attach_code.h"
#include "weir/graph/job/job_graph_builder.h"
#include "weir/graph/job/plan_json.h"
#include "weir/v1/job_graph.pb.h"

#include "tests/unit/graph/graph_fixture.h"

namespace weir::graph_test {
namespace {

using ::testing::HasSubstr;

// A graph in which every field of the format has a value.
TestGraph FullGraph() {
  TestGraph graph;
  graph.config().command_line_parallelism = 2;
  graph.config().values = {{"execution.checkpointing.interval", "10 s"}};
  graph.config().arguments = {"--input", "a.csv"};
  const int source = graph.Source("lines");
  graph.Node(source).is_bounded = true;
  const int count = graph.Keyed("Count", source);
  StreamNode& counter = graph.Node(count);
  counter.uid = "counts";
  counter.uid_hash = "000102030405060708090a0b0c0d0e0f";
  counter.description = "per word";
  counter.max_parallelism = 64;
  counter.slot_sharing_group = "slow";
  counter.states = {{"seen", StateKind::kReducing, &kNumberOps, Ttl(Duration(5000))}};
  counter.operator_states = {{"offsets", Redistribution::kUnion, "int64"}};
  counter.side_outputs = {{"late", &kNumbers}};
  graph.Node(graph.Sink("print", {count})).is_blocking = true;
  graph.LastEdge().side_output = "late";
  return graph;
}

JobGraph FullJobGraph() {
  TestGraph graph = FullGraph();
  JobGraph built = BuildJobGraph(graph.graph(), "5ha256").value();
  built.id = JobId(Id128{1, 2});
  return built;
}

TEST(JobGraphCodec, ReadsBackHowToRunTheProgram) {
  JobGraph graph = FullJobGraph();
  EarlierJob earlier{.job_id = JobId(Id128{3, 4}), .name = "first", .status = NotFoundError("no file")};
  earlier.accumulators = {{"rows", -7}};
  earlier.runtime = Duration(1234);
  earlier.is_detached = true;
  graph.program = {.executable = "5ha256", .name = "job", .working_directory = "/home", .earlier = {earlier}};
  graph.program.library_build_id = "b1d";
  graph.program.library = "l1b";
  const JobProgram read = DecodeJobGraph(EncodeJobGraph(graph)).value().program;
  EXPECT_EQ(read.executable, "5ha256");
  EXPECT_EQ(read.name, "job");
  EXPECT_EQ(read.working_directory, "/home");
  EXPECT_EQ(read.library_build_id, "b1d");
  EXPECT_EQ(read.library, "l1b");
  ASSERT_EQ(read.earlier.size(), 1u);
  EXPECT_EQ(read.earlier[0].job_id, earlier.job_id);
  EXPECT_EQ(read.earlier[0].name, earlier.name);
  EXPECT_EQ(read.earlier[0].status, earlier.status);
  EXPECT_EQ(read.earlier[0].accumulators, earlier.accumulators);
  EXPECT_EQ(read.earlier[0].runtime, earlier.runtime);
  EXPECT_TRUE(read.earlier[0].is_detached);
}

TEST(JobGraphCodec, ReadsBackWhatItWrote) {
  const JobGraph graph = FullJobGraph();
  const std::string bytes = EncodeJobGraph(graph);
  const JobGraph read = DecodeJobGraph(bytes).value();
  EXPECT_EQ(EncodeJobGraph(read), bytes);
  EXPECT_EQ(JobPlanJson(read), JobPlanJson(graph));
  EXPECT_EQ(read.fingerprint.Digest(), graph.fingerprint.Digest());
  EXPECT_EQ(read.id, graph.id);
  EXPECT_EQ(read.edges[0].gate, graph.edges[0].gate);
  EXPECT_EQ(read.vertices[1].operators[0].restore_id.ToHex(), "000102030405060708090a0b0c0d0e0f");
  EXPECT_EQ(read.vertices[1].operators[0].states[0].kind, StateKind::kReducing);
  EXPECT_EQ(read.vertices[1].operators[0].states[0].ttl, Duration(5000));
  EXPECT_EQ(read.vertices[1].chain[0].source_output, 1);
}

// The job store keeps these bytes across versions.
TEST(JobGraphCodec, WritesTheSameBytesForEver) {
  const std::string bytes = EncodeJobGraph(FullJobGraph());
  EXPECT_EQ(bytes.size(), 1185u);
  EXPECT_EQ(HashBytes(bytes), 14928622942968184795u);
}

TEST(JobGraphCodec, LeavesCodeBehindUntilItIsAttached) {
  JobGraph read = DecodeJobGraph(EncodeJobGraph(FullJobGraph())).value();
  EXPECT_EQ(read.vertices[0].operators[0].code.factory, nullptr);
  EXPECT_EQ(read.edges[0].code.key_hasher, nullptr);
  TestGraph program = FullGraph();
  ASSERT_TRUE(AttachCode(program.graph(), read).ok());
  EXPECT_NE(read.vertices[0].operators[0].code.factory, nullptr);
  EXPECT_NE(read.edges[0].code.key_hasher, nullptr);
}

TEST(JobGraphCodec, KeepsTextsThatAreNotUtf8) {
  TestGraph graph;
  graph.Source("a\xff");
  graph.config().arguments = {"--input", "caf\xe9.csv"};
  const JobGraph read = DecodeJobGraph(EncodeJobGraph(BuildJobGraph(graph.graph()).value())).value();
  EXPECT_EQ(read.vertices[0].name, "Source: a\xff");
  EXPECT_EQ(read.fingerprint.arguments[1], "caf\xe9.csv");
}

TEST(JobGraphCodec, RefusesBytesThatAreNoGraph) {
  EXPECT_EQ(DecodeJobGraph("weir\xff\xff").status().code(), StatusCode::kDataLoss);
  EXPECT_EQ(DecodeJobGraph("").status().code(), StatusCode::kDataLoss);
}

TEST(JobGraphCodec, RefusesAFormatThatIsNewer) {
  v1::JobGraph message;
  message.set_format(2);
  EXPECT_EQ(FromProto(message).status().code(), StatusCode::kUnimplemented);
}

TEST(JobGraphCodec, RefusesAnEdgeToNowhere) {
  v1::JobGraph message;
  ToProto(FullJobGraph(), message);
  message.mutable_edges(0)->set_target_vertex(7);
  EXPECT_THAT(FromProto(message).status().ToString(),
              HasSubstr("job graph \"test\" is damaged: an edge leads to a vertex that is not behind its producer"));
}

TEST(JobGraphCodec, SurvivesEveryTruncation) {
  const std::string bytes = EncodeJobGraph(FullJobGraph());
  for (size_t length = 0; length < bytes.size(); ++length) {
    const StatusOr<JobGraph> read = DecodeJobGraph(std::string_view(bytes).substr(0, length));
    EXPECT_TRUE(!read.ok() || !JobPlanJson(*read).empty()) << length;
  }
}

// Whatever is read without an error is consistent: every position in it can be followed.
TEST(JobGraphCodec, SurvivesDamagedBytes) {
  const std::string bytes = EncodeJobGraph(FullJobGraph());
  for (uint64_t seed = 0; seed < 2000; ++seed) {
    SeededRandom random(seed);
    std::string damaged = bytes;
    for (int i = 0; i < 3; ++i) damaged[random.Uniform(damaged.size())] = static_cast<char>(random.Next());
    const StatusOr<JobGraph> read = DecodeJobGraph(damaged);
    if (!read.ok()) continue;
    EXPECT_FALSE(JobPlanJson(*read).empty()) << "seed " << seed;
    EXPECT_EQ(EncodeJobGraph(DecodeJobGraph(EncodeJobGraph(*read)).value()), EncodeJobGraph(*read)) << "seed " << seed;
  }
}

}  // namespace
}  // namespace weir::graph_test
