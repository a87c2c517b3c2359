// One value per key for the keys that have one: a column over the keys' numbers.
//
//   block (64 numbers):   [ present: a bit each ][ run of cells | its size class ]
//
// A block begins with 4 cells, kept close together in the order of their numbers, and gets 16 and then 64, where each number has its own place: a slice that
// few keys were seen in costs memory for these, one that all were seen in is an array. Cells of such an array that have no value may hold a `fresh` one, so
// that the first record of a key is added as any other.
#pragma once

#include <bit>
#include <cstdint>
#include <memory>
#include <new>
#include <type_traits>
#include <utility>
#include <vector>

#include "weir/runtime/window/slices/cell_pool.h"

namespace weir {

inline constexpr uint32_t kBlockRows = 64;

template <class V>
class SliceColumn {
 public:
  // `starts_full`: blocks get all their cells at once; for columns that most keys will be in. `fresh`: what a value begins with, for FindOrRevive; it
  // outlives the column.
  explicit SliceColumn(CellPool& pool, bool starts_full = false, const V* fresh = nullptr)
      : pool_(&pool), first_class_(starts_full ? kFull : 1), fresh_(fresh) {}
  SliceColumn(const SliceColumn&) = delete;
  SliceColumn& operator=(const SliceColumn&) = delete;
  ~SliceColumn() { Clear(); }

  static CellPool NewPool() { return CellPool(sizeof(V), alignof(V)); }

  uint32_t block_count() const { return static_cast<uint32_t>(blocks_.size()); }
  // A bit per number of the block that has a value.
  uint64_t Present(uint32_t block) const { return block < blocks_.size() ? blocks_[block].present : 0; }
  bool Has(uint32_t number) const { return (Present(number / kBlockRows) >> (number % kBlockRows) & 1) != 0; }

  // nullptr: there is none.
  V* Find(uint32_t number) {
    if (!Has(number)) return nullptr;
    return CellOf(blocks_[number / kBlockRows], number % kBlockRows);
  }
  // The value of a number, fresh if it had none; is_new says which. Without a branch on that: in a column that has two keys of three it is guessed wrong for
  // every third record. nullptr: the block has no cells for all its numbers.
  V* FindOrRevive(uint32_t number, bool& is_new)
    requires std::is_trivially_copyable_v<V>
  {
    const uint32_t index = number / kBlockRows;
    if (index >= blocks_.size() || ClassOf(blocks_[index]) != kFull) [[unlikely]]
      return nullptr;
    Block& block = blocks_[index];
    const uint64_t bit = uint64_t{1} << number % kBlockRows;
    is_new = (block.present & bit) == 0;
    block.present |= bit;
    return Cells(block) + number % kBlockRows;
  }
  // Where the values of a block stand whose numbers have each their own place; nullptr: they are packed, or there are none.
  V* FullCells(uint32_t block) {
    return block < blocks_.size() && ClassOf(blocks_[block]) == kFull ? Cells(blocks_[block]) : nullptr;
  }
  // The value of a number that has one.
  V& At(uint32_t block, uint32_t bit) { return *CellOf(blocks_[block], bit); }
  // Of a number that has none.
  V& Insert(uint32_t number, V value) {
    const uint32_t index = number / kBlockRows;
    if (index >= blocks_.size()) blocks_.resize(index + 1);
    Block& block = blocks_[index];
    const uint32_t bit = number % kBlockRows;
    V* const cell = MakeRoom(block, bit);
    new (cell) V(std::move(value));
    block.present |= uint64_t{1} << bit;
    return *cell;
  }
  void Remove(uint32_t number) {
    Block& block = blocks_[number / kBlockRows];
    const uint32_t bit = number % kBlockRows;
    V* const cell = CellOf(block, bit);
    block.present &= ~(uint64_t{1} << bit);
    if (ClassOf(block) == kFull) {
      std::destroy_at(cell);
      if constexpr (std::is_trivially_copyable_v<V>) {
        if (fresh_ != nullptr) new (cell) V(*fresh_);
      }
      return;
    }
    V* const end = Cells(block) + std::popcount(block.present);
    for (V* at = cell; at < end; ++at) *at = std::move(at[1]);
    std::destroy_at(end);
  }
  // Calls f(bit, V&) for every value of the block, in order.
  template <class F>
  void ForEach(uint32_t index, F&& f) {
    if (index >= blocks_.size()) return;
    Block& block = blocks_[index];
    V* const cells = Cells(block);
    uint64_t left = block.present;
    if (left == ~uint64_t{0}) {
      for (uint32_t bit = 0; bit < kBlockRows; ++bit) f(bit, cells[bit]);
    } else if (ClassOf(block) == kFull) {
      for (; left != 0; left &= left - 1)
        f(static_cast<uint32_t>(std::countr_zero(left)), cells[std::countr_zero(left)]);
    } else {
      for (V* cell = cells; left != 0; left &= left - 1) f(static_cast<uint32_t>(std::countr_zero(left)), *cell++);
    }
  }
  void ClearBlock(uint32_t index) {
    if (index >= blocks_.size()) return;
    Block& block = blocks_[index];
    if constexpr (!std::is_trivially_destructible_v<V>)
      ForEach(index, [](uint32_t, V& value) { std::destroy_at(&value); });
    if (ClassOf(block) != 0) pool_->Give(Cells(block), ClassOf(block));
    block = Block();
  }
  void Clear() {
    for (uint32_t index = 0; index < blocks_.size(); ++index) ClearBlock(index);
    blocks_.clear();
  }
  void Prefetch(uint32_t number) const {
    const uint32_t index = number / kBlockRows;
    // Where blocks are not full, this is near enough.
    if (index < blocks_.size()) __builtin_prefetch(Cells(blocks_[index]) + number % kBlockRows, 1);
  }
  // Whether another column like this one had better start full: a block in use has a quarter of its numbers or more.
  bool IsMostlyFull() const {
    uint64_t used = 0, present = 0;
    for (const Block& block : blocks_) {
      used += block.present != 0;
      present += static_cast<uint64_t>(std::popcount(block.present));
    }
    return present * 4 >= used * kBlockRows;
  }

