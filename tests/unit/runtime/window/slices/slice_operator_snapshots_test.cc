// Snapshots of windows on slices that are written while records, late ones and watermarks go on.
#include <gtest/gtest.h>

#include <algorithm>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "weir/api/windowed_stream.h"
#include "weir/base/random.h"
#include "weir/testing/harness_of.h"
#include "weir/testing/operator_harness.h"

#include "tests/harness/status_matchers.h"
#include "tests/unit/state/snapshot_to_memory.h"

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
  int64_t sum = 0;
  friend auto operator<=>(const Total&, const Total&) = default;
};
using Element = StreamElement<Reading>;

auto TotalsHarness() {
  return HarnessOf<Reading>([](auto readings) {
    return readings.KeyBy(&Reading::key)
        .Window(SlidingEventTimeWindows(20ms, 5ms))
        .AllowedLateness(30ms)
        .Aggregate(Sum(&Reading::value), [](int64_t key, const TimeWindow& window, int64_t sum) {
          return Total{key, ToEventTime(window.start), sum};
        });
  });
}

// Some records around the watermark, which then goes on if it `advances`.
template <class Harness>
void Feed(Harness& harness, SeededRandom& random, EventTime& watermark, bool advances = true) {
  std::vector<Element> elements;
  for (int i = 0; i < 30; ++i) {
    const EventTime time = watermark - 40 + static_cast<int64_t>(random.Uniform(80));
    elements.push_back(Element::Record(
        {static_cast<int64_t>(random.Uniform(200)), 1 + static_cast<int64_t>(random.Uniform(100))}, time));
  }
  if (advances) {
    watermark += static_cast<int64_t>(random.Uniform(20));
    elements.push_back(Element::Watermark(watermark));
  }
  harness.PushElements(elements, InputForm::kDense);
  harness.TakeOutput();
}

// What comes of restored state when nothing more does.
template <class Harness>
std::vector<Total> ResultsOf(Harness& harness) {
  harness.EndInput();
  std::vector<Total> results = harness.TakeOutput();
  EXPECT_OK(harness.status());
  std::sort(results.begin(), results.end());
  return results;
}

// `before`, `meanwhile`: steps before the snapshot begins, and before any of it is written but what changes.
void ExpectWhatThereWas(uint64_t seed, int before, int meanwhile, bool replays) {
  SCOPED_TRACE("seed " + std::to_string(seed) + ", " + std::to_string(meanwhile) + " steps, replays " +
               std::to_string(static_cast<int>(replays)));
  SeededRandom random(seed);
  auto harness = TotalsHarness();
  EventTime watermark = 100;
  for (int step = 0; step < before; ++step) Feed(harness, random, watermark);
  if (replays) {
    // From here on windows that have fired have contents of their own, which wait for the watermark.
    harness.SnapshotAndRestore();
    for (int step = 0; step < 3; ++step) Feed(harness, random, watermark, /*advances=*/false);
  }
  auto whole = TotalsHarness();
  whole.Restore({*harness.Snapshot()});
  OperatorStateParts parts = *harness.driver().BeginSnapshot();
  ASSERT_EQ(parts.running.size(), 1u);
  bool is_full = true;
  WrittenToMemory written;
  parts.running[0]->Start({}, std::make_shared<MemorySink>(written, is_full));
  for (int step = 0; step < meanwhile; ++step) Feed(harness, random, watermark, /*advances=*/step > 0 || !replays);
  is_full = false;
  while (parts.running[0]->Advance()) Feed(harness, random, watermark);
  ASSERT_TRUE(written.is_done);
  parts.running.clear();
  parts.keyed = {written.bytes};
  const std::vector<Total> expected = ResultsOf(whole);
  EXPECT_FALSE(expected.empty());
  auto restored = TotalsHarness();
  restored.driver().RestoreParts(std::move(parts));
  EXPECT_TRUE(ResultsOf(restored) == expected);
}

TEST(SliceOperatorSnapshots, HaveWhatThereWasWhenTheyBegan) {
  for (uint64_t seed = 1; seed <= 10; ++seed) {
    for (const int meanwhile : {0, 1, 3, 10}) {
      ExpectWhatThereWas(seed, /*before=*/12, meanwhile, /*replays=*/false);
      ExpectWhatThereWas(seed, /*before=*/12, meanwhile, /*replays=*/true);
    }
  }
}

}  // namespace
}  // namespace weir
