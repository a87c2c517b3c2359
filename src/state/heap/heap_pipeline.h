// The look-ups of a batch that are under way, for heap_table.cc only.
#pragma once

#include <algorithm>
#include <cstdint>

#include "weir/state/heap/heap_table.h"
#include "weir/state/heap/row_epochs.h"

namespace weir {

// A key goes through three stages: its tags are asked for, then the slot that its tag points to, then it is looked at. All keys of a block go through one stage
// before any goes through the next, and the three stages are at three blocks that follow each other: each stage is a loop of its own, a fifth cheaper than all
// three for one key after the other, and what was asked for is still in the L1 (performance.md).
inline constexpr uint32_t kBlock = 32;
inline constexpr uint32_t kRing = 2 * kBlock;
// Keys that are longer than their slot need a third memory access; their bytes are asked for so many keys before.
inline constexpr uint32_t kRemoteAhead = 8;

// Those of a block's bits in [begin, end).
inline uint32_t BitsBetween(uint32_t begin, uint32_t end) {
  return static_cast<uint32_t>((uint64_t{1} << end) - (uint64_t{1} << begin));
}

// Numbers of keys whose rows are still to be touched in their epoch, told to a RowToucher some at a time.
class UntouchedKeys {
 public:
  UntouchedKeys(RowToucher* toucher, char* const* rows, const uint64_t* hashes)
      : toucher_(toucher), rows_(rows), hashes_(hashes) {}

  // Key `number`, if `is_untouched`: whether is not to be predicted, so there is no branch on it.
  void AddIf(bool is_untouched, uint32_t number) {
    numbers_[count_] = number;
    count_ += is_untouched ? 1 : 0;
    TellIfMany();
  }
  // Those of the keys from `first` on whose bits are set.
  void AddAll(uint32_t bits, uint32_t first) {
    for (; bits != 0; bits &= bits - 1) numbers_[count_++] = first + static_cast<uint32_t>(__builtin_ctz(bits));
    TellIfMany();
  }
  // It may copy pages; what still points into them is followed to the copies at its own touch, or behind the last key.
  void Tell() {
    toucher_->TouchRows(numbers_, count_, rows_, hashes_);
    count_ = 0;
  }

 private:
  // Few enough for what was asked for to be at hand still.
  static constexpr uint32_t kTouchedAtOnce = 32;

  void TellIfMany() {
    if (count_ >= kTouchedAtOnce) Tell();
  }

  RowToucher* const toucher_;
  char* const* const rows_;
  const uint64_t* const hashes_;
  uint32_t count_ = 0;
  uint32_t numbers_[kTouchedAtOnce + kBlock];
};

// Keys from stage to stage, by number modulo kRing.
template <class Keys>
template <bool kKeepsMarks>
struct HeapTable<Keys>::Pipeline {
  HeapTable& table;
  const uint64_t* hashes;
  uint32_t count;
  uint8_t* homes[kRing];
  char* slots[kRing];                           // where the tags say the key is; nullptr: nowhere in its home group
  alignas(kTagsPerGroup) uint8_t marks[kRing];  // of these slots; only with kKeepsMarks

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
  // Of the block that begins with key `first`: a bit for each key whose slot's mark is not of the epoch.
  uint32_t UntouchedIn(uint32_t first, uint8_t epoch_mark) const {
    uint32_t touched = 0;
    for (uint32_t i = 0; i < kBlock; i += kTagsPerGroup) {
      touched |= BytesMatch(&marks[first % kRing + i], kEpochMarks, epoch_mark).bits() << i;
    }
    return ~touched;
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
