// Windows of event time, beside a model that knows every window of every key.
#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <set>
#include <string>
#include <string_view>
#include <tuple>
#include <utility>
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
struct Total {
  int64_t key = 0;
  int64_t start = 0;
  int64_t end = 0;
  int64_t count = 0;
  int64_t sum = 0;
  friend auto operator<=>(const Total&, const Total&) = default;
};
using Element = StreamElement<Reading>;

constexpr auto kTotal = [](int64_t key, const TimeWindow& window, const auto& result) {
  const auto& [count, sum] = result;
  return Total{key, ToEventTime(window.start), ToEventTime(window.end), count, sum};
};

// Count and sum per key and window.
template <class Assigner>
auto TotalsHarness(Assigner assigner, Duration lateness = 0ms, HarnessOptions options = {}) {
  return HarnessOf<Reading>(
      [&](auto readings) {
        return readings.KeyBy(&Reading::key)
            .Window(assigner)
            .AllowedLateness(lateness)
            .Aggregate(Aggregates(Count(), Sum(&Reading::value)), kTotal);
      },
      std::move(options));
}

int64_t Dropped(auto& harness) { return harness.accumulators().Get("numLateRecordsDropped").value(); }

TEST(EventTimeWindows, FireBeforeTheWatermarkThatReachesTheirLastMillisecond) {
  auto harness = TotalsHarness(TumblingEventTimeWindows(10ms));
  harness.Push({1, 5}, 3).Push({1, 7}, 9).Push({1, 2}, 10).Watermark(8);
  EXPECT_OK(harness.ExpectNoOutput());
  harness.Watermark(9);
  const auto elements = harness.TakeElements();
  ASSERT_EQ(elements.size(), 2u);
  EXPECT_EQ(elements[0].record, (Total{1, 0, 10, 2, 12}));
  EXPECT_EQ(elements[0].time, 9) << "results carry the window's last millisecond";
  EXPECT_EQ(elements[1].kind, ElementKind::kWatermark);
  harness.EndInput();
  EXPECT_OK(harness.ExpectOutput({{1, 10, 20, 1, 2}}));
}

TEST(EventTimeWindows, HaveNegativeTimesAndOffsets) {
  auto harness = TotalsHarness(TumblingEventTimeWindows(10ms, 3ms));
  harness.Push({1, 1}, -1).Push({1, 1}, -7).Push({1, 1}, -8).Push({1, 1}, 2).Push({1, 1}, 3).EndInput();
  EXPECT_OK(harness.ExpectOutput({{1, -17, -7, 1, 1}, {1, -7, 3, 3, 3}, {1, 3, 13, 1, 1}}));
}

TEST(EventTimeWindows, ThatSlideOverlap) {
  auto harness = TotalsHarness(SlidingEventTimeWindows(10ms, 5ms));
  harness.Push({1, 1}, 0).Push({1, 2}, 5).EndInput();
  EXPECT_OK(harness.ExpectOutput({{1, -5, 5, 1, 1}, {1, 0, 10, 2, 3}, {1, 5, 15, 1, 2}}));
}

TEST(EventTimeWindows, OfSessionsThatTouchAreOne) {
  auto harness = TotalsHarness(EventTimeSessionWindows::WithGap(10ms));
  harness.Push({1, 1}, 0).Push({1, 2}, 20).Push({1, 4}, 31).Push({1, 8}, 10).EndInput();
  EXPECT_OK(harness.ExpectOutput({{1, 0, 30, 3, 11}, {1, 31, 41, 1, 4}}));
}

TEST(EventTimeWindows, OfSessionsTakeALateRecordThatMergesIntoOneThatIsOpen) {
  auto harness = TotalsHarness(EventTimeSessionWindows(10ms));
  harness.Push({1, 1}, 20).Watermark(21).Push({1, 2}, 10).Push({1, 4}, 9).Push({1, 8}, 2).Watermark(29);
  EXPECT_OK(harness.ExpectOutput({{1, 2, 30, 4, 15}}));
  EXPECT_EQ(Dropped(harness), 0);
  harness.Push({1, 1}, 19);
  EXPECT_EQ(Dropped(harness), 1);
}

TEST(EventTimeWindows, DropAndCountRecordsThatComeTooLate) {
  auto harness = TotalsHarness(TumblingEventTimeWindows(10ms));
  harness.Watermark(9).Push({1, 1}, 9).Push({1, 1}, 10).EndInput();
  EXPECT_OK(harness.ExpectOutput({{1, 10, 20, 1, 1}}));
  EXPECT_EQ(Dropped(harness), 1);
}

