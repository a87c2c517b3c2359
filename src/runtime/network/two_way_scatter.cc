#include "weir/runtime/network/two_way_scatter.h"

#include <cstddef>
#include <cstring>

namespace weir {

namespace {

// What depends on the job, not on the row.
struct ByChannels {
  const uint16_t* channels;
  size_t operator()(size_t i, size_t) const { return channels[i]; }
};
struct ByHash {
  const uint64_t* hashes;
  uint64_t second_begins;
  size_t operator()(size_t, size_t row) const { return hashes[row] >= second_begins; }
};

// Every row is written to both targets and counted in one: no branch, and the positions stay in registers. Moving four rows at a time within a register of
// 512 bits was no faster (benchmarks/exchange_16b).
template <uint32_t kBytes, bool kHashes, bool kTimes, class IsSecond>
uint32_t ScatterRows(const ScatterSource& from, uint32_t count, IsSecond is_second, const ScatterTarget& first,
                     const ScatterTarget& second) {
  const char* const rows = from.rows;
  const uint16_t* const selected = from.selected;
  char *const first_rows = first.rows, *const second_rows = second.rows;
  uint64_t *const first_hashes = first.hashes, *const second_hashes = second.hashes;
  EventTime *const first_times = first.times, *const second_times = second.times;
  size_t in_second = 0;
  for (size_t i = 0; i < count; ++i) {
    const size_t row = selected[i];
    const size_t in_first = i - in_second;
    char copy[kBytes];
    std::memcpy(copy, rows + row * kBytes, kBytes);
    std::memcpy(first_rows + in_first * kBytes, copy, kBytes);
    std::memcpy(second_rows + in_second * kBytes, copy, kBytes);
    if constexpr (kHashes) first_hashes[in_first] = second_hashes[in_second] = from.hashes[row];
    if constexpr (kTimes) first_times[in_first] = second_times[in_second] = from.times[row];
    in_second += is_second(i, row);
  }
  return static_cast<uint32_t>(in_second);
}

template <uint32_t kBytes, class IsSecond>
uint32_t ScatterRowsOf(const ScatterSource& from, uint32_t count, IsSecond is_second, const ScatterTarget& first,
                       const ScatterTarget& second) {
  const bool hashes = first.hashes != nullptr;
  const bool times = from.times != nullptr;
  if (hashes && times) return ScatterRows<kBytes, true, true>(from, count, is_second, first, second);
  if (hashes) return ScatterRows<kBytes, true, false>(from, count, is_second, first, second);
  if (times) return ScatterRows<kBytes, false, true>(from, count, is_second, first, second);
  return ScatterRows<kBytes, false, false>(from, count, is_second, first, second);
}

template <class IsSecond>
uint32_t Scatter(const ScatterSource& from, uint32_t count, uint32_t row_bytes, IsSecond is_second,
                 const ScatterTarget& first, const ScatterTarget& second) {
  switch (row_bytes) {
    case 8:
      return ScatterRowsOf<8>(from, count, is_second, first, second);
    case 16:
      return ScatterRowsOf<16>(from, count, is_second, first, second);
    case 24:
      return ScatterRowsOf<24>(from, count, is_second, first, second);
    default:
      return ScatterRowsOf<32>(from, count, is_second, first, second);
  }
}

}  // namespace

uint32_t ScatterTwoWays(const ScatterSource& from, uint32_t count, uint32_t row_bytes, const ScatterTarget& first,
                        const ScatterTarget& second) {
  if (from.channels != nullptr) return Scatter(from, count, row_bytes, ByChannels{from.channels}, first, second);
  return Scatter(from, count, row_bytes, ByHash{from.hashes, from.second_begins}, first, second);
}

}  // namespace weir
