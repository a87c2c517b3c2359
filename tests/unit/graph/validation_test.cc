#include "weir/graph/validation.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

#include "tests/unit/graph/graph_fixture.h"

namespace weir::graph_test {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;

std::string ErrorOf(TestGraph& graph) { return ValidateStreamGraph(graph.graph()).ToString(); }

class Validation : public ::testing::Test {
 protected:
  Validation() {
    source_ = graph_.Source("lines");
    map_ = graph_.Operator("Map", {source_});
    sink_ = graph_.Sink("print", {map_});
  }

  TestGraph graph_;
  int source_, map_, sink_;
};

TEST_F(Validation, AcceptsACorrectGraph) { EXPECT_EQ(ErrorOf(graph_), "OK"); }

TEST_F(Validation, NamesBothOperatorsOfADuplicateUid) {
  graph_.Node(source_).uid = graph_.Node(map_).uid = "a";
  EXPECT_EQ(
      ErrorOf(graph_),
      "INVALID_ARGUMENT: job \"test\" cannot run: operator \"Map\" (uid \"a\", number 2) has the same uid \"a\" as "
      "operator \"lines\" (uid \"a\", number 1): state is found by it, so each operator needs one of its own.");
}

TEST_F(Validation, ReportsAllMistakesTogether) {
  graph_.Node(map_).parallelism = -1;
  graph_.Node(sink_).max_parallelism = 70000;
  EXPECT_THAT(ErrorOf(graph_), AllOf(HasSubstr("2 mistakes"), HasSubstr("\n  1. operator \"Map\""),
                                     HasSubstr("\n  2. operator \"print\"")));
}

TEST_F(Validation, RefusesBatchModeAndSaysWhatToDo) {
  graph_.config().runtime_mode = RuntimeMode::kBatch;
  EXPECT_EQ(ValidateStreamGraph(graph_.graph()).code(), StatusCode::kUnimplemented);
  EXPECT_THAT(ErrorOf(graph_), HasSubstr("Remove the setting"));
}

TEST_F(Validation, RefusesAJobWithoutOperators) {
  TestGraph empty;
  EXPECT_THAT(ErrorOf(empty), HasSubstr("it has no operators"));
}

TEST_F(Validation, RefusesForwardBetweenDifferentParallelism) {
  graph_.Node(sink_).parallelism = 2;
  graph_.LastEdge().partitioner = Partitioner::kForward;
  EXPECT_THAT(ErrorOf(graph_), AllOf(HasSubstr("operator \"print\" (number 3) has parallelism 2"),
                                     HasSubstr("operator \"Map\" (number 2) forwards"), HasSubstr("Use Rebalance")));
}

TEST_F(Validation, RefusesMoreSubtasksThanTheMaxParallelism) {
  graph_.config().max_parallelism = 10;
  graph_.Node(map_).parallelism = 11;
  EXPECT_THAT(ErrorOf(graph_), HasSubstr("has parallelism 11, more than its max parallelism 10"));
}

TEST_F(Validation, RefusesParallelismOfAnOperatorWithOneSubtask) {
  graph_.Node(source_).is_non_parallel = true;
  graph_.Node(source_).parallelism = 2;
  EXPECT_THAT(ErrorOf(graph_),
              HasSubstr("operator \"lines\" (number 1) has parallelism 2 but can run in one subtask only"));
}

TEST_F(Validation, RefusesAUidHashThatIsNone) {
  graph_.Node(map_).uid_hash = "counts";
  EXPECT_THAT(ErrorOf(graph_), HasSubstr("has the uid hash \"counts\"; SetUidHash takes 32 hexadecimal digits"));
}

TEST_F(Validation, WantsUidsWhenTheyAreNotGenerated) {
  graph_.Node(source_).uid = "lines";
  graph_.Node(sink_).uid = "sink";
  graph_.config().auto_generate_uids = false;
  EXPECT_THAT(ErrorOf(graph_), HasSubstr("operator \"Map\" (number 2) has no uid"));
}

TEST_F(Validation, RefusesAnUnknownSideOutput) {
  graph_.LastEdge().side_output = "late";
  EXPECT_THAT(ErrorOf(graph_),
              HasSubstr("operator \"Map\" (number 2) has no side output \"late\", which operator \"print\""));
}

TEST_F(Validation, RefusesRecordsOfAnotherType) {
  graph_.Node(map_).side_outputs = {{"late", &kText}};
  graph_.LastEdge().side_output = "late";
  EXPECT_THAT(ErrorOf(graph_), HasSubstr("takes records of type int64"));
}

TEST_F(Validation, RefusesTwoStatesOfOneName) {
  graph_.Node(map_).states = {{"seen", StateKind::kValue, &kNumberOps, Ttl()},
                              {"seen", StateKind::kMap, &kNumberOps, Ttl()}};
  EXPECT_THAT(ErrorOf(graph_), AllOf(HasSubstr("operator \"Map\""), HasSubstr("\"seen\"")));
}

TEST_F(Validation, RefusesAnInputThatNothingFeeds) {
  graph_.Node(map_).inputs = {&kNumbers, &kNumbers};
  EXPECT_THAT(ErrorOf(graph_), HasSubstr("operator \"Map\" (number 2) has nothing on its input 2"));
}

TEST_F(Validation, RefusesACycle) {
  graph_.graph().edges.push_back({.source = map_, .target = map_});
  EXPECT_THAT(ErrorOf(graph_), HasSubstr("cycle"));
}

TEST_F(Validation, RefusesAStreamOfAnotherEnvironment) {
  graph_.LastEdge().source = 17;
  EXPECT_THAT(ErrorOf(graph_),
              HasSubstr("operator \"print\" (number 3) is connected to an operator of another environment"));
}

}  // namespace
}  // namespace weir::graph_test
