// The contents of the window that fires, from those of its slices, 64 keys at a time.
//
//   Begin(slices of the window, next window)      FireBlock(0), FireBlock(1), ... in pieces      End()
//
// What the window has in common with the next one stays: a slice comes in once and leaves once, so that a window costs as much as two slices however many
// it spans. Records that come later than a window that had them fired go to their slice and to OnLate.
//
//   WholeWindow       a window is one slice
//   DeductedWindow    a total: slices are merged in and taken out again (aggregates with Unmerge)
//   MergedWindow      two stacks: `front` has, for each slice, all from it to the front's end, made when the front had run out; `back` is one total
#pragma once

#include <algorithm>
#include <cstdint>
#include <memory>
#include <utility>
#include <vector>

#include "weir/runtime/window/slices/slice_column.h"
#include "weir/runtime/window/slices/slice_head.h"
#include "weir/runtime/window/slices/slice_keys.h"

namespace weir {

template <class V>
struct Slice final : SliceHead {
  Slice(EventTime start, EventTime end, CellPool& pool, bool starts_full, const V* fresh = nullptr)
      : SliceHead(start, end), column(pool, starts_full, fresh) {}

  uint32_t block_count() const override { return column.block_count(); }
  void ClearBlock(uint32_t block, SliceKeys& keys) override {
    column.ForEach(block, [&](uint32_t bit, V&) { keys.Release(block * kBlockRows + bit); });
    column.ClearBlock(block);
  }

  SliceColumn<V> column;
};

namespace internal {

// Those of `slices` that are not in the running window yet, and those that the window at `next` does not have.
template <class S>
struct SliceMoves {
  std::vector<S*> entering;
  std::vector<S*> leaving;

  void Plan(const std::vector<S*>& slices, EventTime next) {
    entering.clear();
    leaving.clear();
    for (S* slice : slices) {
      if (!slice->in_running) entering.push_back(slice);
      if (slice->start < next) leaving.push_back(slice);
    }
  }
  void Finish() {
    for (S* slice : entering) slice->in_running = true;
    for (S* slice : leaving) slice->in_running = false;
  }
};

}  // namespace internal

template <class Contents>
class WholeWindow {
 public:
  using Value = typename Contents::Value;

  WholeWindow(Contents&, CellPool&) {}
  // Held in pools of its own.
  uint64_t memory_bytes() const { return 0; }
  void Begin(const std::vector<Slice<Value>*>& slices, EventTime) {
    slice_ = slices.empty() ? nullptr : slices.front();
  }
  // Calls emit(bit, Value&) for every key of the block that has something in the window.
  template <class Emit>
  void FireBlock(uint32_t block, Emit&& emit) {
    if (slice_ != nullptr) slice_->column.ForEach(block, emit);
  }
  void End() {}
  // `slice` is in the running window and got `record` of key `number`, which it had no value for before if `is_new`.
  template <class T>
  void OnLate(const T&, EventTime, uint32_t, bool) {}

 private:
  Slice<Value>* slice_ = nullptr;
};

template <class Contents>
class DeductedWindow {
 public:
  using Value = typename Contents::Value;

  DeductedWindow(Contents& contents, CellPool&) : contents_(contents), total_(pool_, true) {}
  uint64_t memory_bytes() const { return pool_.memory_bytes(); }
  void Begin(const std::vector<Slice<Value>*>& slices, EventTime next) { moves_.Plan(slices, next); }
  template <class Emit>
  void FireBlock(uint32_t block, Emit&& emit) {
    for (Slice<Value>* slice : moves_.entering) {
      Total* const totals = total_.FullCells(block);
      const uint64_t present = total_.Present(block);
      slice->column.ForEach(block, [&](uint32_t bit, Value& value) {
        if (totals == nullptr || (present >> bit & 1) == 0) return MergeIn(block * kBlockRows + bit, value);
        contents_.Merge(totals[bit].value, value);
        ++totals[bit].slices;
      });
    }
    total_.ForEach(block, [&](uint32_t bit, Total& total) { emit(bit, total.value); });
    for (Slice<Value>* slice : moves_.leaving) {
      Total* const totals = total_.FullCells(block);
      slice->column.ForEach(block, [&](uint32_t bit, Value& value) {
        if (totals == nullptr || totals[bit].slices == 1) return TakeOut(block * kBlockRows + bit, value);
        contents_.Unmerge(totals[bit].value, value);
        --totals[bit].slices;
      });
    }
  }
  void End() { moves_.Finish(); }
  template <class T>
  void OnLate(const T& record, EventTime time, uint32_t number, bool is_new) {
    if (Total* total = total_.Find(number)) {
      contents_.Add(total->value, record, time);
      total->slices += is_new;
    } else {
      contents_.Start(total_.Insert(number, {{}, 1}).value, record, time);
    }
  }

