#include "weir/runtime/operators/operator_state.h"

#include <gtest/gtest.h>

#include "weir/testing.h"

#include "tests/harness/status_matchers.h"

namespace weir {
namespace {

std::string SomeState() {
  OperatorStateWriter writer;
  writer.AddElements("offsets", Redistribution::kUnion, {"one", "two"});
  writer.AddElements("empty", Redistribution::kSplit, {});
  return writer.Take();
}

TEST(OperatorState, GivesListsBackByName) {
  const std::string written = SomeState();
  auto reader = OperatorStateReader::Of(written);
  ASSERT_OK(reader);
  EXPECT_EQ(reader->Elements("offsets"), (std::vector<std::string>{"one", "two"}));
  EXPECT_TRUE(reader->Elements("empty").empty());
  EXPECT_TRUE(reader->Elements("unknown").empty());
}

TEST(OperatorState, MayBeEmpty) {
  const std::string written = OperatorStateWriter().Take();
  EXPECT_OK(OperatorStateReader::Of(written));
}

TEST(OperatorState, RefusesBytesOfAnotherKind) {
  EXPECT_TRUE(IsError(OperatorStateReader::Of("these are not the bytes you are looking for").status(),
                      StatusCode::kDataLoss, "magic number"));
}

TEST(OperatorState, NamesTheVersionThatItCannotRead) {
  std::string written = SomeState();
  written[4] = 9;
  EXPECT_TRUE(IsError(OperatorStateReader::Of(written).status(), StatusCode::kDataLoss, "format version 9"));
}

TEST(OperatorState, RefusesEveryTruncation) {
  const std::string written = SomeState();
  for (size_t length = 0; length < written.size(); ++length) {
    EXPECT_EQ(OperatorStateReader::Of(std::string_view(written).substr(0, length)).status().code(),
              StatusCode::kDataLoss)
        << length << " of " << written.size() << " bytes";
  }
}

TEST(OperatorState, RefusesBytesBehindTheEnd) {
  EXPECT_EQ(OperatorStateReader::Of(SomeState() + "x").status().code(), StatusCode::kDataLoss);
}

// Holds numbers back, in a form of its own.
class HoldBack : public ProcessFunction<int64_t, int64_t> {
 public:
  void InitializeState(RuntimeContext&) { held_.assign(stored_.begin(), stored_.end()); }
  void SnapshotState(int64_t) { stored_.Update(held_); }
  void ProcessElement(int64_t n, Context&, Collector<int64_t>& out) {
    if (n >= 0) {
      held_.push_back(n);
      return;
    }
    for (const int64_t each : held_) out.Collect(each);
    held_.clear();
  }

 private:
  OperatorListState<int64_t> stored_{this, "held"};
  std::vector<int64_t> held_;
};

TEST(OperatorState, OfAFunctionWithAFormOfItsOwnIsAskedForAndGivenBack) {
  const auto make = [] { return HarnessOf<int64_t>([](auto in) { return in.template Process<HoldBack>(); }); };
  auto harness = make();
  harness.PushBatch({1, 2});
  const std::string written = harness.Snapshot().value();
  auto restored = make();
  restored.Restore({written, written});  // of two subtasks
  EXPECT_OK(restored.PushBatch({3, -1}).ExpectOutput({1, 2, 1, 2, 3}));
}

// Keeps in keyed state how many elements all keys had, which only a list knows at a snapshot.
class CountAll : public KeyedProcessFunction<int64_t, int64_t, int64_t> {
 public:
  void InitializeState(RuntimeContext&) {
    for (const int64_t each : total_) all_ += each;
  }
  void SnapshotState(int64_t) { total_.Update({all_}); }
  void ProcessElement(int64_t, Context&, Collector<int64_t>& out) { out.Collect(++all_); }

 private:
  OperatorListState<int64_t> total_{this, "total"};
  int64_t all_ = 0;
};

TEST(OperatorState, OfAKeyedFunctionLikewise) {
  auto harness =
      HarnessOf<int64_t>([](auto in) { return in.KeyBy([](int64_t n) { return n; }).template Process<CountAll>(); });
  EXPECT_OK(harness.PushBatch({7, 8}).ExpectOutput({1, 2}));
  EXPECT_OK(harness.SnapshotAndRestore().PushBatch({9}).ExpectOutput({3}));
}

TEST(OperatorState, KeyedOperatorsRefuseEveryTruncationOfTheirState) {
  const auto make = [] {
    return HarnessOf<int64_t>([](auto in) { return in.KeyBy([](int64_t n) { return n % 3; }).Count(); });
  };
  auto harness = make();
  harness.PushBatch({1, 2, 3, 4, 5});
  const std::string written = harness.Snapshot().value();
  for (size_t length = 0; length < written.size(); ++length) {
    auto restored = make();
    restored.Restore({written.substr(0, length)});
    EXPECT_EQ(restored.status().code(), StatusCode::kDataLoss) << length << " of " << written.size() << " bytes";
  }
}

}  // namespace
}  // namespace weir
