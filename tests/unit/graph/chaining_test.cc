#include "weir/graph/chaining.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "weir/graph/job/job_graph_builder.h"

#include "tests/unit/graph/graph_fixture.h"

namespace weir::graph_test {
namespace {

using ::testing::ElementsAre;

std::vector<std::string> VertexNames(TestGraph& graph) {
  StatusOr<JobGraph> built = BuildJobGraph(graph.graph());
  if (!built.ok()) return {built.status().ToString()};
  std::vector<std::string> names;
  for (const JobVertex& vertex : built->vertices) names.push_back(vertex.name);
  return names;
}

class Chaining : public ::testing::Test {
 protected:
  Chaining() {
    source_ = graph_.Source("lines");
    map_ = graph_.Operator("Map", {source_});
    sink_ = graph_.Sink("print", {map_});
  }

  TestGraph graph_;
  int source_, map_, sink_;
};

TEST_F(Chaining, JoinsOperatorsOfEqualParallelismIntoOneVertex) {
  EXPECT_THAT(VertexNames(graph_), ElementsAre("Source: lines -> Map -> Sink: print"));
}

TEST_F(Chaining, SplitsWhereTheParallelismChanges) {
  graph_.Node(map_).parallelism = 2;
  EXPECT_THAT(VertexNames(graph_), ElementsAre("Source: lines", "Map", "Sink: print"));
}

TEST_F(Chaining, SplitsWhereTheSlotSharingGroupChanges) {
  graph_.Node(sink_).slot_sharing_group = "slow";
  EXPECT_THAT(VertexNames(graph_), ElementsAre("Source: lines -> Map", "Sink: print"));
}

TEST_F(Chaining, StartsANewChainAtAHead) {
  graph_.Node(map_).chaining = ChainingStrategy::kHead;
  EXPECT_THAT(VertexNames(graph_), ElementsAre("Source: lines", "Map -> Sink: print"));
}

TEST_F(Chaining, LeavesAnOperatorAloneThatDisablesIt) {
  graph_.Node(map_).chaining = ChainingStrategy::kNever;
  EXPECT_THAT(VertexNames(graph_), ElementsAre("Source: lines", "Map", "Sink: print"));
}

TEST_F(Chaining, IsOffWhenTheConfigurationSaysSo) {
  graph_.config().operator_chaining = false;
  EXPECT_THAT(VertexNames(graph_), ElementsAre("Source: lines", "Map", "Sink: print"));
}

TEST_F(Chaining, NeedsAForwardEdge) {
  for (Partitioner partitioner : {Partitioner::kRebalance, Partitioner::kRescale, Partitioner::kShuffle,
                                  Partitioner::kBroadcast, Partitioner::kGlobal, Partitioner::kCustom}) {
    graph_.LastEdge().partitioner = partitioner;
    EXPECT_THAT(VertexNames(graph_), ElementsAre("Source: lines -> Map", "Sink: print"))
        << PartitionerName(partitioner);
  }
  graph_.LastEdge().partitioner = Partitioner::kForward;
  EXPECT_EQ(VertexNames(graph_).size(), 1u);
}

TEST_F(Chaining, SplitsBetweenTwoMaxParallelismsThatTheProgramSet) {
  graph_.Node(source_).max_parallelism = 256;
  graph_.Node(sink_).max_parallelism = 512;
  EXPECT_THAT(VertexNames(graph_), ElementsAre("Source: lines -> Map", "Sink: print"));
}

TEST_F(Chaining, TakesTheOneMaxParallelismThatTheProgramSetForTheWholeVertex) {
  graph_.Node(map_).max_parallelism = 256;
  const JobGraph built = BuildJobGraph(graph_.graph()).value();
  ASSERT_EQ(built.vertices.size(), 1u);
  EXPECT_EQ(built.vertices[0].max_parallelism, 256);
  EXPECT_FALSE(built.vertices[0].is_max_parallelism_derived);
}

TEST_F(Chaining, NamesBranchesInParentheses) {
  const int filter = graph_.Operator("Filter", {map_});
  graph_.Sink("files", {filter});
  EXPECT_THAT(VertexNames(graph_), ElementsAre("Source: lines -> Map -> (Sink: print, Filter -> Sink: files)"));
}

TEST(ChainingOfKeyedOperators, JoinsOneSubtaskWithOne) {
  TestGraph graph;
  graph.Keyed("Count", graph.Source("lines"));
  EXPECT_THAT(VertexNames(graph), ElementsAre("Source: lines -> Count"));
  const JobGraph built = BuildJobGraph(graph.graph()).value();
  EXPECT_EQ(built.vertices[0].chain[0].partitioner, Partitioner::kHash) << "the state table needs the hashes";
  EXPECT_NE(built.vertices[0].chain[0].code.key_hasher, nullptr);
}

TEST(ChainingOfKeyedOperators, SplitsAtHigherParallelism) {
  TestGraph graph;
  graph.config().environment_parallelism = 2;
  graph.Keyed("Count", graph.Source("lines"));
  EXPECT_THAT(VertexNames(graph), ElementsAre("Source: lines", "Count"));
}

TEST(ChainingOfUnions, NeverJoinsAnOperatorWithTwoInputEdges) {
  TestGraph graph;
  const int a = graph.Source("a");
  graph.Operator("Map", {a, graph.Source("b")});
  EXPECT_THAT(VertexNames(graph), ElementsAre("Source: a", "Source: b", "Map"));
}

TEST(ChainingOfUnions, NeverJoinsAStreamUnitedWithItself) {
  TestGraph graph;
  const int a = graph.Source("a");
  graph.Operator("Map", {a, a});
  EXPECT_THAT(VertexNames(graph), ElementsAre("Source: a", "Map"));
}

TEST(SlotSharing, IsInheritedFromInputsThatAgree) {
  TestGraph graph;
  const int a = graph.Source("a");
  graph.Node(a).slot_sharing_group = "fast";
  graph.Operator("Map", {a});
  EXPECT_EQ(BuildJobGraph(graph.graph()).value().vertices[0].slot_sharing_group, "fast");
}

TEST(SlotSharing, IsDefaultBehindInputsThatDiffer) {
  TestGraph graph;
  const int a = graph.Source("a");
  const int b = graph.Source("b");
  graph.Node(a).slot_sharing_group = "fast";
  graph.Operator("Map", {a, b});
  EXPECT_EQ(BuildJobGraph(graph.graph()).value().vertices[2].slot_sharing_group, "default");
}

}  // namespace
}  // namespace weir::graph_test
