#include "weir/runtime/task/chain_output.h"

#include <gtest/gtest.h>

#include "weir/runtime/network/row_router.h"

#include "tests/harness/status_matchers.h"
#include "tests/harness/test_batches.h"
#include "tests/unit/runtime/task/scripted_operator.h"

namespace weir {
namespace {

class ChainedOutputTest : public ::testing::Test {
 protected:
  void Link(Script script) {
    script.journal = &journal_;
    target_ = std::make_unique<ScriptedOperator>(std::move(script));
    OperatorContext context;
    context.outputs = {&behind_};
    ASSERT_OK(target_->Open(context));
    journal_.clear();
    output_ =
        std::make_unique<ChainedOutput>(&BatchTypeOf<SmallRow>(), ChainedTarget{target_.get(), &name_}, 0, &failure_);
  }
  void Accept(int64_t value) { output_->Accept(batches_.Make({{.value = value}})); }

  const std::string name_ = "target";
  BatchMaker<SmallRow> batches_;
  Journal journal_;
  Status failure_;
  DiscardingOutput behind_{&BatchTypeOf<SmallRow>()};
  std::unique_ptr<ScriptedOperator> target_;
  std::unique_ptr<ChainedOutput> output_;
};

TEST_F(ChainedOutputTest, HandsBatchesToTheTargetAtOnce) {
  Link({});
  Accept(1);
  EXPECT_EQ(journal_, Journal{"op: Process 1"});
}

TEST_F(ChainedOutputTest, HoldsBatchesWhileTheTargetHasWorkOfItsOwn) {
  Link({.work_per_batch = 1});
  Accept(1);
  Accept(2);
  EXPECT_EQ(journal_, Journal{"op: Process 1"});
  EXPECT_FALSE(output_->IsAvailable());
}

TEST_F(ChainedOutputTest, DrainsInOrderUntilTheTargetHasWorkAgain) {
  Link({.work_per_batch = 1});
  for (int64_t value = 1; value <= 3; ++value) Accept(value);
  ASSERT_OK(target_->Resume(1));
  output_->Drain(1024);
  EXPECT_EQ(journal_, (Journal{"op: Process 1", "op: Resume", "op: Process 2"}));
  EXPECT_FALSE(output_->empty());
}

TEST_F(ChainedOutputTest, KeepsTheFirstErrorAndGivesTheTargetNothingMore) {
  Link({.fails_in = "Process"});
  Accept(1);
  Accept(2);
  EXPECT_TRUE(IsError(failure_, StatusCode::kInvalidArgument, "operator \"target\": refused in Process"));
  EXPECT_EQ(journal_, Journal{"op: Process 1"});
}

TEST_F(ChainedOutputTest, TurnsAnExceptionIntoAnError) {
  Link({.fails_in = "Process", .throws = true});
  Accept(1);
  EXPECT_TRUE(
      IsError(failure_, StatusCode::kUnknown, "operator \"target\" threw std::runtime_error: thrown in Process"));
}

TEST(CopyRows, CopiesTheRowsThatCountWithTimesHashesMarksAndBytes) {
  BatchMaker<TextRow> batches;
  BatchBase* const batch =
      batches.MakeTimed({{{1, "one"}, 10}, {{2, "two"}, 20}, {{3, "three"}, 30}}, {{1, 5}, {3, 9}});
  batch->UseHashes();
  for (uint32_t row = 0; row < 3; ++row) batch->hashes[row] = 100 + row;
  BatchMaker<TextRow>::Select(*batch, {0, 2});
  const BatchPtr copy(CopyRows(*batch, batches.pool()));
  Recycle(batch);
  EXPECT_EQ(RowsOf<TextRow>(*copy), (std::vector<TextRow>{{1, "one"}, {3, "three"}}));
  EXPECT_EQ(copy->times[1], 30);
  EXPECT_EQ(copy->hashes[1], 102u);
  ASSERT_EQ(copy->marks.size(), 2u);
  EXPECT_EQ(copy->marks[0].row, 1u);
  EXPECT_EQ(copy->marks[1].row, 2u);
}

TEST(FanOutOutput, GivesEveryTargetRowsOfItsOwn) {
  BatchMaker<SmallRow> batches;
  Journal journal;
  ScriptedOperator first({.name = "first", .journal = &journal}), second({.name = "second", .journal = &journal});
  Status failure;
  const std::string name = "target";
  ChainedOutput to_first(&BatchTypeOf<SmallRow>(), ChainedTarget{&first, &name}, 0, &failure);
  ChainedOutput to_second(&BatchTypeOf<SmallRow>(), ChainedTarget{&second, &name}, 0, &failure);
  FanOutOutput fan_out(&BatchTypeOf<SmallRow>(), {&to_first, &to_second});
  fan_out.Accept(batches.Make({{.value = 7}}));
  EXPECT_EQ(journal, (Journal{"first: Process 7", "second: Process 7"}));
}

}  // namespace
}  // namespace weir
