// Rows without flags, of functions with a single state of a few bytes: what their flags would say stands in a byte of the row's page, beside the tags of the same
// 16 slots, which whoever looked for the row has read anyway. A row of 8 bytes would be twice as long with flags.
//
//   page:  [ header ][ tag * 16, mark * 16 ] * groups, padding, [ key, row ] * 16 * groups
//   mark:  bit 7: the state has a value; the others are the table's
#pragma once

#include <cstdint>

namespace weir {

inline constexpr uint8_t kPresentMark = 0x80;

struct RowMarks {
  static constexpr uint32_t kPageBytes = 16 * 1024;  // and pages are aligned to it
  static constexpr uint32_t kFirstGroup = 64;        // offset in the page
  static constexpr uint32_t kTags = 16;              // of a group; as many marks follow

  uint32_t first_row = 0;  // offset in the page; 0: rows have flags
  uint32_t inverse = 0;    // 2^32 / bytes from row to row, rounded up

  uint8_t* Of(const char* row) const {
    const uint32_t offset = static_cast<uint32_t>(reinterpret_cast<uintptr_t>(row)) & (kPageBytes - 1);
    const uint32_t number = static_cast<uint32_t>(uint64_t{offset - first_row} * inverse >> 32);
    char* const page = const_cast<char*>(row) - offset;
    return reinterpret_cast<uint8_t*>(page) + kFirstGroup + kTags + (number & ~(kTags - 1)) * 2 +
           (number & (kTags - 1));
  }
};

}  // namespace weir
