#include "weir/runtime/operators/stateless.h"

#include <gtest/gtest.h>

#include "weir/functions/split_words.h"
#include "weir/testing.h"

#include "tests/harness/status_matchers.h"
#include "tests/harness/test_batches.h"

namespace weir {
namespace {

using Elements = std::vector<StreamElement<int64_t>>;
constexpr auto kRecord = [](int64_t record, EventTime time = kNoEventTime) {
  return StreamElement<int64_t>::Record(record, time);
};
constexpr auto kMark = [](EventTime time) { return StreamElement<int64_t>::Watermark(time); };

// Records as numbers, watermarks as "w5", times as "7@20".
template <class T>
std::vector<std::string> Texts(const std::vector<StreamElement<T>>& elements) {
  std::vector<std::string> texts;
  for (const auto& element : elements) {
    if (element.kind == ElementKind::kWatermark) {
      texts.push_back("w" + std::to_string(element.time));
    } else {
      texts.push_back(Printed(element.record) +
                      (element.time == kNoEventTime ? "" : "@" + std::to_string(element.time)));
    }
  }
  return texts;
}
using Strings = std::vector<std::string>;

auto Evens() {
  return HarnessOf<int64_t>([](auto in) { return in.Filter([](int64_t n) { return n % 2 == 0; }); });
}

TEST(FilterOperator, PassesTheRecordsForWhichTheFunctionSaysYes) {
  auto harness = Evens();
  harness.PushBatch({1, 2, 3, 4});
  EXPECT_OK(harness.ExpectOutput({2, 4}));
}

TEST(FilterOperator, NarrowsASelection) {
  auto harness = Evens();
  harness.PushBatch({1, 2, 3, 4}, InputForm::kSelected);
  EXPECT_OK(harness.ExpectOutput({2, 4}));
}

TEST(FilterOperator, KeepsWatermarksAndTimesWhereTheyStand) {
  auto harness = Evens();
  harness.PushElements({kRecord(1, 10), kRecord(2, 20), kMark(15), kRecord(3, 30), kRecord(4, 40), kMark(35)});
  EXPECT_EQ(Texts(harness.TakeElements()), (Strings{"2@20", "w15", "4@40", "w35"}));
}

TEST(FilterOperator, PassesWatermarksOfABatchThatItEmpties) {
  auto harness = Evens();
  harness.PushElements({kRecord(1), kMark(15)});
  EXPECT_EQ(Texts(harness.TakeElements()), Strings{"w15"});
}

TEST(FilterOperator, PassesAWatermarkOnItsOwn) {
  auto harness = Evens();
  harness.Watermark(5);
  EXPECT_EQ(Texts(harness.TakeElements()), Strings{"w5"});
}

TEST(FilterOperator, SendsNothingIfNothingIsLeft) {
  auto harness = Evens();
  harness.Push(1);
  EXPECT_EQ(harness.driver().output(0).waiting(), 0u);
}

TEST(InPlaceMapOperator, MapsEveryRecordThatCounts) {
  for (const InputForm form : {InputForm::kDense, InputForm::kSelected}) {
    auto harness = HarnessOf<int64_t>([](auto in) { return in.Map([](int64_t n) { return n * 10; }); });
    harness.PushBatch({1, 2, 3}, form);
    EXPECT_OK(harness.ExpectOutput({10, 20, 30}));
  }
}

auto Halves(HarnessOptions options = {}) {
  return HarnessOf<int64_t>([](auto in) { return in.Map([](int64_t n) { return static_cast<double>(n) / 2; }); },
                            options);
}

TEST(MapOperator, MapsToAnotherType) {
  for (const InputForm form : {InputForm::kDense, InputForm::kSelected}) {
    auto harness = Halves();
    harness.PushBatch({1, 2, 3}, form);
    EXPECT_OK(harness.ExpectOutput({0.5, 1, 1.5}));
  }
}

TEST(MapOperator, FillsAsManyBatchesAsItNeeds) {
  auto harness = Halves({.output_batch_rows = 2});
  harness.PushBatch({1, 2, 3, 4, 5}, InputForm::kSelected);
  EXPECT_EQ(harness.driver().output(0).waiting(), 3u);
  EXPECT_OK(harness.ExpectOutput({0.5, 1, 1.5, 2, 2.5}));
}

TEST(MapOperator, KeepsWatermarksAndTimesWhereTheyStandWhateverTheBatchSize) {
  for (const uint32_t rows : {1u, 2u, 3u, 4u, 1024u}) {
    for (const InputForm form : {InputForm::kDense, InputForm::kSelected}) {
      SCOPED_TRACE(rows);
      auto harness = Halves({.output_batch_rows = rows});
      harness.PushElements({kMark(5), kRecord(2, 20), kRecord(4, 40), kMark(15), kMark(16), kRecord(6, 60), kMark(35)},
                           form);
      EXPECT_EQ(Texts(harness.TakeElements()), (Strings{"w5", "1@20", "2@40", "w15", "w16", "3@60", "w35"}));
    }
  }
}

TEST(MapOperator, ResultsMayPointIntoTheInputsText) {
  auto harness = HarnessOf<TextRow>([](auto in) { return in.Map([](const TextRow& row) { return row.text; }); });
  harness.Push({.text = "alive"}).Push({.text = "other"});
  EXPECT_OK(harness.ExpectOutput({"alive", "other"}));
}

TEST(MapOperator, ResultsMayPointIntoStringsOfTheInputsRows) {
  auto harness = HarnessOf<OwningRow>(
      [](auto in) { return in.Map([](const OwningRow& row) { return std::string_view(row.text); }); });
  harness.Push({.text = "short"}).Push({.text = "long enough to be allocated"});
  EXPECT_OK(harness.ExpectOutput({"short", "long enough to be allocated"}));
}

auto Repeats(HarnessOptions options = {}) {
  return HarnessOf<int64_t>(
      [](auto in) {
        return in.FlatMap([](int64_t n, Collector<int64_t>& out) {
          for (int64_t i = 0; i < n; ++i) out.Collect(n);
        });
      },
      options);
}

TEST(FlatMapOperator, CollectsAnyNumberOfResultsPerRecord) {
  for (const InputForm form : {InputForm::kDense, InputForm::kSelected}) {
    auto harness = Repeats();
    harness.PushBatch({0, 1, 3}, form);
    EXPECT_OK(harness.ExpectOutput({1, 3, 3, 3}));
  }
}

TEST(FlatMapOperator, PutsWatermarksBetweenTheResultsOfTheirRecordsWhateverTheBatchSize) {
  for (const uint32_t rows : {1u, 2u, 3u, 1024u}) {
    SCOPED_TRACE(rows);
    auto harness = Repeats({.output_batch_rows = rows});
    harness.PushElements({kRecord(2, 20), kMark(15), kRecord(0, 30), kMark(25), kRecord(1, 40), kMark(35)});
    EXPECT_EQ(Texts(harness.TakeElements()), (Strings{"2@20", "2@20", "w15", "w25", "1@40", "w35"}));
  }
}

TEST(FlatMapOperator, ResultsOfRecordsWithoutATimeHaveNone) {
  auto harness = Repeats();
  harness.Push(1, 20).Push(1);
  EXPECT_EQ(Texts(harness.TakeElements()), (Strings{"1@20", "1"}));
}

TEST(FlatMapOperator, ResultsMayCarryATimeOfTheirOwn) {
  auto harness = HarnessOf<int64_t>([](auto in) {
    return in.FlatMap([](int64_t n, Collector<int64_t>& out) {
      out.Collect(n);
      out.Collect(n, FromEventTime(n));
      out.Collect(n);
    });
  });
  harness.Push(7).Push(8, 80);
  EXPECT_EQ(Texts(harness.TakeElements()), (Strings{"7", "7@7", "7", "8@80", "8@8", "8@80"}));
}

TEST(FlatMapOperator, KeptTextLivesAsLongAsTheFunctionMayCollectIt) {
  auto harness = HarnessOf<int64_t>(
      [](auto in) {
        return in.FlatMap([](int64_t n, Collector<std::string_view>& out) {
          const std::string_view kept = out.Keep("kept " + std::to_string(n));
          for (int i = 0; i < 3; ++i) out.Collect(kept);
        });
      },
      {.output_batch_rows = 1});
  harness.Push(1);
  EXPECT_OK(harness.ExpectOutput({"kept 1", "kept 1", "kept 1"}));
}

TEST(FlatMapOperator, ResultsMayPointIntoTheInput) {
  for (const uint32_t rows : {1u, 2u, 1024u}) {
    auto harness = HarnessOf<TextRow>(
        [](auto in) {
          return in.FlatMap([](const TextRow& row, Collector<std::string_view>& out) { SplitWords(row.text, out); });
        },
        {.output_batch_rows = rows});
    harness.Push({.text = "one Two three"}).Push({.text = "four"});
    EXPECT_OK(harness.ExpectOutput({"one", "two", "three", "four"}));
  }
}

TEST(StatelessOperators, NameTheOperatorWhoseFunctionThrows) {
  auto harness = HarnessOf<int64_t>([](auto in) {
    return in.Map([](int64_t n) -> int64_t { throw std::runtime_error("no map for " + std::to_string(n)); })
        .Name("charts");
  });
  harness.Push(3);
  EXPECT_TRUE(
      IsError(harness.status(), StatusCode::kUnknown, "operator \"charts\" threw std::runtime_error: no map for 3"));
}

TEST(StatelessOperators, WaitWhileTheOutputIsFull) {
  auto harness = Evens();
  harness.LimitOutput(1).Push(2).Push(4).Push(6);
  EXPECT_EQ(harness.driver().output(0).waiting(), 1u);
  harness.UnlimitOutput();
  EXPECT_OK(harness.ExpectOutput({2, 4, 6}));
}

}  // namespace
}  // namespace weir
