// One page of the heap backend's table: a small hash table with linear probing whose slots hold key and row.
//
//   page   := header (64 bytes), slot * n
//   slot   := key (8 or 16 bytes), row        the row begins with its flags, which also say what is in the slot
//
// A key's home is a slot given by the low half of its hash; it stands there or in one of the next slots, around the end, before the first empty one.
// A slot whose row was dropped may have to stay as a gap, so that what stands behind it is found.
#pragma once

#include <cstdint>

#include "weir/functions/keyed_rows.h"
#include "weir/state/heap/page_arena.h"

namespace weir {

// The backend's bits of a row's flags. An empty slot has neither.
inline constexpr uint64_t kSlotTaken = uint64_t{1} << 63;
inline constexpr uint64_t kSlotGap = uint64_t{1} << 62;

struct HeapPage {
  uint64_t prefix;  // the top `depth` bits of the hashes of its keys, as a number
  uint32_t depth;
  uint32_t rows;       // slots taken
  uint32_t used;       // slots taken or gaps
  bool gone;           // replaced by others; freed at the end of the Prepare in which that happened
  HeapPage* overflow;  // more rows of the same prefix, where splitting would not separate them; usually null
  uint64_t unused[4];
};
static_assert(sizeof(HeapPage) == 64, "slots begin at a cache line");

// How the slots of all pages of one table lie.
struct HeapSlots {
  uint32_t key_bytes;
  uint32_t row_bytes;
  uint32_t stride;  // bytes from slot to slot
  uint32_t count;   // slots of a page
  uint32_t limit;   // slots that may be used before the page is split
  uint32_t last;    // offset of the last slot in the page

  static HeapSlots Of(uint32_t key_bytes, uint32_t row_bytes);

  char* First(HeapPage* page) const { return reinterpret_cast<char*>(page) + sizeof(HeapPage); }
  char* At(HeapPage* page, uint32_t number) const { return First(page) + number * stride; }
  // The slot behind `slot`, around the end of the page.
  char* Next(char* slot) const;
  char* Home(HeapPage* page, uint64_t hash) const {
    return First(page) + ((static_cast<uint32_t>(hash) * uint64_t{count}) >> 32) * stride;
  }
  uint64_t& Flags(char* slot) const { return RowFlags(slot + key_bytes); }
  char* Row(char* slot) const { return slot + key_bytes; }
};

inline HeapPage* PageOf(const char* inside) {
  return reinterpret_cast<HeapPage*>(reinterpret_cast<uintptr_t>(inside) & ~uintptr_t{PageArena::kPageBytes - 1});
}

inline char* HeapSlots::Next(char* slot) const {
  const uintptr_t offset = reinterpret_cast<uintptr_t>(slot) & (PageArena::kPageBytes - 1);
  return offset == last ? First(PageOf(slot)) : slot + stride;
}

}  // namespace weir
