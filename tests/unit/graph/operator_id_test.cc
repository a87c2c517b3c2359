#include "weir/graph/operator_id.h"

#include <gtest/gtest.h>

#include <set>
#include <vector>

#include "weir/graph/job/job_graph_builder.h"

#include "tests/unit/graph/graph_fixture.h"

namespace weir::graph_test {
namespace {

OperatorId IdOf(TestGraph& graph, int node) {
  return AssignOperatorIds(graph.graph(), GraphTopology(graph.graph()))[node - 1];
}

struct Example {
  Example() {
    source = graph.Source("lines");
    map = graph.Operator("Map", {source});
    count = graph.Keyed("Count", map);
    sink = graph.Sink("print", {count});
  }
  TestGraph graph;
  int source, map, count, sink;
};

// Savepoints hold state under these ids: a change here loses the state of every job without uids.
TEST(OperatorIds, AreTheSameForEver) {
  Example example;
  EXPECT_EQ(IdOf(example.graph, example.source).ToHex(), "e54e4ddf199376f4cb05bc8853b8d9ed");
  EXPECT_EQ(IdOf(example.graph, example.count).ToHex(), "159f15810aca6f855b4117452efb3c7c");
  EXPECT_EQ(OperatorIdOfUid("hourly").ToHex(), "904c257f67b1e3b8f99b0224d6feb66a");
}

TEST(OperatorIds, AreAllDifferent) {
  Example example;
  const int twin = example.graph.Operator("Map", {example.source});
  std::set<OperatorId> ids;
  for (int node = 1; node <= twin; ++node) ids.insert(IdOf(example.graph, node));
  EXPECT_EQ(ids.size(), static_cast<size_t>(twin));
}

TEST(OperatorIds, DoNotDependOnNamesParallelismAndChaining) {
  Example plain, changed;
  changed.graph.Node(changed.map).name = "Parse";
  changed.graph.Node(changed.map).parallelism = 7;
  changed.graph.Node(changed.count).chaining = ChainingStrategy::kNever;
  for (int node : {plain.source, plain.map, plain.count, plain.sink}) {
    EXPECT_EQ(IdOf(plain.graph, node), IdOf(changed.graph, node)) << node;
  }
}

TEST(OperatorIds, StayWhenABranchOrASourceIsAdded) {
  Example plain, changed;
  changed.graph.Sink("files", {changed.map});
  changed.graph.Operator("Map", {changed.graph.Source("more")});
  for (int node : {plain.source, plain.map, plain.count, plain.sink}) {
    EXPECT_EQ(IdOf(plain.graph, node), IdOf(changed.graph, node)) << node;
  }
}

TEST(OperatorIds, FollowTheUidWhateverComesBefore) {
  Example plain, changed;
  plain.graph.Node(plain.count).uid = "counts";
  const int filter = changed.graph.Operator("Filter", {changed.map});
  const int count = changed.graph.Keyed("Count", filter);
  changed.graph.Node(count).uid = "counts";
  const int sink = changed.graph.Sink("print", {count});
  EXPECT_EQ(IdOf(plain.graph, plain.count), IdOf(changed.graph, count));
  EXPECT_EQ(IdOf(plain.graph, plain.sink), IdOf(changed.graph, sink)) << "an operator without uid behind one with uid";
}

TEST(OperatorIds, AUidHashIsRestoredFromButNotStoredUnder) {
  Example example;
  const OperatorId own = IdOf(example.graph, example.count);
  example.graph.Node(example.count).uid_hash = "000102030405060708090a0b0c0d0e0f";
  const JobGraph built = BuildJobGraph(example.graph.graph()).value();
  const auto [vertex, position] = built.Locate(own);
  ASSERT_GE(vertex, 0);
  EXPECT_EQ(built.vertices[vertex].operators[position].restore_id.ToHex(), "000102030405060708090a0b0c0d0e0f");
}

TEST(OperatorIds, AVertexHasTheIdOfItsFirstOperator) {
  Example example;
  const JobGraph built = BuildJobGraph(example.graph.graph()).value();
  EXPECT_EQ(built.vertices[0].id.value(), IdOf(example.graph, example.source).value());
  EXPECT_EQ(built.IndexOf(built.vertices[0].id), 0);
}

}  // namespace
}  // namespace weir::graph_test
