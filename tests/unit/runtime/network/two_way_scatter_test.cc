#include "weir/runtime/network/two_way_scatter.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cstdint>
#include <cstring>
#include <random>
#include <vector>

namespace weir {
namespace {

constexpr uint32_t kRows = 256;
constexpr char kUntouched = 0x5a;

struct Target {
  std::vector<char> rows;
  std::vector<uint64_t> hashes;
  std::vector<EventTime> times;
  // Room for `count` rows and a guard behind it.
  Target(uint32_t count, uint32_t row_bytes)
      : rows((count + 8) * row_bytes, kUntouched), hashes(count + 8, 7), times(count + 8, 7) {}
};

struct Input {
  uint32_t row_bytes;
  bool carries_hashes, has_times, by_hash;
  std::vector<char> rows = {};
  std::vector<uint64_t> hashes = {};
  std::vector<EventTime> times = {};
  std::vector<uint16_t> selected = {};
  std::vector<uint16_t> channels = {};
  uint64_t second_begins = 0;

  ScatterSource Source() const {
    return {.rows = rows.data(),
            .hashes = carries_hashes || by_hash ? hashes.data() : nullptr,
            .times = has_times ? times.data() : nullptr,
            .selected = selected.data(),
            .channels = by_hash ? nullptr : channels.data(),
            .second_begins = second_begins};
  }
  ScatterTarget RoomIn(Target& target) const {
    return {target.rows.data(), carries_hashes ? target.hashes.data() : nullptr,
            has_times ? target.times.data() : nullptr};
  }
};

// One row in three of some batches is not selected.
Input RandomInput(std::mt19937_64& random) {
  Input input{.row_bytes = static_cast<uint32_t>(8 * (1 + random() % 4)),
              .carries_hashes = random() % 2 == 0,
              .has_times = random() % 2 == 0,
              .by_hash = random() % 2 == 0};
  for (uint32_t i = 0; i < kRows * input.row_bytes; ++i) input.rows.push_back(static_cast<char>(random()));
  for (uint32_t i = 0; i < kRows; ++i) {
    input.hashes.push_back(random());
    input.times.push_back(static_cast<EventTime>(random()));
  }
  const bool selects = random() % 2 == 0;
  const uint32_t first = random() % 20, count = 1 + random() % 40;
  for (uint32_t row = first; input.selected.size() < count; ++row) {
    if (!selects || random() % 3 > 0) input.selected.push_back(static_cast<uint16_t>(row));
  }
  input.second_begins = random();
  for (const uint16_t row : input.selected)
    input.channels.push_back(input.by_hash ? input.hashes[row] >= input.second_begins : random() % 2);
  return input;
}

void ExpectRowsOf(const Input& input, uint16_t channel, const Target& target) {
  size_t at = 0;
  for (size_t i = 0; i < input.selected.size(); ++i) {
    if (input.channels[i] != channel) continue;
    const size_t row = input.selected[i];
    ASSERT_EQ(std::memcmp(&target.rows[at * input.row_bytes], &input.rows[row * input.row_bytes], input.row_bytes), 0);
    ASSERT_EQ(target.hashes[at], input.carries_hashes ? input.hashes[row] : 7);
    ASSERT_EQ(target.times[at], input.has_times ? input.times[row] : 7);
    ++at;
  }
  for (size_t i = input.selected.size(); i < target.hashes.size(); ++i) {
    ASSERT_EQ(target.rows[i * input.row_bytes], kUntouched) << "written behind the room";
    ASSERT_EQ(target.hashes[i], 7u);
    ASSERT_EQ(target.times[i], 7);
  }
}

TEST(TwoWayScatter, DealsOutEveryRowInOrderWithinTheRoom) {
  std::mt19937_64 random(1);
  for (int round = 0; round < 2000; ++round) {
    SCOPED_TRACE(round);
    const Input input = RandomInput(random);
    const uint32_t count = static_cast<uint32_t>(input.selected.size());
    Target first(count, input.row_bytes), second(count, input.row_bytes);
    const uint32_t in_second =
        ScatterTwoWays(input.Source(), count, input.row_bytes, input.RoomIn(first), input.RoomIn(second));
    EXPECT_EQ(in_second, std::count(input.channels.begin(), input.channels.end(), 1));
    ExpectRowsOf(input, 0, first);
    ExpectRowsOf(input, 1, second);
    if (HasFatalFailure()) return;
  }
}

}  // namespace
}  // namespace weir
