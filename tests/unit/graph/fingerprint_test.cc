#include "weir/graph/fingerprint.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

#include "weir/graph/job/attach_code.h"
#include "weir/graph/job/job_graph_builder.h"

#include "tests/unit/graph/graph_fixture.h"

namespace weir::graph_test {
namespace {

using ::testing::HasSubstr;

struct Example {
  Example() {
    source = graph.Source("lines");
    count = graph.Keyed("Count", source);
    graph.Node(count).states = {{"seen", StateKind::kValue, &kNumberOps, Ttl()}};
    sink = graph.Sink("print", {count});
    graph.config().arguments = {"--input", "a.csv"};
  }
  GraphFingerprint Fingerprint() { return FingerprintOf(graph.graph(), "abc"); }

  TestGraph graph;
  int source, count, sink;
};

std::string Difference(Example& submitted, Example& rebuilt) {
  const GraphFingerprint there = submitted.Fingerprint();
  const GraphFingerprint here = rebuilt.Fingerprint();
  const Status checked = CheckFingerprint(there, here);
  EXPECT_EQ(checked.ok(), there.Digest() == here.Digest());
  return checked.ToString();
}

TEST(Fingerprint, IgnoresNamesParallelismAndConfiguration) {
  Example submitted, rebuilt;
  rebuilt.graph.Node(rebuilt.count).name = "counts";
  rebuilt.graph.Node(rebuilt.count).parallelism = 8;
  rebuilt.graph.config().values = {{"state.backend.type", "rocksdb"}};
  EXPECT_EQ(Difference(submitted, rebuilt), "OK");
}

TEST(Fingerprint, NamesTheStateThatDiffers) {
  Example submitted, rebuilt;
  rebuilt.graph.Node(rebuilt.count).states[0].ops = &kTextOps;
  EXPECT_THAT(
      Difference(submitted, rebuilt),
      HasSubstr("of operator \"Count\" (number 2), state \"seen\" was value of int64 and is now value of string"));
}

TEST(Fingerprint, NamesTheRecordTypeThatDiffers) {
  Example submitted, rebuilt;
  rebuilt.graph.Node(rebuilt.source).output = &kText;
  EXPECT_THAT(Difference(submitted, rebuilt),
              HasSubstr("of operator \"lines\" (number 1), type of its output was int64 and is now string"));
}

TEST(Fingerprint, NamesTheUidThatDiffers) {
  Example submitted, rebuilt;
  rebuilt.graph.Node(rebuilt.sink).uid = "out";
  EXPECT_THAT(Difference(submitted, rebuilt),
              HasSubstr("of operator \"print\" (number 3), uid was none and is now out"));
}

TEST(Fingerprint, NamesTheEdgeThatDiffers) {
  Example submitted, rebuilt;
  rebuilt.graph.LastEdge().partitioner = Partitioner::kGlobal;
  EXPECT_THAT(Difference(submitted, rebuilt), HasSubstr("of operator \"print\" (number 3), producer 1 was operator "));
}

TEST(Fingerprint, NamesAnOperatorThatIsMissingOrNew) {
  Example submitted, rebuilt;
  submitted.graph.Sink("files", {submitted.count});
  EXPECT_THAT(Difference(submitted, rebuilt), HasSubstr("operator \"files\" (number 4) is missing"));
  EXPECT_THAT(Difference(rebuilt, submitted), HasSubstr("operator \"files\" (number 4) was not submitted"));
}

TEST(Fingerprint, NamesTheArgumentThatDiffers) {
  Example submitted, rebuilt;
  rebuilt.graph.config().arguments = {"--input", "b.csv"};
  EXPECT_THAT(Difference(submitted, rebuilt), HasSubstr("argument 2 was \"a.csv\" and is now \"b.csv\""));
}

TEST(Fingerprint, ComparesTheExecutableWhereBothKnowIt) {
  Example example;
  GraphFingerprint unknown = example.Fingerprint();
  unknown.executable.clear();
  GraphFingerprint other = example.Fingerprint();
  other.executable = "def";
  EXPECT_TRUE(CheckFingerprint(example.Fingerprint(), unknown).ok());
  EXPECT_FALSE(CheckFingerprint(example.Fingerprint(), other).ok());
}

TEST(AttachCode, FillsAGraphDeployedAtAnotherParallelism) {
  Example submitted, rebuilt;
  submitted.graph.config().command_line_parallelism = 4;
  JobGraph deployed = BuildJobGraph(submitted.graph.graph()).value();
  ASSERT_EQ(deployed.edges.size(), 1u);
  deployed.edges[0].code = {};
  for (JobVertex& vertex : deployed.vertices) {
    for (JobOperator& each : vertex.operators) each.code = {};
    for (ChainEdge& edge : vertex.chain) edge.code = {};
  }
  ASSERT_TRUE(AttachCode(rebuilt.graph.graph(), deployed).ok());
  EXPECT_EQ(deployed.vertices[1].operators[0].code.factory, rebuilt.graph.Node(rebuilt.count).factory);
  EXPECT_EQ(deployed.edges[0].code.key_hasher, rebuilt.graph.graph().edges[0].key_hasher);
  EXPECT_EQ(deployed.vertices[1].chain[0].code.type, &kNumbers);
}

TEST(AttachCode, RefusesAnotherProgram) {
  Example submitted, rebuilt;
  rebuilt.graph.Node(rebuilt.sink).uid = "out";
  JobGraph deployed = BuildJobGraph(submitted.graph.graph()).value();
  EXPECT_THAT(AttachCode(rebuilt.graph.graph(), deployed).ToString(), HasSubstr("\"print\""));
}

}  // namespace
}  // namespace weir::graph_test
