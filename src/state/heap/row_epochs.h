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

#include <bit>
#include <cstdint>

#include "weir/functions/state/keyed_rows.h"
#include "weir/state/heap/heap_tags.h"

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

// The marks of some epochs. Nearly always those of one, or of all but one: these are found 16 at a time.
class EpochMarkSet {
 public:
  EpochMarkSet() = default;
  // `has(epoch)`: whether it is one of them; `now` as above.
  template <class F>
  EpochMarkSet(uint32_t now, F&& has) {
    for (uint32_t mark = 0; mark <= kEpochMarks; ++mark) {
      if (has(EpochOfMark(static_cast<uint8_t>(mark), now, EpochMark(now)))) marks_ |= uint64_t{1} << mark;
    }
    has_all_but_one_ = std::popcount(~marks_) == 1;
    one_ = std::popcount(marks_) == 1 || has_all_but_one_;
    mark_ = static_cast<uint8_t>(std::countr_zero(has_all_but_one_ ? ~marks_ : marks_) & kEpochMarks);
  }

  bool Has(uint8_t mark) const { return (marks_ >> (mark & kEpochMarks) & 1) != 0; }
  // Of 16 marks of a group.
  TagMask In(const uint8_t* marks) const {
    if (one_) [[likely]] {
      const uint32_t equal = BytesMatch(marks, kEpochMarks, mark_).bits();
      return TagMask(has_all_but_one_ ? equal ^ 0xffff : equal);
    }
    uint32_t bits = 0;
    for (uint32_t i = 0; i < kTagsPerGroup; ++i) bits |= static_cast<uint32_t>(Has(marks[i])) << i;
    return TagMask(bits);
  }

 private:
  uint64_t marks_ = 0;
  bool one_ = false;
  bool has_all_but_one_ = false;
  uint8_t mark_ = 0;
};

}  // namespace weir
