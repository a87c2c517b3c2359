// The head of a source task: drives a reader.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "weir/functions/source.h"
#include "weir/functions/watermark_generator.h"
#include "weir/runtime/operators/operator.h"
#include "weir/runtime/time/event_timeline.h"
#include "weir/runtime/time/source_alignment.h"

namespace weir {

// Reads one batch per EmitNext and sends it on, with the watermark +infinity at the end. With a strategy, records get timestamps and watermarks, which
// are kept per split.
class SourceOperator : public SourceOperatorBase {
 public:
  explicit SourceOperator(std::shared_ptr<const SourceFactory> factory) : factory_(std::move(factory)) {}
  SourceOperator(std::shared_ptr<const SourceFactory> factory, const EventTimeStrategy& strategy)
      : factory_(std::move(factory)), strategy_(strategy), has_strategy_(true) {}

  Status Open(const OperatorContext& context) override;
  Status ProcessBatch(int input, BatchBase* batch) override;
  StatusOr<Emitted> EmitNext() override;
  Status EndEarly() override;
  EventTime wake_up() const override { return wake_up_; }
  Status AddSplits(const std::vector<std::string>& splits) override { return reader_->AddEncodedSplits(splits); }
  void NoMoreSplits() override;
  bool WantsSplit() const override { return !no_more_splits_ && reader_->WantsSplit(); }
  std::string Position() const override { return reader_ != nullptr ? reader_->Position() : std::string(); }
  SourceProgress progress() const override { return reader_ != nullptr ? reader_->progress() : SourceProgress(); }
  bool TakeAlignmentReport(AlignmentReport& report) override;
  void SetWatermarkLimit(EventTime limit) override;
  EventTime NextProcessingTime() const override {
    return alignment_ != nullptr && !has_ended_ ? alignment_->next_report() : kNoEventTime;
  }
  int64_t records() const override { return records_; }
  // Without event time, or with one split, none is known.
  EventTimeline::Slowest SlowestSplit() const {
    return timeline_ == nullptr ? EventTimeline::Slowest() : timeline_->SlowestSplit();
  }
  // How old the newest record of the last batch was when it was read, in milliseconds; -1: nobody knows.
  int64_t emit_lag() const { return timeline_ == nullptr ? -1 : timeline_->emit_lag(); }
  EventTime watermark() const override { return watermark_; }
  bool IsIdle(bool) const override { return timeline_ != nullptr && !has_ended_ && timeline_->is_idle(); }
  Status Snapshot(OperatorStateWriter& writer) override;
  Status Restore(OperatorStateReader& reader) override;
  Status NotifyCheckpointComplete(int64_t checkpoint_id) override;
  Status Close(bool failed) override;

 private:
  StatusOr<Emitted> OnRead(const ReadResult& result, BatchPtr batch);
  // Event time of what was read.
  Status AddEventTime(const ReadResult& result, BatchBase& batch);
  // Tells the reader which splits to leave out. True: it must not be called at all.
  bool PauseWhatIsTooFar();
  void EmitEnd();
  static void EmitMark(BatchOutput& output, EventTime watermark);
  // Event time goes on in the side outputs too.
  void EmitMarkOnSides(EventTime watermark);

  const std::shared_ptr<const SourceFactory> factory_;
  const EventTimeStrategy strategy_;
  const bool has_strategy_ = false;
  const Clock* clock_ = nullptr;
  std::unique_ptr<EventTimeline> timeline_;     // null without a strategy
  std::unique_ptr<SourceAlignment> alignment_;  // null without alignment
  std::vector<uint32_t> paused_splits_;         // as the reader was told
  bool is_paused_ = false;
  std::unique_ptr<SourceReaderBase> reader_;
  BatchOutput* output_ = nullptr;
  std::vector<BatchOutput*> side_outputs_;
  EventTime wake_up_ = kNoEventTime;
  EventTime watermark_ = kMinWatermark;
  int64_t records_ = 0;
  bool no_more_splits_ = false;
  bool has_ended_ = false;
};

}  // namespace weir
