// The part of a windowed operator with slices that depends neither on records nor on keys: what a watermark makes due, in pieces.
//
//   mark:    windows that end by it fire, the earliest first, 64 keys at a time; the watermark goes on; slices that no window needs go; unused keys are purged
//   pieces:  all of that stops when the budget is used up and goes on in Resume; the batch at hand waits
//
// Windows are not remembered: which fires next follows from the slices that exist and the watermark up to which all have fired.
#pragma once

#include <cstdint>
#include <memory>
#include <vector>

#include "weir/functions/state/stateful_function.h"
#include "weir/runtime/operators/batch_in_progress.h"
#include "weir/runtime/operators/operator.h"
#include "weir/runtime/window/slices/fired_ranges.h"
#include "weir/runtime/window/slices/slice_grid.h"
#include "weir/runtime/window/slices/slice_head.h"
#include "weir/runtime/window/slices/slice_keys.h"
#include "weir/runtime/window/slices/slice_rows.h"

namespace weir {

class SliceOperatorBase : public Operator, protected SliceContents {
 public:
  bool HasWork() const final { return progress_.active() || work_ != Work::kNone; }
  Status Resume(uint32_t budget) final { return Continue(budget); }
  Status Snapshot(OperatorStateWriter& writer) final;
  Status Restore(OperatorStateReader& reader) final;
  Status EndStep() override;

 protected:
  // `lateness`: how long slices are kept after their windows have fired.
  SliceOperatorBase(const SliceGrid& grid, int64_t lateness) : grid_(grid), lateness_(lateness) {}
  ~SliceOperatorBase() override;
  void DeleteSlices();

  Status OpenSlices(const OperatorContext& context, const StatefulFunction& function, KeyForm key_form);
  // Processes `batch`; part of it may be left to Resume.
  Status BeginBatch(BatchBase* batch);

  // Entries from progress_.next() up to `end`, in order.
  virtual Status ProcessEntries(uint32_t end) = 0;
  // Time has moved: what was remembered about the slice of the last record is void.
  virtual void ForgetSlice() = 0;
  // The window at `window` is to fire; its slices, oldest first, and its own contents, or null.
  virtual void BeginWindow(EventTime window, const std::vector<SliceHead*>& slices, SliceHead* own) = 0;
  virtual void BeginPiece() = 0;
  // Emits the results of 64 keys; returns how many.
  virtual uint32_t FireBlock(uint32_t block) = 0;
  virtual void EndPiece() = 0;
  virtual void EndWindow() = 0;
  virtual void EmitWatermark(EventTime watermark) = 0;
  // A slice goes.
  virtual void OnDrop(SliceHead& slice) = 0;

  // A snapshot was made of other windows.
  Status OtherWindowsError() const;
  EventTime CleanUpTime(EventTime window) const;
  bool HasFired(EventTime window) const { return grid_.FireTime(window) <= watermark_; }
  bool IsGone(EventTime window) const { return CleanUpTime(window) <= watermark_; }
  // The slice that begins at `start`, or nullptr; and the place for a new one.
  static SliceHead* FindSlice(const std::vector<SliceHead*>& slices, EventTime start);
  void AddSlice(std::vector<SliceHead*>& slices, SliceHead* slice);
  // A snapshot is being written; it begins between two batches only.
  bool IsWritten() const { return rows_->IsWritten(); }
  // What the key has in slices and windows is about to change.
  void BeforeChange(uint32_t number) { rows_->BeforeChange(number); }
  // A slice, or a window of its own, that goes and is not gone yet; else null. It is in neither list any more.
  SliceHead* dropped_slice() const { return drops_window_ ? nullptr : dropped_.get(); }
  SliceHead* dropped_window() const { return drops_window_ ? dropped_.get() : nullptr; }
  // Some windows are not to be computed from slices (fired_ranges.h).
  bool IsReplaying() const { return !fired_.empty() || !own_windows_.empty(); }

  const SliceGrid grid_;
  const int64_t lateness_;
  BatchInProgress progress_;
  std::unique_ptr<SliceKeys> keys_;
  EventTime watermark_ = kMinWatermark;
  std::vector<SliceHead*> slices_;       // ascending by start
  std::vector<SliceHead*> own_windows_;  // windows with contents of their own, ascending by start
  FiredRanges fired_{KeyGroupRange()};

 private:
  enum class Work : uint8_t { kNone, kFire, kDrop, kPurge };

  Status Continue(uint32_t budget);
  void DoPiece(uint32_t& budget);
  void AdvanceWatermark(EventTime watermark);
  // Chooses what is to be done next for the present watermark.
  void ChooseWork();
  bool ChooseWindow();
  bool ChooseDrop();
  // The earliest window that has not fired and has something; false: there is none.
  bool NextWindow(EventTime& window) const;
  // The earliest watermark at which something may be due.
  EventTime NextDue() const;

  std::unique_ptr<SliceRows> rows_;
  KeyGroupRange key_groups_;
  EventTime fired_to_ = kMinWatermark;  // windows that end by this time have fired
  EventTime next_due_ = kMinWatermark;
  Work work_ = Work::kNone;
  bool watermark_waits_ = false;
  bool has_dropped_ = false;
  uint32_t block_ = 0;
  uint32_t blocks_ = 0;
  EventTime window_ = 0;                // that fires
  std::unique_ptr<SliceHead> dropped_;  // that goes
  bool drops_window_ = false;           // dropped_ is no slice, but a window
};

}  // namespace weir
