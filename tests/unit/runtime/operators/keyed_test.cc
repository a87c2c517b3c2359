#include "weir/runtime/operators/keyed.h"

#include <gtest/gtest.h>

#include "weir/testing.h"

#include "tests/harness/status_matchers.h"
#include "tests/harness/test_batches.h"

namespace weir {
namespace {

using Counts = std::vector<std::pair<std::string_view, int64_t>>;
using Elements = std::vector<StreamElement<TextRow>>;

auto CountByText(HarnessOptions options = {}) {
  return HarnessOf<TextRow>([](auto in) { return in.KeyBy(&TextRow::text).Count(); }, options);
}

Elements SomeWords() {
  Elements elements;
  const char* const words[] = {"a", "b", "a", "c", "a", "b", "longer than fits inline", "longer than fits inline"};
  EventTime time = 0;
  for (int round = 0; round < 3; ++round) {
    for (const char* word : words) {
      elements.push_back(StreamElement<TextRow>::Record({.key = round, .text = word}, time += 10));
      if (time % 30 == 0) elements.push_back(StreamElement<TextRow>::Watermark(time - 5));
    }
  }
  return elements;
}

TEST(KeyedCount, CountsPerKeyAfterEveryRecord) {
  auto harness = CountByText();
  harness.Push({.text = "a"}).Push({.text = "b"}).Push({.text = "a"});
  EXPECT_OK(harness.ExpectOutput({{"a", 1}, {"b", 1}, {"a", 2}}));
}

TEST(KeyedCount, CountsAKeyThatRepeatsWithinABatch) {
  auto harness = CountByText();
  harness.PushBatch({{.text = "a"}, {.text = "a"}, {.text = "b"}, {.text = "a"}});
  EXPECT_OK(harness.ExpectOutput({{"a", 1}, {"a", 2}, {"b", 1}, {"a", 3}}));
}

TEST(KeyedCount, KeepsTimesAndWatermarksWhereTheyStand) {
  auto harness = CountByText();
  harness.PushElements({StreamElement<TextRow>::Record({.text = "a"}, 10), StreamElement<TextRow>::Watermark(5),
                        StreamElement<TextRow>::Record({.text = "a"}, 20)});
  const auto elements = harness.TakeElements();
  ASSERT_EQ(elements.size(), 3u);
  EXPECT_EQ(elements[0].time, 10);
  EXPECT_EQ(elements[1].kind, ElementKind::kWatermark);
  EXPECT_EQ(elements[2].time, 20);
}

TEST(KeyedCount, GivesTheSameResultsHoweverItIsFedRestoredAndRescaled) {
  const auto make = [](HarnessOptions options) { return CountByText(options); };
  EXPECT_OK(CheckSameResults(make, SomeWords()));
  EXPECT_OK(CheckRescaling(make, SomeWords()));
}

TEST(KeyedCount, RestoresOnlyTheKeyGroupsOfItsOwnSubtask) {
  auto whole = CountByText();
  for (int64_t key = 0; key < 50; ++key) whole.Push({.text = std::to_string(key)});
  const std::string written = whole.Snapshot().value();
  for (int subtask = 0; subtask < 2; ++subtask) {
    auto part = CountByText({.subtask_index = subtask, .parallelism = 2});
    part.Restore({written});
    for (int64_t key = 0; key < 50; ++key) {
      const std::string text = std::to_string(key);
      if (part.SubtaskOf({.text = text}, 2) != subtask) continue;
      part.Push({.text = text});
      EXPECT_OK(part.ExpectOutput({{text, 2}}));
    }
  }
}

// One key selector each; all of them must give running counts per key.
template <class Select>
void ExpectCountsBy(Select select) {
  const auto make = [select](HarnessOptions options) {
    return HarnessOf<TextRow>([select](auto in) { return in.KeyBy(select).Count(); }, options);
  };
  EXPECT_OK(CheckSameResults(make, SomeWords()));
  EXPECT_OK(CheckRescaling(make, SomeWords()));
}

TEST(KeyResolver, TakesIntegerKeys) {
  ExpectCountsBy([](const TextRow& row) { return row.key; });
}
TEST(KeyResolver, TakesTextThatPointsIntoTheRecord) {
  ExpectCountsBy([](const TextRow& row) { return row.text; });
}
TEST(KeyResolver, TakesTextThatTheSelectorComputes) {
  ExpectCountsBy([](const TextRow& row) { return "key of " + std::string(row.text); });
}
TEST(KeyResolver, TakesCompositeKeys) {
  ExpectCountsBy([](const TextRow& row) { return std::tuple<int64_t, std::string_view>(row.key, row.text); });
}
TEST(KeyResolver, TakesFloatingPointKeys) {
  ExpectCountsBy([](const TextRow& row) { return static_cast<double>(row.key) / 3; });
}

TEST(KeyResolver, GivesComputedTextKeysThatOutliveTheBatch) {
  auto harness = HarnessOf<SmallRow>(
      [](auto in) { return in.KeyBy([](const SmallRow& row) { return "key " + std::to_string(row.key); }).Count(); });
  // In one step, so that results of the first batch are still in the operator's hands when the second comes.
  harness.LimitOutput(1).Push({.key = 1}).Push({.key = 2}).Push({.key = 3}).UnlimitOutput();
  EXPECT_OK(harness.ExpectOutput({{"key 1", 1}, {"key 2", 1}, {"key 3", 1}}));
}

#ifndef NDEBUG
TEST(KeyResolver, RefusesASelectorThatGivesAnotherKeyForTheSameRecord) {
  auto harness = HarnessOf<SmallRow>([](auto in) {
    // The copies of the partitioner and of the operator ask the same counter.
    return in.KeyBy([calls = std::make_shared<int64_t>(0)](const SmallRow&) { return ++*calls; })
        .Count()
        .Name("unstable");
  });
  harness.Push({.key = 1}).Push({.key = 1});
  EXPECT_TRUE(IsError(harness.status(), StatusCode::kFailedPrecondition, "key selector returned different keys"));
  EXPECT_TRUE(IsError(harness.status(), StatusCode::kFailedPrecondition, "operator \"unstable\""));
}
#endif

struct Reading {
  std::string sensor;
  int64_t value = 0;
  int32_t note = 0;
};
using Readings = std::vector<Reading>;

template <class Build>
void ExpectFromReadings(Build build, const Readings& expected) {
  const auto make = [build](HarnessOptions options) { return HarnessOf<Reading>(build, options); };
  auto harness = make({});
  std::vector<StreamElement<Reading>> elements;
  const Readings readings = {{"a", 5, 1}, {"a", 3, 2}, {"b", 7, 3}, {"a", 9, 4}, {"a", 3, 5}, {"a", 9, 6}};
  for (const Reading& reading : readings) elements.push_back(StreamElement<Reading>::Record(reading));
  harness.PushElements(elements);
  EXPECT_OK(harness.ExpectOutput(expected));
  EXPECT_OK(CheckSameResults(make, elements));
  EXPECT_OK(CheckRescaling(make, elements));
}

TEST(Aggregations, ReduceKeepsTheFirstRecordAsItIs) {
  ExpectFromReadings(
      [](auto in) {
        return in.KeyBy(&Reading::sensor).Reduce([](const Reading& so_far, const Reading& next) {
          return Reading{so_far.sensor, so_far.value + next.value, so_far.note * 10 + next.note};
        });
      },
      {{"a", 5, 1}, {"a", 8, 12}, {"b", 7, 3}, {"a", 17, 124}, {"a", 20, 1245}, {"a", 29, 12456}});
}

TEST(Aggregations, SumKeepsTheOtherFieldsOfTheFirstRecord) {
  ExpectFromReadings([](auto in) { return in.KeyBy(&Reading::sensor).Sum(&Reading::value); },
                     {{"a", 5, 1}, {"a", 8, 1}, {"b", 7, 3}, {"a", 17, 1}, {"a", 20, 1}, {"a", 29, 1}});
}

TEST(Aggregations, MinChangesOnlyItsField) {
  ExpectFromReadings([](auto in) { return in.KeyBy(&Reading::sensor).Min(&Reading::value); },
                     {{"a", 5, 1}, {"a", 3, 1}, {"b", 7, 3}, {"a", 3, 1}, {"a", 3, 1}, {"a", 3, 1}});
}

TEST(Aggregations, MaxChangesOnlyItsField) {
  ExpectFromReadings([](auto in) { return in.KeyBy(&Reading::sensor).Max(&Reading::value); },
                     {{"a", 5, 1}, {"a", 5, 1}, {"b", 7, 3}, {"a", 9, 1}, {"a", 9, 1}, {"a", 9, 1}});
}

TEST(Aggregations, MinByGivesTheWholeRecordAndTheFirstOfEqualOnes) {
  ExpectFromReadings([](auto in) { return in.KeyBy(&Reading::sensor).MinBy(&Reading::value); },
                     {{"a", 5, 1}, {"a", 3, 2}, {"b", 7, 3}, {"a", 3, 2}, {"a", 3, 2}, {"a", 3, 2}});
}

TEST(Aggregations, MinByGivesTheLastOfEqualOnesIfAskedTo) {
  ExpectFromReadings([](auto in) { return in.KeyBy(&Reading::sensor).MinBy(&Reading::value, false); },
                     {{"a", 5, 1}, {"a", 3, 2}, {"b", 7, 3}, {"a", 3, 2}, {"a", 3, 5}, {"a", 3, 5}});
}

TEST(Aggregations, MaxByGivesTheWholeRecordAndTheFirstOfEqualOnes) {
  ExpectFromReadings([](auto in) { return in.KeyBy(&Reading::sensor).MaxBy(&Reading::value); },
                     {{"a", 5, 1}, {"a", 5, 1}, {"b", 7, 3}, {"a", 9, 4}, {"a", 9, 4}, {"a", 9, 4}});
}

struct MeanOfValues {
  struct Accumulator {
    int64_t sum = 0, count = 0;
  };
  Accumulator CreateAccumulator() const { return {}; }
  void Add(Accumulator& accumulator, const SmallRow& row) const {
    accumulator.sum += row.value;
    ++accumulator.count;
  }
  Accumulator Merge(const Accumulator& a, const Accumulator& b) const { return {a.sum + b.sum, a.count + b.count}; }
  double GetResult(const Accumulator& accumulator) const {
    return static_cast<double>(accumulator.sum) / static_cast<double>(accumulator.count);
  }
};

TEST(Aggregations, AggregateGivesTheRunningResultPerKey) {
  auto harness = HarnessOf<SmallRow>([](auto in) { return in.KeyBy(&SmallRow::key).Aggregate(MeanOfValues()); });
  harness.PushBatch({{1, 10}, {2, 7}, {1, 20}});
  EXPECT_OK(harness.ExpectOutput({{1, 10.0}, {2, 7.0}, {1, 15.0}}));
  harness.SnapshotAndRestore().Push({1, 60});
  EXPECT_OK(harness.ExpectOutput({{1, 30.0}}));
}

}  // namespace
}  // namespace weir