 private:
  struct Total {
    Value value;
    uint32_t slices;  // that have the key; none left: the total goes, and with it what rounding has left behind
  };

  void MergeIn(uint32_t number, Value& value) {
    if (Total* total = total_.Find(number)) [[likely]] {
      contents_.Merge(total->value, value);
      ++total->slices;
    } else {
      total_.Insert(number, {value, 1});
    }
  }
  void TakeOut(uint32_t number, const Value& value) {
    Total* const total = total_.Find(number);
    if (--total->slices == 0) {
      total_.Remove(number);
    } else {
      contents_.Unmerge(total->value, value);
    }
  }

  Contents& contents_;
  CellPool pool_ = SliceColumn<Total>::NewPool();
  SliceColumn<Total> total_;
  internal::SliceMoves<Slice<Value>> moves_;
};

template <class Contents>
class MergedWindow {
 public:
  using Value = typename Contents::Value;

  MergedWindow(Contents& contents, CellPool& pool) : contents_(contents), pool_(pool), top_(pool), back_(pool) {}
  uint64_t memory_bytes() const { return 0; }

  void Begin(const std::vector<Slice<Value>*>& slices, EventTime next) {
    moves_.Plan(slices, next);
    // The front has run out, or a slice comes in late between those that are there: all that stays becomes the new front.
    turns_ = moves_.leaving.size() > front_.size() || EntersLate(slices);
    if (!turns_) return;
    for (Slice<Value>* slice : slices) {
      if (slice->start >= next) next_front_.push_back(std::make_unique<Front>(*slice, pool_));
    }
  }
  template <class Emit>
  void FireBlock(uint32_t block, Emit&& emit) {
    if (block < dirty_.size() && dirty_[block] != 0) Repair(block, std::exchange(dirty_[block], 0));
    for (Slice<Value>* slice : moves_.entering)
      slice->column.ForEach(block,
                            [&](uint32_t bit, Value& value) { MergeInto(back_, block * kBlockRows + bit, value); });
    EmitBlock(block, emit);
    if (turns_) {
      BuildFront(next_front_, block, ~uint64_t{0});
      back_.ClearBlock(block);
    } else {
      LeaveFront(block);
    }
  }
  void End() {
    moves_.Finish();
    if (turns_) {
      front_ = std::move(next_front_);
      next_front_.clear();
      back_slices_.clear();
      return;
    }
    front_.erase(front_.begin(), front_.begin() + static_cast<ptrdiff_t>(moves_.leaving.size()));
    back_slices_.insert(back_slices_.end(), moves_.entering.begin(), moves_.entering.end());
  }
  template <class T>
  void OnLate(const T&, EventTime, uint32_t number, bool) {
    const uint32_t block = number / kBlockRows;
    if (block >= dirty_.size()) dirty_.resize(block + 1);
    dirty_[block] |= uint64_t{1} << number % kBlockRows;
  }

 private:
  // A slice, and for each key that it has: all from this slice to the front's end, merged.
  struct Front {
    Front(Slice<Value>& slice, CellPool& pool) : slice(slice), rest(pool, slice.column.IsMostlyFull()) {}
    Slice<Value>& slice;
    SliceColumn<Value> rest;
  };
  using Fronts = std::vector<std::unique_ptr<Front>>;

