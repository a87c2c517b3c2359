#include "weir/graph/job/plan_json.h"

#include <gtest/gtest.h>

#include "weir/graph/job/job_graph_builder.h"

#include "tests/unit/graph/graph_fixture.h"

namespace weir::graph_test {
namespace {

TestGraph WordCount() {
  TestGraph graph;
  graph.config().job_name = "word count";
  const int source = graph.Source("lines");
  graph.Node(source).uid = "lines";
  const int words = graph.Operator("Flat Map", {source});
  const int count = graph.Keyed("Count", words);
  graph.Node(count).uid = "count";
  graph.Node(count).parallelism = 4;
  graph.Node(graph.Sink("print", {count})).parallelism = 4;
  return graph;
}

TEST(JobPlanJson, IsFlinksPlan) {
  TestGraph graph = WordCount();
  EXPECT_EQ(
      JobPlanJson(BuildJobGraph(graph.graph()).value()),
      R"({"jid":"00000000000000000000000000000000","name":"word count","type":"STREAMING","nodes":[)"
      R"({"id":"c97211f8b7e8b3d56e68852603a5a9a9","parallelism":1,"operator":"","operator_strategy":"",)"
      R"("description":"Source: lines<br/>+- Flat Map<br/>","optimizer_properties":{}},)"
      R"({"id":"810a33751161c4f1c13a840a7727cc8e","parallelism":4,"operator":"","operator_strategy":"",)"
      R"("description":"Count<br/>+- Sink: print<br/>","inputs":[)"
      R"({"num":0,"id":"c97211f8b7e8b3d56e68852603a5a9a9","ship_strategy":"HASH","exchange":"pipelined_bounded"}],)"
      R"("optimizer_properties":{}}]})");
}

TEST(JobPlanJson, EscapesDescriptionsAsHtml) {
  TestGraph graph;
  const int source = graph.Source("a");
  graph.Node(source).description = "x < 3 & y";
  graph.Operator("Map", {source});
  const std::string plan = JobPlanJson(BuildJobGraph(graph.graph()).value());
  EXPECT_NE(plan.find(R"("description":"Source: x &lt; 3 &amp; y<br/>+- Map<br/>")"), std::string::npos) << plan;
}

TEST(JobPlanJson, ReplacesBytesThatAreNotUtf8) {
  TestGraph graph;
  graph.Source("a\xff");
  EXPECT_NE(JobPlanJson(BuildJobGraph(graph.graph()).value()).find("Source: a\xef\xbf\xbd"), std::string::npos);
}

TEST(ExecutionPlanJson, IsFlinksExecutionPlan) {
  TestGraph graph = WordCount();
  EXPECT_EQ(ExecutionPlanJson(graph.graph()),
            R"({"nodes":[)"
            R"({"id":1,"type":"Source: lines","pact":"Data Source","contents":"Source: lines","parallelism":1},)"
            R"({"id":2,"type":"Flat Map","pact":"Operator","contents":"Flat Map","parallelism":1,)"
            R"("predecessors":[{"id":1,"ship_strategy":"FORWARD","side":"second"}]},)"
            R"({"id":3,"type":"Count","pact":"Operator","contents":"Count","parallelism":4,)"
            R"("predecessors":[{"id":2,"ship_strategy":"HASH","side":"second"}]},)"
            R"({"id":4,"type":"Sink: print","pact":"Data Sink","contents":"Sink: print","parallelism":4,)"
            R"("predecessors":[{"id":3,"ship_strategy":"FORWARD","side":"second"}]}]})");
}

}  // namespace
}  // namespace weir::graph_test
