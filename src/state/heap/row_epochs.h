// When a row was last touched, that is handed out to be changed: epochs are the times between two snapshots, counted from 0. In the upper half of its flags:
//
//   bits 32..62   the epoch
//   bit  63       a snapshot has the row, or may have
//
// or in its mark (functions/state/row_marks.h):
//
//   bits 0..5     0: long ago; else 1 + epoch % 63, of one of the last 63 epochs: what is older is made 0 in time (heap_snapshots.h)
//   bit  6        as bit 63
#pragma once

#include <cstdint>

#include "weir/functions/state/keyed_rows.h"

namespace weir {

inline constexpr uint32_t kEpochShift = 32;
inline constexpr uint64_t kEpochMask = uint64_t{0x7fffffff} << kEpochShift;
inline constexpr uint64_t kStoredFlag = uint64_t{1} << 63;

inline uint32_t RowEpoch(const char* row) { return static_cast<uint32_t>((RowFlags(row) & kEpochMask) >> kEpochShift); }
inline void SetRowEpoch(char* row, uint32_t epoch) {
  RowFlags(row) = (RowFlags(row) & ~kEpochMask) | uint64_t{epoch} << kEpochShift;
}

inline constexpr uint8_t kEpochMarks = 0x3f;
inline constexpr uint8_t kStoredMark = 0x40;
inline constexpr uint32_t kMarkedEpochs = 63;

inline uint8_t EpochMark(uint32_t epoch) { return static_cast<uint8_t>(1 + epoch % kMarkedEpochs); }
// `now`: the current epoch, and `now_mark` its mark. 0: long ago.
inline uint32_t EpochOfMark(uint8_t mark, uint32_t now, uint8_t now_mark) {
  const uint32_t own = mark & kEpochMarks;
  if (own == 0) return 0;
  return now - (own <= now_mark ? now_mark - own : now_mark + kMarkedEpochs - own);
}

}  // namespace weir
