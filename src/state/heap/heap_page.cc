#include "weir/state/heap/heap_page.h"

#include <algorithm>

#include "weir/base/check.h"

namespace weir {

template <bool kHasMarks>
HeapSlots<kHasMarks> HeapSlots<kHasMarks>::Of(uint32_t key_bytes, uint32_t row_bytes) {
  constexpr uint32_t kLine = 64;
  HeapSlots slots;
  slots.row_bytes = row_bytes;
  slots.stride = key_bytes + row_bytes;
  slots.inverse = static_cast<uint32_t>(((uint64_t{1} << 32) + slots.stride - 1) / slots.stride);
  const auto fit = [&slots](uint32_t count) {
    slots.count = count;
    slots.groups = (count + kTagsPerGroup - 1) / kTagsPerGroup;
    slots.first = static_cast<uint32_t>(sizeof(HeapPage) + slots.groups * kGroupBytes + kLine - 1) / kLine * kLine;
    return slots.first + count * slots.stride <= PageArena::kPageBytes;
  };
  uint32_t count = static_cast<uint32_t>(PageArena::kPageBytes / slots.stride);
  while (!fit(count)) --count;
  // Whole groups only: a short one at the end would fill up first.
  if (count >= kTagsPerGroup) fit(count / kTagsPerGroup * kTagsPerGroup);
  WEIR_CHECK_GE(slots.count, 4u) << "rows of " << row_bytes << " bytes";
  slots.limit = std::max(slots.count * 13 / 16, 2u);
  return slots;
}

template struct HeapSlots<false>;
template struct HeapSlots<true>;

}  // namespace weir