  bool EntersLate(const std::vector<Slice<Value>*>& slices) const {
    if (moves_.entering.empty()) return false;
    const EventTime first = moves_.entering.front()->start;
    return std::any_of(slices.begin(), slices.end(),
                       [first](const Slice<Value>* slice) { return slice->in_running && slice->start > first; });
  }
  void MergeInto(SliceColumn<Value>& column, uint32_t number, Value& value) {
    if (Value* present = column.Find(number)) {
      contents_.Merge(*present, value);
    } else {
      column.Insert(number, value);
    }
  }
  static void Put(SliceColumn<Value>& column, uint32_t number, const Value& value) {
    if (Value* present = column.Find(number)) {
      *present = value;
    } else {
      column.Insert(number, value);
    }
  }
  template <class Emit>
  void EmitBlock(uint32_t block, Emit&& emit) {
    const uint64_t both = top_.Present(block) & back_.Present(block);
    top_.ForEach(block, [&](uint32_t bit, Value& value) {
      if ((both >> bit & 1) == 0) return emit(bit, value);
      Value merged = value;
      contents_.Merge(merged, back_.At(block, bit));
      emit(bit, merged);
    });
    back_.ForEach(block, [&](uint32_t bit, Value& value) {
      if ((both >> bit & 1) == 0) emit(bit, value);
    });
  }
  // Makes `rest` of all fronts, and the top, for the keys in `mask`.
  void BuildFront(Fronts& fronts, uint32_t block, uint64_t mask) {
    Value* newer[kBlockRows] = {};
    uint64_t present = 0;
    for (size_t i = fronts.size(); i-- > 0;) {
      Front& front = *fronts[i];
      front.slice.column.ForEach(block, [&](uint32_t bit, const Value& value) {
        if ((mask >> bit & 1) == 0) return;
        Value merged = value;
        if (newer[bit] != nullptr) contents_.Merge(merged, *newer[bit]);
        Put(front.rest, block * kBlockRows + bit, merged);
      });
      // Cells move while others come in: their places are known only now.
      const uint64_t here = front.slice.column.Present(block) & mask;
      for (uint64_t left = here; left != 0; left &= left - 1) {
        const uint32_t bit = static_cast<uint32_t>(std::countr_zero(left));
        newer[bit] = &front.rest.At(block, bit);
      }
      present |= here;
    }
    for (uint64_t left = (top_.Present(block) | present) & mask; left != 0; left &= left - 1) {
      const uint32_t bit = static_cast<uint32_t>(std::countr_zero(left));
      SetTop(block * kBlockRows + bit, newer[bit]);
    }
  }
  void SetTop(uint32_t number, const Value* value) {
    if (value != nullptr) {
      Put(top_, number, *value);
    } else if (top_.Has(number)) {
      top_.Remove(number);
    }
  }
  // Takes the oldest slices out of the top.
  void LeaveFront(uint32_t block) {
    uint64_t changed = 0;
    for (Slice<Value>* slice : moves_.leaving) changed |= slice->column.Present(block);
    for (; changed != 0; changed &= changed - 1) {
      const uint32_t bit = static_cast<uint32_t>(std::countr_zero(changed));
      size_t next = moves_.leaving.size();
      while (next < front_.size() && (front_[next]->rest.Present(block) >> bit & 1) == 0) ++next;
      SetTop(block * kBlockRows + bit, next < front_.size() ? &front_[next]->rest.At(block, bit) : nullptr);
    }
  }
  // Late records came for these keys since the last window.
  void Repair(uint32_t block, uint64_t mask) {
    BuildFront(front_, block, mask);
    for (uint64_t left = mask; left != 0; left &= left - 1) {
      const uint32_t number = block * kBlockRows + static_cast<uint32_t>(std::countr_zero(left));
      if (back_.Has(number)) back_.Remove(number);
      for (Slice<Value>* slice : back_slices_) {
        if (Value* value = slice->column.Find(number)) MergeInto(back_, number, *value);
      }
    }
  }

  Contents& contents_;
  CellPool& pool_;
  Fronts front_;       // oldest first
  Fronts next_front_;  // while a window fires that turns the stacks
  bool turns_ = false;
  SliceColumn<Value> top_;                  // of the front: what is merged from all its slices
  std::vector<Slice<Value>*> back_slices_;  // oldest first
  SliceColumn<Value> back_;
  std::vector<uint64_t> dirty_;  // by block: keys to repair
  internal::SliceMoves<Slice<Value>> moves_;
};

}  // namespace weir