TEST(EventTimeWindows, FireAgainWithEveryRecordWithinTheAllowedLateness) {
  auto harness = TotalsHarness(TumblingEventTimeWindows(10ms), 5ms);
  harness.Push({1, 1}, 1).Watermark(9).Push({1, 2}, 2).Watermark(13).Push({2, 4}, 3).Watermark(14).Push({1, 8}, 4);
  EXPECT_OK(harness.ExpectOutput({{1, 0, 10, 1, 1}, {1, 0, 10, 2, 3}, {2, 0, 10, 1, 4}}));
  EXPECT_EQ(Dropped(harness), 1);
}

TEST(EventTimeWindows, PutLateRecordsIntoASideOutput) {
  const OutputTag<Reading> late("late");
  auto harness = HarnessOf<Reading>([&](auto readings) {
    auto totals = readings.KeyBy(&Reading::key)
                      .Window(TumblingEventTimeWindows(10ms))
                      .SideOutputLateData(late)
                      .Aggregate(Count());
    totals.GetSideOutput(late);
    return totals;
  });
  harness.Watermark(9).Push({1, 7}, 9).Push({1, 8}, 10).EndInput();
  EXPECT_OK(harness.ExpectOutput({{1, 1}}));
  EXPECT_OK(harness.ExpectSideOutput(late, {{1, 7}}));
  EXPECT_EQ(Dropped(harness), 0);
}

TEST(EventTimeWindows, FailWithAWordOnTheStrategyIfRecordsHaveNoTimestamps) {
  auto harness = TotalsHarness(TumblingEventTimeWindows(10ms));
  harness.Push({1, 1});
  EXPECT_NE(harness.status().message().find("WatermarkStrategy"), std::string::npos) << harness.status().message();
}

TEST(EventTimeWindows, OfNoLengthAreAMistakeOfTheProgram) {
  const auto status_of = [](auto assigner) { return assigner.Check(); };
  EXPECT_TRUE(status_of(SlidingEventTimeWindows(10ms, 5ms, -4ms)).ok());
  EXPECT_FALSE(status_of(TumblingEventTimeWindows(0ms)).ok());
  EXPECT_FALSE(status_of(SlidingEventTimeWindows(10ms, -5ms)).ok());
  EXPECT_FALSE(status_of(SlidingEventTimeWindows(10ms, 5ms, 5ms)).ok());
}

TEST(EventTimeWindows, LeaveNoStateBehind) {
  auto harness = TotalsHarness(SlidingEventTimeWindows(10ms, 2ms), 7ms);
  const StatusOr<std::string> empty = harness.Snapshot();
  harness.Push({1, 1}, 1).Push({2, 1}, 3).Watermark(17);
  EXPECT_NE(*harness.Snapshot(), *empty);
  harness.Watermark(18);
  EXPECT_EQ(*harness.Snapshot(), *empty);
}

TEST(EventTimeWindows, OfSessionsLeaveNoStateBehind) {
  auto harness = TotalsHarness(EventTimeSessionWindows(10ms));
  const StatusOr<std::string> empty = harness.Snapshot();
  harness.Push({1, 1}, 1).Push({1, 1}, 9).Push({1, 1}, 30).Push({1, 1}, 19).Push({1, 1}, 25).Watermark(38);
  EXPECT_OK(harness.ExpectNoOutput());
  harness.Watermark(39);
  EXPECT_OK(harness.ExpectOutput({{1, 1, 40, 5, 5}}));
  EXPECT_EQ(*harness.Snapshot(), *empty);
}

TEST(EventTimeWindows, ReduceToOneRecord) {
  auto harness = HarnessOf<Reading>([](auto readings) {
    return readings.KeyBy(&Reading::key)
        .Window(TumblingEventTimeWindows(10ms))
        .Reduce([](const Reading& a, const Reading& b) { return Reading{a.key, std::max(a.value, b.value)}; });
  });
  harness.Push({1, 3}, 1).Push({1, 9}, 2).Push({1, 4}, 3).Push({2, -1}, 4).Watermark(9);
  auto out = harness.TakeOutput();
  std::sort(out.begin(), out.end(), [](auto& a, auto& b) { return a.key < b.key; });
  EXPECT_OK(internal::CompareRecords({{1, 9}, {2, -1}}, out));
}

TEST(EventTimeWindows, ShowAllTheirElementsToAProcessFunction) {
  auto harness = HarnessOf<Reading>([](auto readings) {
    return readings.KeyBy(&Reading::key)
        .Window(EventTimeSessionWindows(10ms))
        .Process([](int64_t, const TimeWindow&, const std::vector<Reading>& elements, Collector<Reading>& out) {
          for (const Reading& element : elements) out.Collect(element);
        });
  });
  harness.Push({1, 3}, 1).Push({1, 9}, 21).SnapshotAndRestore().Push({1, 4}, 11).EndInput();
  EXPECT_OK(harness.ExpectOutput({{1, 3}, {1, 9}, {1, 4}}));
}

