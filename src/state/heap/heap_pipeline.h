// The look-ups of a batch that are under way, for heap_table.cc only.
#pragma once

#include <algorithm>
#include <cstdint>

#include "weir/state/heap/heap_table.h"

namespace weir {

// A key goes through three stages: its tags are asked for, then the slot that its tag points to, then it is looked at. All keys of a block go through one stage
// before any goes through the next, and the three stages are at three blocks that follow each other: each stage is a loop of its own, a fifth cheaper than all
// three for one key after the other, and what was asked for is still in the L1 (performance.md).
inline constexpr uint32_t kBlock = 32;
inline constexpr uint32_t kRing = 2 * kBlock;
// Keys that are longer than their slot need a third memory access; their bytes are asked for so many keys before.
inline constexpr uint32_t kRemoteAhead = 8;

// Keys from stage to stage, by number modulo kRing.
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
  // Before the block of key 0.
  void Begin() { Ask(0, kBlock, 2 * kBlock); }
  // Before the block that begins with key `first`.
  void BeginBlock(uint32_t first) {
    for (uint32_t i = first + 2 * kBlock; i < std::min(first + 3 * kBlock, count); ++i) AskForTags(i);
    for (uint32_t i = first + kBlock; i < std::min(first + 2 * kBlock, count); ++i) AskForSlot(i);
  }
  // Pages were replaced; `next` is the first key, of the block that begins with key `first`, that was not looked at.
  void BeginAgain(uint32_t first, uint32_t next) { Ask(next, first + 2 * kBlock, first + 3 * kBlock); }

 private:
  // For the slots of the keys from `begin` up to `slots_end`, and the tags up to `tags_end`.
  void Ask(uint32_t begin, uint32_t slots_end, uint32_t tags_end) {
    for (uint32_t i = begin; i < std::min(slots_end, count); ++i) AskForTags(i);
    for (uint32_t i = begin; i < std::min(slots_end, count); ++i) AskForSlot(i);
    for (uint32_t i = slots_end; i < std::min(tags_end, count); ++i) AskForTags(i);
  }
};

}  // namespace weir
