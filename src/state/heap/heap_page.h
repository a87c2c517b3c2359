// One page of the heap backend's table: a small hash table whose slots hold key and row.
//
//   page   := header (64 bytes), group * n, padding, slot * 16 n
//   group  := tag * 16 [, mark * 16]                                  marks: of rows without flags (functions/state/row_marks.h)
//   slot   := key (8 or 16 bytes), row
//
// Slots are in groups of 16. A key's home is a group given by the low half of its hash; the key stands there or, if the home is full, in one of the
// next groups, around the end. A look-up ends at the first group that has an empty slot.
#pragma once

#include <cstdint>

#include "weir/functions/state/row_marks.h"
#include "weir/state/heap/heap_tags.h"
#include "weir/state/heap/page_arena.h"

namespace weir {

struct HeapPage {
  uint64_t prefix;  // the top `depth` bits of the hashes of its keys, as a number
  uint32_t depth;
  uint32_t rows;       // slots taken
  uint32_t used;       // slots taken or gaps
  bool gone;           // replaced by others; freed at the end of the Prepare in which that happened
  HeapPage* overflow;  // more rows of the same prefix, where splitting would not separate them; usually null
  HeapPage* copy;      // of a page that is gone because it was lent: where its rows are now
  uint32_t lent;       // loans that it is in (page_loan.h)
  uint32_t unused[5];

  uint8_t* tags() { return reinterpret_cast<uint8_t*>(this + 1); }
};
static_assert(sizeof(HeapPage) == RowMarks::kFirstGroup, "groups of tags are aligned");
static_assert(PageArena::kPageBytes == RowMarks::kPageBytes && kTagsPerGroup == RowMarks::kTags);

inline HeapPage* PageOf(const void* inside) {
  return reinterpret_cast<HeapPage*>(reinterpret_cast<uintptr_t>(inside) & ~uintptr_t{PageArena::kPageBytes - 1});
}

// The same place in the copy of a page that has one.
template <class Byte>
Byte* InCopy(Byte* inside) {
  HeapPage* const page = PageOf(inside);
  return reinterpret_cast<Byte*>(page->copy) +
         (reinterpret_cast<uintptr_t>(inside) - reinterpret_cast<uintptr_t>(page));
}

// How the slots of all pages of one table lie.
template <bool kHasMarks>
struct HeapSlots {
  static constexpr uint32_t kGroupBytes = kHasMarks ? 2 * kTagsPerGroup : kTagsPerGroup;

  uint32_t row_bytes;
  uint32_t stride;   // bytes from slot to slot
  uint32_t groups;   // of tags in a page
  uint32_t count;    // slots of a page
  uint32_t first;    // offset of the first slot
  uint32_t limit;    // slots that may be used before the page is split
  uint32_t inverse;  // 2^32 / stride, rounded up

  static HeapSlots Of(uint32_t key_bytes, uint32_t row_bytes);

  uint8_t* Home(HeapPage* page, uint64_t hash) const {
    return page->tags() + ((static_cast<uint32_t>(hash) * uint64_t{groups}) >> 32) * kGroupBytes;
  }
  // The group behind `group`, around the end of the page.
  uint8_t* Next(uint8_t* group) const {
    HeapPage* const page = PageOf(group);
    group += kGroupBytes;
    return group == page->tags() + groups * kGroupBytes ? page->tags() : group;
  }
  char* SlotOf(uint8_t* tag) const {
    HeapPage* const page = PageOf(tag);
    const uint32_t at = static_cast<uint32_t>(tag - page->tags());
    const uint32_t number = at / kGroupBytes * kTagsPerGroup + at % kTagsPerGroup;
    return reinterpret_cast<char*>(page) + first + number * stride;
  }
  uint8_t* TagAt(HeapPage* page, uint32_t number) const {
    return page->tags() + number / kTagsPerGroup * kGroupBytes + number % kTagsPerGroup;
  }
  uint8_t* GroupOf(uint8_t* tag) const {
    uint8_t* const tags = PageOf(tag)->tags();
    return tags + (tag - tags) / kGroupBytes * kGroupBytes;
  }
  // Of slots with marks.
  uint8_t* MarkFor(char* slot) const { return TagFor(slot) + kTagsPerGroup; }
  uint8_t* TagFor(char* slot) const {
    HeapPage* const page = PageOf(slot);
    const uint64_t offset = static_cast<uint32_t>(slot - reinterpret_cast<char*>(page)) - first;
    return TagAt(page, static_cast<uint32_t>(offset * inverse >> 32));
  }
};

extern template struct HeapSlots<false>;
extern template struct HeapSlots<true>;

}  // namespace weir
