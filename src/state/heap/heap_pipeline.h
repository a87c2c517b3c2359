// The look-ups of a batch that are under way, for heap_table.cc only.
#pragma once

#include <algorithm>
#include <cstdint>

#include "weir/state/heap/heap_table.h"

namespace weir {

// A key goes through three stages: its tags are asked for, then, kAhead keys later, the slot that its tag points to, then it is looked at. 16 behind each
// prefetch is enough for memory beyond the caches, and what was asked for is still in the L1 (hotpath.md, section 6).
inline constexpr uint32_t kAhead = 16;
inline constexpr uint32_t kRing = 2 * kAhead;
// Keys that are longer than their slot need a third memory access; their bytes are asked for half way.
inline constexpr uint32_t kRemoteAhead = kAhead / 2;

// The keys between their first and their last stage, by number modulo kRing.
template <class Keys>
template <bool kKeepsMarks>
struct HeapTable<Keys>::Pipeline {
  HeapTable& table;
  const uint64_t* hashes;
  uint32_t count;
  uint8_t* homes[kRing];
  char* slots[kRing];    // where the tags say the key is; nullptr: nowhere in its home group
  uint8_t marks[kRing];  // of these slots; only with kKeepsMarks

  void AskForTags(uint32_t i) {
    homes[i % kRing] = table.HomeOf(hashes[i]);
    __builtin_prefetch(homes[i % kRing]);
  }
  void AskForSlot(uint32_t i) {
    uint8_t* const home = homes[i % kRing];
    TagMask match = TagsEqual(home, TagOf(hashes[i]));
    uint8_t* group = home;
    if (!match && !TagsEqual(home, kTagEmpty)) [[unlikely]] {
      // The key is new, or its home was full when it came: then it is mostly in the next group.
      group = table.slots_.Next(home);
      match = TagsEqual(group, TagOf(hashes[i]));
    }
    char* const slot = match ? table.slots_.SlotOf(group + match.First()) : nullptr;
    slots[i % kRing] = slot;
    // In the line of the tags. Of a slot that there is not: whatever.
    if constexpr (kKeepsMarks) marks[i % kRing] = group[kTagsPerGroup + (match.bits() != 0 ? match.First() : 0)];
    __builtin_prefetch(slot, 1);
    // Half of the slots of 40 bytes lie in two lines. As a number, for `slot` may be null.
    const uintptr_t last = reinterpret_cast<uintptr_t>(slot) + table.slots_.stride - 1;
    __builtin_prefetch(reinterpret_cast<const void*>(last), 1);
  }
  // Fills the stages before key `i`.
  void FillFrom(uint32_t i) {
    for (uint32_t j = i; j < std::min(i + kRing, count); ++j) AskForTags(j);
    for (uint32_t j = i; j < std::min(i + kAhead, count); ++j) AskForSlot(j);
  }
};

}  // namespace weir
