// Windows on slices, beside a model that knows every record of every window.
#include "weir/runtime/window/slices/slice_operator.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <ostream>
#include <string>
#include <tuple>
#include <vector>

#include "weir/api/windowed_stream.h"
#include "weir/base/random.h"
#include "weir/testing/harness_of.h"
#include "weir/testing/operator_check.h"
#include "weir/testing/operator_harness.h"

#include "tests/harness/status_matchers.h"

namespace weir {
namespace {

using namespace std::chrono_literals;

struct Reading {
  int64_t key = 0;
  int64_t value = 0;
};
struct Extremes {
  int64_t key = 0;
  int64_t start = 0;
  int64_t end = 0;
  int64_t count = 0;
  int64_t least = 0;
  int64_t most = 0;
  friend auto operator<=>(const Extremes&, const Extremes&) = default;
  friend void PrintTo(const Extremes& e, std::ostream* out) {
    *out << "{key " << e.key << " [" << e.start << ", " << e.end << ") " << e.count << ": " << e.least << ".." << e.most
         << "}";
  }
};
using Element = StreamElement<Reading>;

constexpr auto kExtremes = [](int64_t key, const TimeWindow& window, const auto& result) {
  const auto& [count, least, most] = result;
  return Extremes{key, ToEventTime(window.start), ToEventTime(window.end), count, least, most};
};

// Smallest and largest value per key and window: nothing can be taken out again.
template <class Assigner>
auto ExtremesHarness(Assigner assigner, Duration lateness = 0ms, HarnessOptions options = {}) {
  return HarnessOf<Reading>(
      [&](auto readings) {
        return readings.KeyBy(&Reading::key)
            .Window(assigner)
            .AllowedLateness(lateness)
            .Aggregate(Aggregates(Count(), Min(&Reading::value), Max(&Reading::value)), kExtremes);
      },
      std::move(options));
}

class Model {
 public:
  Model(int64_t size, int64_t slide, int64_t offset, int64_t lateness)
      : size_(size), slide_(slide), offset_(offset), lateness_(lateness) {}

  void Record(const Reading& reading, EventTime time, std::vector<Extremes>& fired) {
    for (int64_t start = time - size_ + 1; start <= time; ++start) {
      if ((start - offset_) % slide_ != 0 || start + size_ - 1 + lateness_ <= watermark_) continue;
      Contents& contents = windows_[{start, reading.key}];
      contents.values.push_back(reading.value);
      contents.is_pending = start + size_ - 1 > watermark_;
      if (!contents.is_pending) fired.push_back(ResultOf(start, reading.key, contents));
    }
  }
  void Watermark(EventTime watermark, std::vector<Extremes>& fired) {
    watermark_ = watermark;
    for (auto& [window, contents] : windows_) {
      const auto& [start, key] = window;
      if (!contents.is_pending || start + size_ - 1 > watermark) continue;
      fired.push_back(ResultOf(start, key, contents));
      contents.is_pending = false;
    }
    std::erase_if(windows_,
                  [&](const auto& entry) { return std::get<0>(entry.first) + size_ - 1 + lateness_ <= watermark; });
  }
  // Watermarks are not in snapshots.
  void Restore() { watermark_ = kMinWatermark; }
  bool empty() const { return windows_.empty(); }

 private:
  struct Contents {
    std::vector<int64_t> values;
    bool is_pending = false;
  };
  Extremes ResultOf(int64_t start, int64_t key, const Contents& contents) const {
    const auto [least, most] = std::minmax_element(contents.values.begin(), contents.values.end());
    return {key, start, start + size_, static_cast<int64_t>(contents.values.size()), *least, *most};
  }

