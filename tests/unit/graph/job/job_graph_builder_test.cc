#include "weir/graph/job/job_graph_builder.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "weir/types/schema/schema.h"

#include "tests/unit/graph/graph_fixture.h"

namespace weir::graph_test {
namespace {

using ::testing::ElementsAre;

JobGraph Build(TestGraph& graph) {
  StatusOr<JobGraph> built = BuildJobGraph(graph.graph());
  EXPECT_TRUE(built.ok()) << built.status().ToString();
  return std::move(built).value();
}

TEST(BuildJobGraph, ConnectsVerticesByNumberedResultsAndGates) {
  TestGraph graph;
  const int a = graph.Source("a");
  const int b = graph.Source("b");
  graph.CoOperator("Join", a, b);
  const JobGraph built = Build(graph);
  ASSERT_EQ(built.edges.size(), 2u);
  EXPECT_THAT(built.vertices[2].inputs, ElementsAre(0, 1));
  EXPECT_THAT(built.vertices[1].outputs, ElementsAre(1));
  const JobEdge& second = built.edges[1];
  EXPECT_EQ(second.source_vertex, 1);
  EXPECT_EQ(second.result, 0);
  EXPECT_EQ(second.target_vertex, 2);
  EXPECT_EQ(second.gate, 1);
  EXPECT_EQ(second.target_input, 1);
  EXPECT_EQ(second.code.type, &kNumbers);
  EXPECT_EQ(second.record_schema, "int64");
}

TEST(BuildJobGraph, TurnsUnsaidPartitioningIntoForwardOrRebalance) {
  TestGraph graph;
  const int a = graph.Source("a");
  const int same = graph.Operator("same", {a});
  graph.Node(same).chaining = ChainingStrategy::kHead;
  graph.Node(graph.Operator("more", {a})).parallelism = 3;
  const JobGraph built = Build(graph);
  EXPECT_EQ(built.edges[0].partitioner, Partitioner::kForward);
  EXPECT_EQ(built.edges[1].partitioner, Partitioner::kRebalance);
}

TEST(BuildJobGraph, GivesEachConsumerOfASideOutputItsNumber) {
  TestGraph graph;
  const int a = graph.Source("a");
  graph.Node(a).side_outputs = {{"early", &kText}, {"late", &kNumbers}};
  const int late = graph.Operator("late", {a});
  graph.LastEdge().side_output = "late";
  graph.Node(late).chaining = ChainingStrategy::kHead;
  const JobGraph built = Build(graph);
  EXPECT_EQ(built.edges[0].source_output, 2);
  EXPECT_EQ(built.edges[0].code.type, &kNumbers);
}

TEST(BuildJobGraph, TakesParallelismFromTheOperatorBeforeEnvironmentCommandLineAndConfiguration) {
  TestGraph graph;
  const int a = graph.Source("a");
  graph.config().configured_parallelism = 2;
  EXPECT_EQ(Build(graph).vertices[0].parallelism, 2);
  graph.config().command_line_parallelism = 3;
  EXPECT_EQ(Build(graph).vertices[0].parallelism, 3);
  graph.config().environment_parallelism = 4;
  EXPECT_EQ(Build(graph).vertices[0].parallelism, 4);
  graph.Node(a).parallelism = 5;
  EXPECT_EQ(Build(graph).vertices[0].parallelism, 5);
  graph.Node(a).parallelism = 0;
  graph.Node(a).is_non_parallel = true;
  EXPECT_EQ(Build(graph).vertices[0].parallelism, 1);
}

TEST(BuildJobGraph, GivesTheEnvironmentsMaxParallelismWhereNoneIsSet) {
  TestGraph graph;
  graph.Source("a");
  graph.config().max_parallelism = 300;
  EXPECT_EQ(Build(graph).vertices[0].max_parallelism, 300);
  graph.config().max_parallelism = 0;
  graph.config().environment_parallelism = 100;
  EXPECT_EQ(Build(graph).vertices[0].max_parallelism, 256);
}

TEST(BuildJobGraph, GivesAVertexAThreadIfOneOfItsOperatorsBlocks) {
  TestGraph graph;
  graph.Node(graph.Sink("database", {graph.Source("a")})).is_blocking = true;
  EXPECT_TRUE(Build(graph).vertices[0].is_blocking);
}

TEST(BuildJobGraph, DescribesAChainAsATree) {
  TestGraph graph;
  const int a = graph.Source("a");
  const int map = graph.Operator("Map", {a});
  graph.Sink("print", {map});
  graph.Node(graph.Operator("Filter", {a})).description = "delay > 10";
  EXPECT_EQ(Build(graph).vertices[0].description,
            "Source: a\n"
            ":- Map\n"
            ":  +- Sink: print\n"
            "+- delay > 10");
}

TEST(BuildJobGraph, KeepsTheOperatorsSchemas) {
  TestGraph graph;
  const int count = graph.Keyed("Count", graph.Source("a"));
  graph.Node(count).states = {{"seen", StateKind::kValue, &kNumberOps, Ttl()}};
  graph.Node(count).side_outputs = {{"late", &kText}};
  const JobOperator made = Build(graph).vertices[0].operators[1];
  EXPECT_EQ(made.key_schema, "int64");
  EXPECT_THAT(made.input_schemas, ElementsAre("int64"));
  EXPECT_THAT(made.stored_input_schemas, ElementsAre(Schema(TypeKind::kInt64).Encode()));
  ASSERT_EQ(made.states.size(), 1u);
  EXPECT_EQ(made.states[0].schema, "int64");
  EXPECT_EQ(made.side_outputs[0].schema, "string");
}

}  // namespace
}  // namespace weir::graph_test