// Text keys: results hold views of them, when a timer fires and when a late record does.
struct Named {
  std::string_view name;
  int64_t value = 0;
};
TEST(EventTimeWindows, MayPutTextKeysIntoResults) {
  auto harness = HarnessOf<Named>([](auto records) {
    return records.KeyBy(&Named::name)
        .Window(TumblingEventTimeWindows(10ms))
        .AllowedLateness(10ms)
        .Aggregate(Sum(&Named::value), [](std::string_view name, const TimeWindow&, int64_t sum,
                                          Collector<Named>& out) { out.Collect({name, sum}); });
  });
  harness.Push({"a key that is longer than its slot", 3}, 1).Watermark(9);
  harness.Push({"a key that is longer than its slot", 4}, 2);
  EXPECT_OK(
      harness.ExpectOutput({{"a key that is longer than its slot", 3}, {"a key that is longer than its slot", 7}}));
}

// Every window of every key, found by trying.
class Model {
 public:
  // size, slide, offset; slide 0: sessions with `size` as gap.
  Model(int64_t size, int64_t slide, int64_t offset, int64_t lateness)
      : size_(size), slide_(slide), offset_(offset), lateness_(lateness) {}

  std::vector<Total> Record(const Reading& reading, EventTime time) {
    std::vector<Total> fired;
    bool is_added = false;
    if (slide_ == 0) {
      is_added = Add(MergedSession(reading.key, time), reading, fired);
    } else {
      for (int64_t start = time - size_ + 1; start <= time; ++start) {
        if ((start - offset_) % slide_ == 0) is_added |= Add({reading.key, start, start + size_}, reading, fired);
      }
    }
    if (!is_added && time + lateness_ <= watermark_) ++dropped_;
    return fired;
  }
  std::vector<Total> Watermark(EventTime watermark) {
    watermark_ = watermark;
    std::vector<Total> fired;
    for (auto& [window, contents] : windows_) {
      const auto& [key, start, end] = window;
      if (!contents.is_pending || end - 1 > watermark) continue;
      fired.push_back({key, start, end, contents.count, contents.sum});
      contents.is_pending = false;
    }
    std::erase_if(windows_, [&](const auto& entry) { return std::get<2>(entry.first) - 1 + lateness_ <= watermark; });
    return fired;
  }
  // Watermarks are not in snapshots.
  void Restore() { watermark_ = kMinWatermark; }
  int64_t dropped() const { return dropped_; }

 private:
  using Window = std::tuple<int64_t, int64_t, int64_t>;  // key, start, end
  struct Contents {
    int64_t count = 0;
    int64_t sum = 0;
    bool is_pending = false;
  };

  bool Add(const Window& window, const Reading& reading, std::vector<Total>& fired) {
    const auto& [key, start, end] = window;
    if (end - 1 + lateness_ <= watermark_) return false;
    Contents& contents = windows_[window];
    ++contents.count;
    contents.sum += reading.value;
    contents.is_pending = end - 1 > watermark_;
    if (!contents.is_pending) fired.push_back({key, start, end, contents.count, contents.sum});
    return true;
  }
  Window MergedSession(int64_t key, EventTime time) {
    int64_t from = time, to = time + size_;
    Contents merged;
    bool is_merged = false;
    for (bool again = true; again;) {
      again = false;
      for (auto it = windows_.begin(); it != windows_.end(); ++it) {
        const auto [other, start, end] = it->first;
        if (other != key || start > to || end < from) continue;
        from = std::min(from, start);
        to = std::max(to, end);
        merged.count += it->second.count;
        merged.sum += it->second.sum;
        windows_.erase(it);
        is_merged = again = true;
        break;
      }
    }
    if (is_merged) windows_[{key, from, to}] = merged;
    return {key, from, to};
  }

  const int64_t size_, slide_, offset_, lateness_;
  EventTime watermark_ = kMinWatermark;
  int64_t dropped_ = 0;
  std::map<Window, Contents> windows_;
};

// Results between two watermarks, in any order; a watermark as a total of no key.
void Append(std::vector<Total>& all, std::vector<Total> part) { all.insert(all.end(), part.begin(), part.end()); }
constexpr int64_t kIsWatermark = -1;
void SortBetweenWatermarks(std::vector<Total>& all) {
  const auto is_watermark = [](const Total& total) { return total.key == kIsWatermark; };
  for (auto begin = all.begin(); begin != all.end();) {
    const auto end = std::find_if(begin, all.end(), is_watermark);
    std::sort(begin, end);
    begin = end == all.end() ? end : end + 1;
  }
}
std::vector<Total> Lines(const std::vector<StreamElement<Total>>& elements) {
  std::vector<Total> all;
  for (const auto& element : elements) {
    if (element.kind == ElementKind::kWatermark) {
      all.push_back({.key = kIsWatermark, .end = element.time});
    } else {
      EXPECT_EQ(element.time, element.record.end - 1);
      all.push_back(element.record);
    }
  }
  SortBetweenWatermarks(all);
  return all;
}

