// When a row was last touched, in the upper half of its flags: epochs are the times between two snapshots, counted from 0.
//
//   bits 32..62   the epoch in which the row was last touched, that is handed out to be changed
//   bit  63       a snapshot has the row, or may have
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

}  // namespace weir
