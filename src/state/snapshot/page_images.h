// Pages of the heap backend's table as bytes of a snapshot: docs/formats/keyed_rows.md, versions 3 and 4. A table whose pages lie the same way takes them as they are;
// everybody else reads the rows out of them.
#pragma once

#include <cstdint>
#include <string_view>
#include <vector>

#include "weir/base/coding.h"
#include "weir/base/status.h"
#include "weir/functions/state/keyed_rows.h"

namespace weir {

// How slots lie in a page. Offsets from the page's begin, and from the slot's. Keys are integers, and stand at a slot's begin.
struct PageImageShape {
  struct State {
    uint32_t offset = 0;
    uint32_t bytes = 0;  // as serialized, and in memory

    friend bool operator==(const State&, const State&) = default;
  };
  uint32_t page_bytes = 0;
  uint32_t first_group = 0;  // of 16 tags; a slot is taken if its tag is 0x80 or above
  uint32_t group_bytes = 0;  // from one group to the next
  uint32_t slots = 0;
  uint32_t first_slot = 0;
  uint32_t slot_bytes = 0;
  uint32_t flags_offset =
      0;  // of a row's flags, which say what states it has; 0: they have none, but for their only state
  std::vector<State> states = {};

  friend bool operator==(const PageImageShape&, const PageImageShape&) = default;
};

// What versions 3 and 4 have behind their header.
struct PageImageHeader {
  uint64_t rows = 0;  // about so many
  uint32_t first_key_group = 0;
  uint32_t last_key_group = 0;
  PageImageShape shape = {};
};

// Whether the serialized value is, byte for byte, the value in memory: numbers, and records of numbers without gaps.
bool BytesAreMemory(const ValueOps& ops);

void WritePageImageHeader(const PageImageHeader& header, ByteWriter& out);
// kDataLoss: it cannot be. `have_flags`: rows must.
StatusOr<PageImageHeader> ReadPageImageHeader(std::string_view bytes, bool have_flags);

// Calls `use` with the begin of each slot that is taken.
template <class Use>
void ForEachSlotOfPage(const PageImageShape& shape, std::string_view page, Use use) {
  constexpr uint32_t kTagsPerGroup = 16;
  for (uint32_t i = 0; i < shape.slots; ++i) {
    const size_t tag = shape.first_group + i / kTagsPerGroup * shape.group_bytes + i % kTagsPerGroup;
    if ((static_cast<uint8_t>(page[tag]) & 0x80) != 0) use(page.data() + shape.first_slot + i * shape.slot_bytes);
  }
}
// A bit for each state that the row in a slot has.
inline uint64_t PresentInSlot(const PageImageShape& shape, const char* slot) {
  return shape.flags_offset == 0 ? 1 : LoadLittleEndian<uint64_t>(slot + shape.flags_offset) & kPresentFlags;
}
// Appends the rows of a page as records of a section. Returns how many there are.
uint32_t AppendRecordsOfPage(const PageImageShape& shape, std::string_view page, ByteWriter& records);

}  // namespace weir