// A batch of records out of order, and watermarks; what the model says goes into `expected`.
std::vector<Element> RandomBatch(SeededRandom& random, EventTime& watermark, Model& model,
                                 std::vector<Total>& expected) {
  std::vector<Element> batch;
  for (uint64_t i = 0, n = 1 + random.Uniform(40); i < n; ++i) {
    if (random.Uniform(6) == 0) {
      watermark += 1 + static_cast<int64_t>(random.Uniform(30));
      batch.push_back(Element::Watermark(watermark));
      Append(expected, model.Watermark(watermark));
      expected.push_back({.key = kIsWatermark, .end = watermark});
      continue;
    }
    const Reading reading{static_cast<int64_t>(random.Uniform(5)), static_cast<int64_t>(random.Uniform(100))};
    const EventTime time = watermark - 40 + static_cast<int64_t>(random.Uniform(100));
    batch.push_back(Element::Record(reading, time));
    Append(expected, model.Record(reading, time));
  }
  SortBetweenWatermarks(expected);
  return batch;
}

template <class Assigner>
void CompareWithModel(uint64_t seed, Assigner assigner, Model model, Duration lateness) {
  SCOPED_TRACE("seed " + std::to_string(seed));
  SeededRandom random(seed);
  auto harness = TotalsHarness(assigner, lateness, {.resume_budget = 1 + static_cast<uint32_t>(random.Uniform(20))});
  EventTime watermark = -300;
  for (int step = 0; step < 40; ++step) {
    std::vector<Total> expected;
    const std::vector<Element> batch = RandomBatch(random, watermark, model, expected);
    harness.PushElements(batch, random.Uniform(2) == 0 ? InputForm::kDense : InputForm::kSelected);
    ASSERT_EQ(Lines(harness.TakeElements()), expected) << "step " << step;
    if (random.Uniform(8) == 0) {
      ASSERT_EQ(Dropped(harness), model.dropped());
      harness.SnapshotAndRestore();
      model.Restore();
    }
    ASSERT_TRUE(harness.status().ok()) << harness.status().message();
  }
  EXPECT_EQ(Dropped(harness), model.dropped());
}

TEST(EventTimeWindows, AgreeWithTheModelOnRandomStreamsWithRestores) {
  for (uint64_t seed = 1; seed <= 12; ++seed) {
    for (const int64_t late : {0, 7, 25}) {
      const Duration lateness(late);
      CompareWithModel(seed, TumblingEventTimeWindows(13ms), Model(13, 13, 0, late), lateness);
      CompareWithModel(seed, TumblingEventTimeWindows(10ms, -3ms), Model(10, 10, -3, late), lateness);
      CompareWithModel(seed, SlidingEventTimeWindows(20ms, 5ms, 2ms), Model(20, 5, 2, late), lateness);
      CompareWithModel(seed, SlidingEventTimeWindows(17ms, 4ms), Model(17, 4, 0, late), lateness);
      CompareWithModel(seed, SlidingEventTimeWindows(4ms, 9ms), Model(4, 9, 0, late), lateness);
      CompareWithModel(seed, EventTimeSessionWindows(6ms), Model(6, 0, 0, late), lateness);
    }
  }
}

std::vector<Element> OrderedStream(uint64_t seed, uint64_t keys) {
  SeededRandom random(seed);
  std::vector<Element> elements;
  for (EventTime time = 0; time < 400; time += 2) {
    elements.push_back(Element::Record({static_cast<int64_t>(random.Uniform(keys)), time}, time));
    if (random.Uniform(5) == 0) elements.push_back(Element::Watermark(time - 10));
  }
  return elements;
}

TEST(EventTimeWindows, GiveTheSameResultsHoweverTheInputIsCutAndRestored) {
  const auto sliding = [](HarnessOptions options) {
    return TotalsHarness(SlidingEventTimeWindows(30ms, 10ms), 0ms, std::move(options));
  };
  // One key: windows of several keys that end together fire in any order.
  EXPECT_OK(CheckSameResults(sliding, OrderedStream(1, 1)));
  EXPECT_OK(CheckRescaling(sliding, OrderedStream(2, 20)));
}

TEST(EventTimeWindows, OfSessionsMoveWithTheirKeysWhenTheJobIsRescaled) {
  const auto sessions = [](HarnessOptions options) {
    return TotalsHarness(EventTimeSessionWindows(20ms), 0ms, std::move(options));
  };
  EXPECT_OK(CheckRescaling(sessions, OrderedStream(3, 20)));
}

}  // namespace
}  // namespace weir
