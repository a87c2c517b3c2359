#include "weir/runtime/task/operator_chain.h"

#include <gtest/gtest.h>

#include "tests/harness/status_matchers.h"
#include "tests/unit/runtime/task/scripted_operator.h"

namespace weir {
namespace {

OperatorContext NoContext(size_t) { return {}; }

class OperatorChainTest : public ::testing::Test {
 protected:
  OperatorChain& Make(std::vector<Script> scripts) {
    for (Script& script : scripts) script.journal = &journal_;
    chain_ = std::make_unique<OperatorChain>(ChainOf(std::move(scripts)), std::vector<PartitionWriter*>());
    return *chain_;
  }
  OperatorChain& Open(std::vector<Script> scripts) {
    Make(std::move(scripts));
    EXPECT_OK(chain_->Open(NoContext));
    journal_.clear();
    return *chain_;
  }
  Status Process(int64_t value) { return chain_->ProcessBatch(0, batches_.Make({{.value = value}})); }

  BatchMaker<SmallRow> batches_;
  Journal journal_;
  std::unique_ptr<OperatorChain> chain_;
};

TEST_F(OperatorChainTest, OpensTheLastOperatorFirstAndClosesTheHeadFirst) {
  OperatorChain& chain = Make({{.name = "a"}, {.name = "b"}, {.name = "c"}});
  ASSERT_OK(chain.Open(NoContext));
  ASSERT_OK(chain.Close(false));
  EXPECT_EQ(journal_, (Journal{"c: Open", "b: Open", "a: Open", "a: Close", "b: Close", "c: Close"}));
}

TEST_F(OperatorChainTest, ClosesOnlyWhatItBeganToOpen) {
  OperatorChain& chain = Make({{.name = "a"}, {.name = "b", .fails_in = "Open"}, {.name = "c"}});
  EXPECT_TRUE(IsError(chain.Open(NoContext), StatusCode::kInvalidArgument, "operator \"b\": refused in Open"));
  journal_.clear();
  ASSERT_OK(chain.Close(true));
  EXPECT_EQ(journal_, (Journal{"b: Close failed", "c: Close failed"}));
}

TEST_F(OperatorChainTest, ClosesEveryOperatorAndReturnsTheFirstError) {
  OperatorChain& chain = Open({{.name = "a", .fails_in = "Close"}, {.name = "b", .fails_in = "Close"}});
  EXPECT_TRUE(IsError(chain.Close(false), StatusCode::kInvalidArgument, "operator \"a\""));
  EXPECT_EQ(journal_, (Journal{"a: Close", "b: Close"}));
}

TEST_F(OperatorChainTest, PassesBatchesDownTheChain) {
  Open({{.name = "a"}, {.name = "b"}});
  ASSERT_OK(Process(1));
  EXPECT_EQ(journal_, (Journal{"a: Process 1", "b: Process 1"}));
}

TEST_F(OperatorChainTest, RestoredRowsComeBeforeAllElseTheLastOperatorsFirst) {
  Open({{.name = "a"}, {.name = "b"}, {.name = "c"}});
  ASSERT_OK(chain_->HoldRestored(1, batches_.Make({{.value = 1}})));
  ASSERT_OK(chain_->HoldRestored(2, batches_.Make({{.value = 2}})));
  ASSERT_OK(chain_->HoldRestored(2, batches_.Make({{.value = 3}})));
  while (chain_->HasWork()) ASSERT_OK(chain_->Resume(1));
  ASSERT_OK(Process(4));
  EXPECT_EQ(journal_, (Journal{"c: Process 2", "c: Process 3", "b: Process 1", "c: Process 1", "a: Process 4",
                               "b: Process 4", "c: Process 4"}));
}

TEST_F(OperatorChainTest, RestoredRowsAreWorkInPieces) {
  Open({{.name = "a"}, {.name = "b"}});
  ASSERT_OK(chain_->HoldRestored(1, batches_.Make({{.value = 1}})));
  ASSERT_OK(chain_->HoldRestored(1, batches_.Make({{.value = 2}})));
  ASSERT_OK(chain_->Resume(1));
  EXPECT_EQ(journal_, Journal{"b: Process 1"});
  EXPECT_TRUE(chain_->HasWork());
}

TEST_F(OperatorChainTest, EndsOperatorsFromTheHeadOn) {
  OperatorChain& chain = Open({{.name = "a"}, {.name = "b"}});
  ASSERT_OK(chain.EndInput(0));
  EXPECT_EQ(journal_, (Journal{"a: EndInput 0", "b: EndInput 0"}));
  EXPECT_TRUE(chain.finished());
}

TEST_F(OperatorChainTest, WaitsForBothInputsOfItsHead) {
  std::vector<ChainedOperator> operators =
      ChainOf({{.name = "a", .journal = &journal_}, {.name = "b", .journal = &journal_}});
  operators[0].inputs = 2;
  OperatorChain chain(std::move(operators), {});
  ASSERT_OK(chain.Open(NoContext));
  journal_.clear();
  ASSERT_OK(chain.EndInput(1));
  EXPECT_FALSE(chain.finished());
  ASSERT_OK(chain.EndInput(0));
  EXPECT_EQ(journal_, (Journal{"a: EndInput 1", "a: EndInput 0", "b: EndInput 0"}));
}

TEST_F(OperatorChainTest, DoesNotEndAnOperatorThatStillHasWork) {
  OperatorChain& chain = Open({{.name = "a", .work_per_batch = 2}, {.name = "b"}});
  ASSERT_OK(Process(1));
  ASSERT_OK(chain.EndInput(0));
  EXPECT_FALSE(chain.finished());
  while (chain.HasWork()) ASSERT_OK(chain.Resume(1));
  EXPECT_TRUE(chain.finished());
  EXPECT_EQ(journal_, (Journal{"a: Process 1", "b: Process 1", "a: Resume", "b: Process 1001", "a: Resume",
                               "b: Process 1000", "a: EndInput 0", "b: EndInput 0"}));
}

TEST_F(OperatorChainTest, ResumesTheLastOperatorWithWorkFirst) {
  OperatorChain& chain = Open({{.name = "a", .work_per_batch = 1}, {.name = "b", .work_per_batch = 1}, {.name = "c"}});
  ASSERT_OK(Process(1));
  journal_.clear();
  ASSERT_OK(chain.Resume(1));
  EXPECT_EQ(journal_.front(), "b: Resume");
}

TEST_F(OperatorChainTest, KeepsBatchesInOrderBehindAnOperatorWithWork) {
  OperatorChain& chain = Open({{.name = "a"}, {.name = "b", .work_per_batch = 1}, {.name = "c"}});
  ASSERT_OK(Process(1));
  ASSERT_OK(Process(2));
  while (chain.HasWork()) ASSERT_OK(chain.Resume(1));
  EXPECT_EQ(journal_, (Journal{"a: Process 1", "b: Process 1", "c: Process 1", "a: Process 2", "b: Resume",
                               "c: Process 1000", "b: Process 2", "c: Process 2", "b: Resume", "c: Process 1000"}));
}

TEST_F(OperatorChainTest, LeavesWorkAloneWhileItMustWait) {
  bool waits = true;
  OperatorChain& chain =
      Open({{.name = "a", .work_per_batch = 1}, {.name = "b", .work_per_batch = 1, .waits = &waits}, {.name = "c"}});
  ASSERT_OK(Process(1));
  EXPECT_TRUE(chain.HasWork());
  EXPECT_FALSE(chain.CanResume()) << "what a makes would pile up in front of b";
  waits = false;
  ASSERT_OK(chain.OnLetters());
  EXPECT_TRUE(chain.CanResume());
}

TEST_F(OperatorChainTest, GoesOnBehindAnOperatorThatWaits) {
  bool waits = true;
  OperatorChain& chain =
      Open({{.name = "a", .work_per_batch = 1, .waits = &waits}, {.name = "b", .work_per_batch = 1}, {.name = "c"}});
  ASSERT_OK(Process(1));
  EXPECT_TRUE(chain.CanResume());
  ASSERT_OK(chain.Resume(1));
  EXPECT_EQ(journal_.back(), "c: Process 1000") << "of b";
  EXPECT_FALSE(chain.CanResume());
}

TEST_F(OperatorChainTest, ReportsAnErrorOfAnOperatorFurtherDown) {
  Open({{.name = "a"}, {.name = "b", .fails_in = "Process"}});
  EXPECT_TRUE(IsError(Process(1), StatusCode::kInvalidArgument, "operator \"b\": refused in Process"));
}

TEST_F(OperatorChainTest, NamesTheOperatorThatThrowsAtTheEnd) {
  OperatorChain& chain = Open({{.name = "a"}, {.name = "b", .fails_in = "EndInput", .throws = true}});
  EXPECT_TRUE(IsError(chain.EndInput(0), StatusCode::kUnknown, "operator \"b\" threw std::runtime_error"));
}

TEST_F(OperatorChainTest, CallsOperatorsAtTheProcessingTimeTheyWant) {
  OperatorChain& chain = Open({{.name = "a", .wants_time = 50}, {.name = "b", .wants_time = 20}});
  EXPECT_EQ(chain.NextProcessingTime(), 20);
  ASSERT_OK(chain.OnProcessingTime(30));
  EXPECT_EQ(journal_, Journal{"b: Time 30"});
  EXPECT_EQ(chain.NextProcessingTime(), 50);
}

TEST_F(OperatorChainTest, CopiesForAllButOneOfSeveralConsumers) {
  std::vector<ChainedOperator> operators = ChainOf(
      {{.name = "a", .journal = &journal_}, {.name = "b", .journal = &journal_}, {.name = "c", .journal = &journal_}});
  operators[0].links = {ChainLink{.target = 1}, ChainLink{.target = 2}};
  operators[1].links.clear();
  OperatorChain chain(std::move(operators), {});
  ASSERT_OK(chain.Open(NoContext));
  journal_.clear();
  ASSERT_OK(chain.ProcessBatch(0, batches_.Make({{.value = 1}})));
  EXPECT_EQ(journal_, (Journal{"a: Process 1", "b: Process 1", "c: Process 1"}));
  ASSERT_OK(chain.EndInput(0));
  EXPECT_TRUE(chain.finished());
}

}  // namespace
}  // namespace weir