 private:
  struct Block {
    uint64_t present = 0;
    uintptr_t cells = 0;  // address | class
  };
  static constexpr uint32_t kFull = CellPool::kClasses - 1;

  static uint32_t ClassOf(const Block& block) { return static_cast<uint32_t>(block.cells & 3); }
  static V* Cells(const Block& block) { return reinterpret_cast<V*>(block.cells & ~uintptr_t{3}); }
  static V* CellOf(const Block& block, uint32_t bit) {
    if (ClassOf(block) == kFull) [[likely]]
      return Cells(block) + bit;
    return Cells(block) + std::popcount(block.present & ((uint64_t{1} << bit) - 1));
  }
  // An empty cell for `bit`, not constructed.
  V* MakeRoom(Block& block, uint32_t bit) {
    if (ClassOf(block) == kFull) [[likely]]
      return Cells(block) + bit;
    const uint32_t count = static_cast<uint32_t>(std::popcount(block.present));
    if (count == CellPool::kCells[ClassOf(block)]) Grow(block);
    if (ClassOf(block) == kFull) return Cells(block) + bit;
    V* const cell = CellOf(block, bit);
    for (V* at = Cells(block) + count; at > cell; --at) Relocate(at - 1, at);
    return cell;
  }
  void Grow(Block& block) {
    const uint32_t next = ClassOf(block) == 0 ? first_class_ : ClassOf(block) + 1;
    V* const from = Cells(block);
    V* const to = static_cast<V*>(pool_->Take(next));
    if constexpr (std::is_trivially_copyable_v<V>) {
      if (next == kFull && fresh_ != nullptr) std::uninitialized_fill_n(to, kBlockRows, *fresh_);
    }
    uint32_t position = 0;
    for (uint64_t left = block.present; left != 0; left &= left - 1, ++position)
      Relocate(from + position, to + (next == kFull ? static_cast<uint32_t>(std::countr_zero(left)) : position));
    if (from != nullptr) pool_->Give(from, ClassOf(block));
    block.cells = reinterpret_cast<uintptr_t>(to) | next;
  }
  static void Relocate(V* from, V* to) {
    new (to) V(std::move(*from));
    std::destroy_at(from);
  }

  CellPool* const pool_;
  const uint32_t first_class_;
  const V* const fresh_;
  std::vector<Block> blocks_;
};

}  // namespace weir
