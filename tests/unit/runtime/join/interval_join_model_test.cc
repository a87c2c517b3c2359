// Interval joins beside a model that keeps every record and applies Flink's rules one by one.
#include <gtest/gtest.h>

#include <algorithm>
#include <string>
#include <tuple>
#include <variant>
#include <vector>

#include "weir/api/interval_joined_stream.h"
#include "weir/base/random.h"
#include "weir/testing/harness_of.h"
#include "weir/testing/interleaved_harness.h"
#include "weir/testing/operator_check.h"

#include "tests/harness/status_matchers.h"

namespace weir {
namespace {

struct Row {
  int64_t key = 0;
  int64_t id = 0;
};
struct Pair {
  int64_t left = 0;
  int64_t right = 0;
  int64_t time = 0;
  friend auto operator<=>(const Pair&, const Pair&) = default;
};
using Either = std::variant<Row, Row>;
using Element = StreamElement<Either>;

struct Bounds {
  int64_t lower = 0;
  int64_t upper = 0;
  bool excludes_lower = false;
  bool excludes_upper = false;
};

auto MakeHarness(const Bounds& bounds, HarnessOptions options) {
  return InterleavedHarness(HarnessOf<Row, Row>(
      [&](auto left, auto right) {
        auto joined = left.KeyBy(&Row::key)
                          .IntervalJoin(right.KeyBy(&Row::key))
                          .Between(Duration(bounds.lower), Duration(bounds.upper));
        if (bounds.excludes_lower) joined = joined.LowerBoundExclusive();
        if (bounds.excludes_upper) joined = joined.UpperBoundExclusive();
        return joined.Process([](const Row& l, const Row& r) { return Pair{l.id, r.id}; });
      },
      std::move(options)));
}

// A record with the number of watermarks that came before it.
struct Kept {
  Row row;
  EventTime time;
  EventTime watermark;
};

// What Flink gives: a record stays until a watermark after it reaches its clean-up time.
class Model {
 public:
  explicit Model(const Bounds& bounds)
      : lower_(bounds.lower + (bounds.excludes_lower ? 1 : 0)),
        upper_(bounds.upper - (bounds.excludes_upper ? 1 : 0)) {}

  void Push(const Element& element) {
    if (element.kind == ElementKind::kWatermark) {
      watermark_ = std::max(watermark_, element.time);
      return;
    }
    if (element.time < watermark_) {
      ++late_;
      return;
    }
    const size_t side = element.record.index();
    const Kept kept{side == 0 ? std::get<0>(element.record) : std::get<1>(element.record), element.time, watermark_};
    for (const Kept& other : kept_[1 - side]) {
      const Kept& left = side == 0 ? kept : other;
      const Kept& right = side == 0 ? other : kept;
      if (left.row.key != right.row.key || IsGone(other, 1 - side)) continue;
      if (right.time < left.time + lower_ || right.time > left.time + upper_) continue;
      pairs_.push_back({left.row.id, right.row.id, std::max(left.time, right.time)});
    }
    kept_[side].push_back(kept);
  }
  std::vector<Pair> Sorted() {
    std::sort(pairs_.begin(), pairs_.end());
    return pairs_;
  }
  int64_t late() const { return late_; }

 private:
  bool IsGone(const Kept& kept, size_t side) const {
    const int64_t keep = std::max<int64_t>(0, side == 0 ? upper_ : -lower_);
    return watermark_ > kept.watermark && kept.time + keep <= watermark_;
  }

  const int64_t lower_;
  const int64_t upper_;
  EventTime watermark_ = kMinWatermark;
  std::vector<Kept> kept_[2];
  std::vector<Pair> pairs_;
  int64_t late_ = 0;
};

// Records up to `disorder` behind the newest; watermarks `allowed` behind it.
std::vector<Element> RandomInput(Random& random, int64_t keys, int64_t disorder, int64_t allowed, int count) {
  std::vector<Element> elements;
  int64_t newest = -50;
  int64_t watermark = newest - allowed;
  for (int i = 0; i < count; ++i) {
    newest += static_cast<int64_t>(random.Uniform(4));
    const int64_t time = newest - static_cast<int64_t>(random.Uniform(static_cast<uint64_t>(disorder) + 1));
    const Row row{static_cast<int64_t>(random.Uniform(static_cast<uint64_t>(keys))), i};
    Either either;
    if (random.Uniform(2) == 0) {
      either.emplace<0>(row);
    } else {
      either.emplace<1>(row);
    }
    elements.push_back(Element::Record(either, time));
    // One that does not move would come out again after a restore.
    if (random.Uniform(3) != 0 || newest - allowed == watermark) continue;
    watermark = newest - allowed;
    elements.push_back(Element::Watermark(watermark));
  }
  return elements;
}

Bounds RandomBounds(Random& random) {
  const int64_t lower = static_cast<int64_t>(random.Uniform(120)) - 60;
  return {lower, lower + static_cast<int64_t>(random.Uniform(80)), random.Uniform(3) == 0, random.Uniform(3) == 0};
}

class IntervalJoinModel : public ::testing::TestWithParam<uint64_t> {};
INSTANTIATE_TEST_SUITE_P(Seeds, IntervalJoinModel, ::testing::Range<uint64_t>(1, 31));

TEST_P(IntervalJoinModel, FindsWhatTheModelFinds) {
  SeededRandom random(GetParam());
  const Bounds bounds = RandomBounds(random);
  // Some records are late, some lie at the watermark itself.
  const std::vector<Element> input = RandomInput(random, 3, 20, static_cast<int64_t>(random.Uniform(25)), 400);
  Model model(bounds);
  for (const Element& element : input) model.Push(element);

  auto interleaved = MakeHarness(bounds, {});
  std::vector<Pair> pairs;
  interleaved.PushElements(input).EndInput();
  for (const auto& element : interleaved.TakeElements()) {
    if (element.kind == ElementKind::kRecord)
      pairs.push_back({element.record.left, element.record.right, element.time});
  }
  ASSERT_OK(interleaved.status());
  std::sort(pairs.begin(), pairs.end());
  EXPECT_EQ(pairs, model.Sorted()) << "bounds " << bounds.lower << " .. " << bounds.upper;
  EXPECT_EQ(interleaved.harness().accumulators().Get("numLateRecordsDropped").value(), model.late());
  auto fresh = MakeHarness(bounds, {});
  EXPECT_EQ(interleaved.Snapshot().value(), fresh.Snapshot().value()) << "state is left";
}

TEST_P(IntervalJoinModel, GivesTheSameResultsHoweverItIsFedAndRestored) {
  SeededRandom random(GetParam());
  const Bounds bounds = RandomBounds(random);
  const auto make = [&](HarnessOptions options) { return MakeHarness(bounds, options); };
  // Nothing is late: a restored operator does not know the watermark yet, and would take what was.
  const std::vector<Element> input = RandomInput(random, 5, 20, 21, 60);
  EXPECT_OK(CheckSameResults(make, input));
  EXPECT_OK(CheckRescaling(make, input));
}

}  // namespace
}  // namespace weir
