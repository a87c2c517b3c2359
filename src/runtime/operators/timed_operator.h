// Keyed operators whose marks fire timers: the loop over a batch that stands still at a mark until firing is done.
#pragma once

#include <memory>

#include "weir/runtime/operators/batch_in_progress.h"
#include "weir/runtime/operators/keyed.h"
#include "weir/runtime/time/keyed_timers.h"

namespace weir {

// What is left to the operator: its records, its timers' user code, its outputs. Without timers (timers_ is null) batches run through without a stop.
class TimedOperator : public KeyedOperatorBase {
 public:
  bool HasWork() const final { return progress_.active() || IsFiring(); }
  Status Resume(uint32_t budget) final { return Continue(budget); }
  EventTime NextProcessingTime() const final {
    return timers_ != nullptr ? timers_->NextProcessingTime() : kNoEventTime;
  }
  Status OnProcessingTime(EventTime now) final {
    timers_->BeginProcessingTime(now);
    return OkStatus();
  }
  Status EndInput(int input) override;
  Status Restore(OperatorStateReader& reader) override;
  Status EndStep() override;

 protected:
  // `inputs`: of the operator.
  explicit TimedOperator(int inputs) : open_inputs_(inputs) {}

  // As OpenState, with timers if the function has OnTimer.
  Status OpenStateAndTimers(const OperatorContext& context, StatefulFunction& function, KeyForm key_form,
                            bool with_timers);
  // Processes `batch`; part of it may be left to Resume.
  Status BeginBatch(int input, BatchBase* batch);
  // The operator's watermark: fires what it makes due, then emits it.
  void AdvanceWatermark(EventTime watermark);

  // Entries from progress_.next() up to `end`, in order.
  virtual Status ProcessEntries(uint32_t end) = 0;
  // A mark stands in the batch at hand; calls AdvanceWatermark if it moves the operator's watermark.
  virtual void OnMark(int input, EventTime watermark) = 0;
  // One piece of timers; see KeyedTimers::FirePiece.
  virtual bool FirePiece(uint32_t& budget) = 0;
  // For what user code sees; before timers fire.
  virtual void SetWatermark(EventTime watermark) = 0;
  // To the outputs; behind what the timers emitted.
  virtual void EmitWatermark(EventTime watermark) = 0;

  BatchInProgress progress_;
  std::unique_ptr<KeyedTimers> timers_;

 private:
  bool IsFiring() const { return timers_ != nullptr && timers_->is_firing(); }
  Status Continue(uint32_t budget);
  Status WorkOn(uint32_t budget);
  void Fire(uint32_t& budget);

  int open_inputs_;
  EventTime watermark_ = kMinWatermark;
};

}  // namespace weir
