// The first phase of an aggregate, and both together beside one phase.
#include "weir/runtime/window/slices/local_aggregation.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <string>
#include <string_view>
#include <vector>

#include "weir/api/local_aggregation.h"
#include "weir/base/random.h"
#include "weir/testing/operator_harness.h"

#include "tests/harness/status_matchers.h"

namespace weir {
namespace {

using namespace std::chrono_literals;

struct Word {
  std::string_view text;
  int64_t weight = 0;
};
struct Selector {
  std::string_view operator()(const Word& word) const { return word.text; }
};
using Op = LocalAggregateOperator<Word, Selector, SumAggregate<Word, int64_t>, SliceGrid>;
using Partial = Op::Partial;
using Element = StreamElement<Word>;

// Slices of 10 ms.
OperatorHarness<Word, Partial> NewHarness() {
  OperatorUnderTest under_test;
  under_test.make = [] { return new Op({Selector(), Sum(&Word::weight), SliceGrid(10ms, 10ms, 0ms)}); };
  return OperatorHarness<Word, Partial>(std::move(under_test));
}

struct Line {
  std::string key;
  int64_t value;
  int64_t records;
  EventTime time;
  friend bool operator==(const Line&, const Line&) = default;
  friend void PrintTo(const Line& line, std::ostream* out) {
    *out << line.key << " " << line.value << " of " << line.records << " @" << line.time;
  }
};
std::vector<Line> LinesOf(OperatorHarness<Word, Partial>& harness) {
  std::vector<Line> lines;
  for (const auto& element : harness.TakeElements()) {
    if (element.kind == ElementKind::kWatermark) {
      lines.push_back({"watermark", 0, 0, element.time});
    } else {
      lines.push_back({std::string(element.record.key), element.record.value, element.record.records, element.time});
    }
  }
  return lines;
}

TEST(LocalAggregation, PutsTogetherWhatABatchHasOfAKeyAndASlice) {
  auto harness = NewHarness();
  harness.PushElements({Element::Record({"ape", 1}, 3), Element::Record({"bee", 2}, 4), Element::Record({"ape", 4}, 9),
                        Element::Record({"ape", 8}, 10)});
  EXPECT_EQ(LinesOf(harness), (std::vector<Line>{{"ape", 5, 2, 3}, {"bee", 2, 1, 4}, {"ape", 8, 1, 10}}));
}

TEST(LocalAggregation, KeepsNothingBeyondTheBatchAndNothingAcrossAWatermark) {
  auto harness = NewHarness();
  harness.PushElements({Element::Record({"ape", 1}, 3), Element::Watermark(3), Element::Record({"ape", 2}, 4)});
  harness.Push({"ape", 4}, 5);
  EXPECT_EQ(LinesOf(harness),
            (std::vector<Line>{{"ape", 1, 1, 3}, {"watermark", 0, 0, 3}, {"ape", 2, 1, 4}, {"ape", 4, 1, 5}}));
}

TEST(LocalAggregation, LeavesGroupingOffWhereKeysAreMostlyDifferent) {
  auto harness = NewHarness();
  std::vector<std::string> names;
  for (int i = 0; i < 200; ++i) names.push_back("key " + std::to_string(i));
  std::vector<Element> elements;
  for (const std::string& name : names) elements.push_back(Element::Record({name, 1}, 3));
  harness.PushElements(elements);
  EXPECT_EQ(LinesOf(harness).size(), 200u);
  harness.PushElements({Element::Record({"ape", 1}, 3), Element::Record({"ape", 2}, 3)});
  EXPECT_EQ(LinesOf(harness), (std::vector<Line>{{"ape", 1, 1, 3}, {"ape", 2, 1, 3}})) << "a partial per record";
}

TEST(LocalAggregation, AddsUpToWhatTheRecordsAddUpTo) {
  auto harness = NewHarness();
  SeededRandom random(5);
  const std::vector<std::string> names{"ape", "bee", "cow", "a key that is longer than its slot"};
  int64_t expected = 0, actual = 0, records = 0;
  for (int batch = 0; batch < 30; ++batch) {
    std::vector<Element> elements;
    for (uint64_t i = 0, n = 1 + random.Uniform(300); i < n; ++i) {
      const int64_t weight = static_cast<int64_t>(random.Uniform(100));
      expected += weight;
      ++records;
      elements.push_back(
          Element::Record({names[random.Uniform(names.size())], weight}, static_cast<EventTime>(random.Uniform(100))));
    }
    harness.PushElements(elements, batch % 2 == 0 ? InputForm::kDense : InputForm::kSelected);
    for (const Line& line : LinesOf(harness)) {
      actual += line.value;
      records -= line.records;
    }
  }
  EXPECT_EQ(actual, expected);
  EXPECT_EQ(records, 0);
}

TEST(LocalAggregation, ReducesToARecord) {
  const ReducingAggregate<int64_t, int64_t (*)(const int64_t&, const int64_t&)> largest{
      [](const int64_t& a, const int64_t& b) { return std::max(a, b); }};
  auto all = largest.CreateAccumulator();
  auto part = largest.CreateAccumulator();
  largest.Add(part, 3);
  largest.Add(part, 7);
  largest.Merge(all, part);
  largest.Merge(all, largest.CreateAccumulator());
  EXPECT_EQ(largest.GetResult(all), 7);
}

}  // namespace
}  // namespace weir
