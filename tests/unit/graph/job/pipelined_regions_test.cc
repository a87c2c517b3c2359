#include "weir/graph/job/pipelined_regions.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "weir/graph/job/job_graph_builder.h"

#include "tests/unit/graph/graph_fixture.h"

namespace weir::graph_test {
namespace {

using ::testing::ElementsAre;

TEST(PipelinedRegions, AreOnePerSubtaskAlongForwardEdges) {
  TestGraph graph;
  graph.config().environment_parallelism = 2;
  const int map = graph.Operator("Map", {graph.Source("a")});
  graph.Node(map).chaining = ChainingStrategy::kHead;
  EXPECT_THAT(
      PipelinedRegions(BuildJobGraph(graph.graph()).value()),
      ElementsAre(ElementsAre(SubtaskRef{0, 0}, SubtaskRef{1, 0}), ElementsAre(SubtaskRef{0, 1}, SubtaskRef{1, 1})));
}

TEST(PipelinedRegions, JoinWhatAnAllToAllEdgeConnects) {
  TestGraph graph;
  graph.config().environment_parallelism = 3;
  graph.Keyed("Count", graph.Source("a"));
  graph.Source("apart");
  EXPECT_EQ(PipelinedRegions(BuildJobGraph(graph.graph()).value()).size(), 4u);
}

}  // namespace
}  // namespace weir::graph_test