  const int64_t size_, slide_, offset_, lateness_;
  EventTime watermark_ = kMinWatermark;
  std::map<std::tuple<int64_t, int64_t>, Contents> windows_;
};

// How a random stream looks.
struct Stream {
  uint64_t keys = 5;
  int64_t behind = 40;    // records come up to so much earlier than the watermark,
  int64_t ahead = 60;     // or later
  uint64_t restores = 8;  // one step in so many ends with a restore; 0: none
};

std::vector<Extremes> ResultsOf(const std::vector<StreamElement<Extremes>>& elements) {
  std::vector<Extremes> results;
  for (const auto& element : elements) {
    if (element.kind == ElementKind::kWatermark) continue;
    EXPECT_EQ(element.time, element.record.end - 1);
    results.push_back(element.record);
  }
  return results;
}

template <class Assigner>
void CompareWithModel(uint64_t seed, Assigner assigner, Model model, Duration lateness, const Stream& stream = {}) {
  SCOPED_TRACE("seed " + std::to_string(seed) + " lateness " + std::to_string(lateness.count()));
  SeededRandom random(seed);
  auto harness = ExtremesHarness(assigner, lateness, {.resume_budget = 1 + static_cast<uint32_t>(random.Uniform(200))});
  const StatusOr<std::string> empty = harness.Snapshot();
  EventTime watermark = -300;
  for (int step = 0; step < 60; ++step) {
    std::vector<Extremes> expected;
    std::vector<Element> batch;
    for (uint64_t i = 0, n = 1 + random.Uniform(40); i < n; ++i) {
      const Reading reading{static_cast<int64_t>(random.Uniform(stream.keys)),
                            static_cast<int64_t>(random.Uniform(100))};
      const EventTime time = watermark - stream.behind +
                             static_cast<int64_t>(random.Uniform(static_cast<uint64_t>(stream.behind + stream.ahead)));
      batch.push_back(Element::Record(reading, time));
      model.Record(reading, time, expected);
    }
    watermark += static_cast<int64_t>(random.Uniform(60));
    batch.push_back(Element::Watermark(watermark));
    model.Watermark(watermark, expected);
    harness.PushElements(batch, random.Uniform(2) == 0 ? InputForm::kDense : InputForm::kSelected);
    std::vector<Extremes> actual = ResultsOf(harness.TakeElements());
    std::sort(actual.begin(), actual.end());
    std::sort(expected.begin(), expected.end());
    ASSERT_EQ(actual, expected) << "step " << step;
    if (stream.restores != 0 && random.Uniform(stream.restores) == 0) {
      harness.SnapshotAndRestore();
      model.Restore();
    }
    ASSERT_TRUE(harness.status().ok()) << harness.status().message();
  }
  std::vector<Extremes> rest;
  model.Watermark(kMaxWatermark - 1, rest);
  ASSERT_TRUE(model.empty());
  harness.Watermark(kMaxWatermark - 1);
  EXPECT_EQ(*harness.Snapshot(), *empty);
}

TEST(SliceOperator, AgreesWithTheModelOnRandomStreams) {
  for (uint64_t seed = 1; seed <= 8; ++seed) {
    for (const int64_t late : {0, 7, 45}) {
      for (const uint64_t restores : {0, 8}) {
        const Stream stream{.restores = restores};
        const Duration lateness(late);
        CompareWithModel(seed, TumblingEventTimeWindows(13ms), Model(13, 13, 0, late), lateness, stream);
        CompareWithModel(seed, SlidingEventTimeWindows(20ms, 5ms, 2ms), Model(20, 5, 2, late), lateness, stream);
        CompareWithModel(seed, SlidingEventTimeWindows(17ms, 4ms), Model(17, 4, 0, late), lateness, stream);
        CompareWithModel(seed, SlidingEventTimeWindows(4ms, 9ms), Model(4, 9, 0, late), lateness, stream);
      }
    }
  }
}

TEST(SliceOperator, AgreesWithTheModelWhenMostWindowsOfMostKeysAreEmpty) {
  const Stream stream{.keys = 300, .behind = 400, .ahead = 400};
  for (uint64_t seed = 1; seed <= 3; ++seed) {
    CompareWithModel(seed, SlidingEventTimeWindows(200ms, 2ms), Model(200, 2, 0, 30), 30ms, stream);
    CompareWithModel(seed, TumblingEventTimeWindows(3ms), Model(3, 3, 0, 0), 0ms, stream);
  }
}

TEST(SliceOperator, ReducesOverlappingWindows) {
  auto harness = HarnessOf<Reading>([](auto readings) {
    return readings.KeyBy(&Reading::key)
        .Window(SlidingEventTimeWindows(10ms, 5ms))
        .Reduce([](const Reading& a, const Reading& b) { return Reading{a.key, std::max(a.value, b.value)}; });
  });
  harness.Push({1, 3}, 1).Push({1, 9}, 6).Push({1, 4}, 11).EndInput();
  EXPECT_OK(harness.ExpectOutput({{1, 3}, {1, 9}, {1, 9}, {1, 4}}));
}

TEST(SliceOperator, KeepsKeysOfTextUntilTheyFire) {
  struct Named {
    std::string_view name;
    double value = 0;
  };
  auto harness = HarnessOf<Named>([](auto records) {
    return records.KeyBy(&Named::name)
        .Window(SlidingEventTimeWindows(20ms, 10ms))
        .AllowedLateness(10ms)
        .Aggregate(Sum(&Named::value), [](std::string_view name, const TimeWindow&, double sum, Collector<Named>& out) {
          out.Collect({name, sum});
        });
  });
  const std::string key = "a key that is longer than its slot";
  harness.Push({key, 0.5}, 11).SnapshotAndRestore().Watermark(19).Push({key, 1}, 12).EndInput();
  EXPECT_OK(harness.ExpectOutput({{key, 0.5}, {key, 1.5}, {key, 1.5}}));
}

TEST(SliceOperator, TakesATimeAtTheEndsOfTime) {
  auto harness = ExtremesHarness(SlidingEventTimeWindows(10ms, 10ms));
  harness.Push({1, 1}, kNoEventTime + 1).Push({1, 2}, kMaxWatermark - 1).EndInput();
  EXPECT_EQ(harness.TakeOutput().size(), 2u);
  EXPECT_OK(harness.status());
}

TEST(SliceOperator, RefusesASnapshotOfOtherWindows) {
  auto before = ExtremesHarness(SlidingEventTimeWindows(10ms, 5ms));
  before.Push({1, 1}, 7);
  auto after = ExtremesHarness(SlidingEventTimeWindows(10ms, 2ms));
  after.Restore({*before.Snapshot()});
  EXPECT_NE(after.status().message().find("windows of another size"), std::string::npos) << after.status().message();
}

std::vector<Element> OrderedStream(uint64_t seed, uint64_t keys) {
  SeededRandom random(seed);
  std::vector<Element> elements;
  for (EventTime time = 0; time < 400; time += 2) {
    elements.push_back(Element::Record({static_cast<int64_t>(random.Uniform(keys)), time % 37}, time));
    if (random.Uniform(5) == 0) elements.push_back(Element::Watermark(time - 10));
  }
  return elements;
}

TEST(SliceOperator, GivesTheSameResultsHoweverTheInputIsCutAndRestored) {
  const auto extremes = [](HarnessOptions options) {
    return ExtremesHarness(SlidingEventTimeWindows(50ms, 7ms), 0ms, std::move(options));
  };
  // One key: windows of several keys that end together fire in any order.
  EXPECT_OK(CheckSameResults(extremes, OrderedStream(1, 1)));
  EXPECT_OK(CheckRescaling(extremes, OrderedStream(2, 100)));
}

template <class A>
using ContentsOf = AggregatedContents<Reading, int64_t, A, int>;
template <class Assigner, class A>
constexpr WindowPath PathOf(A) {
  return ChooseWindowPath<Reading, Assigner, internal::DefaultTrigger, internal::NoEvictor, ContentsOf<A>>();
}
struct CountWithoutMerge {
  int64_t CreateAccumulator() const { return 0; }
  void Add(int64_t& count, const Reading&) const { ++count; }
  int64_t GetResult(int64_t count) const { return count; }
};
struct Weighted {
  double weight;
};

TEST(ChooseWindowPath, TakesWhatTheAggregateAllows) {
  EXPECT_EQ(PathOf<TumblingEventTimeWindows>(CountWithoutMerge()), WindowPath::kSlices);
  EXPECT_EQ(PathOf<SlidingEventTimeWindows>(CountWithoutMerge()), WindowPath::kGeneral);
  EXPECT_EQ(PathOf<SlidingEventTimeWindows>(Count()), WindowPath::kDeductedSlices);
  EXPECT_EQ(PathOf<SlidingEventTimeWindows>(Sum(&Weighted::weight)), WindowPath::kMergedSlices);
  EXPECT_EQ(PathOf<SlidingEventTimeWindows>(Aggregates(Count(), Avg(&Reading::value))), WindowPath::kMergedSlices);
  EXPECT_EQ(PathOf<SlidingEventTimeWindows>(Max(&Reading::value)), WindowPath::kMergedSlices);
  EXPECT_EQ(PathOf<EventTimeSessionWindows>(Count()), WindowPath::kGeneral);
  EXPECT_EQ(PathOf<TumblingProcessingTimeWindows>(Count()), WindowPath::kGeneral);
}

}  // namespace
}  // namespace weir
