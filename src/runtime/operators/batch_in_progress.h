// A batch that is processed with interruptions: at every mark, work of the operator's own may come between.
#pragma once

#include <algorithm>
#include <cstdint>

#include "weir/base/time.h"
#include "weir/types/batch.h"

namespace weir {

// Where an operator stands in the batch at hand. Entries are the rows that count, in order.
//
//   while (progress.active()) {
//     if (own work is left) { do a piece; progress.RowsMoved(); return if more is left }
//     for (end = progress.EntriesBeforeMark(); progress.next() < end;) process entries up to PreparedEnd, Advance
//     if (progress.HasMark()) take it; it may make own work due
//     else progress.Finish();
//   }
class BatchInProgress {
 public:
  void Begin(int input, BatchBase* batch) {
    batch_.reset(batch);
    input_ = input;
    next_ = prepared_end_ = 0;
    next_mark_ = 0;
    window_ = kMaxBatchRows;
  }
  bool active() const { return batch_ != nullptr; }
  BatchBase& batch() const { return *batch_; }
  int input() const { return input_; }
  uint32_t next() const { return next_; }
  uint32_t RowOf(uint32_t entry) const { return batch_->has_selection ? batch_->selection[entry] : entry; }
  void Advance(uint32_t next) { next_ = next; }

  // The first entry that comes after the next mark; all if there is none.
  uint32_t EntriesBeforeMark() const {
    if (next_mark_ == batch_->marks.size()) return batch_->count();
    const uint32_t row = batch_->marks[next_mark_].row;
    if (!batch_->has_selection) return std::min(row, batch_->size);
    const uint16_t* const selection = batch_->selection;
    return static_cast<uint32_t>(std::lower_bound(selection + next_, selection + batch_->selected, row) - selection);
  }
  bool HasMark() const { return next_mark_ < batch_->marks.size(); }
  EventTime TakeMark() { return batch_->marks[next_mark_++].watermark; }

  // Up to where the entries' state rows have been looked up. After they moved, fewer are looked up at a time, so that a batch that is interrupted at
  // every mark does not look all of its rows up at each.
  uint32_t prepared_end() const { return prepared_end_; }
  uint32_t PrepareTo() {
    prepared_end_ = next_ + std::min(batch_->count() - next_, window_);
    window_ = std::min(window_ * 2, kMaxBatchRows);
    return prepared_end_;
  }
  void RowsMoved() {
    if (!active()) return;
    if (prepared_end_ > next_) window_ = std::max(window_ / 4, kFewestPrepared);
    prepared_end_ = next_;
  }
  void Finish() { batch_.reset(); }

 private:
  static constexpr uint32_t kFewestPrepared = 16;  // as many as run behind their prefetches

  BatchPtr batch_;
  int input_ = 0;
  uint32_t next_ = 0;
  uint32_t prepared_end_ = 0;
  uint32_t window_ = kMaxBatchRows;
  size_t next_mark_ = 0;
};

}  // namespace weir
