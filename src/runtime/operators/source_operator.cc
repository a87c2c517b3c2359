#include "weir/runtime/operators/source_operator.h"

#include <utility>

#include "weir/base/execution/event_count.h"
#include "weir/runtime/operators/operator_state.h"

namespace weir {

Status SourceOperator::Open(const OperatorContext& context) {
  output_ = context.outputs.front();
  side_outputs_.assign(context.outputs.begin() + 1, context.outputs.end());
  clock_ = context.clock;
  if (has_strategy_)
    timeline_ = std::make_unique<EventTimeline>(strategy_, *context.clock, context.auto_watermark_interval_ms);
  if (strategy_.is_aligned())
    alignment_ = std::make_unique<SourceAlignment>(strategy_.alignment, context.clock->WallMillis());
  WEIR_ASSIGN_OR_RETURN(reader_, factory_->CreateReader(*context.runtime));
  if (!context.side_outputs.empty()) reader_->BindSideOutputs(context.side_outputs, context.outputs.data() + 1);
  return reader_->Open([](void* waker) { static_cast<EventCount*>(waker)->Notify(); }, context.waker);
}

Status SourceOperator::ProcessBatch(int, BatchBase* batch) {
  Recycle(batch);
  return InternalError("a source has no input");
}

void SourceOperator::NoMoreSplits() {
  no_more_splits_ = true;
  reader_->NoMoreSplits();
}

bool SourceOperator::TakeAlignmentReport(AlignmentReport& report) {
  if (alignment_ == nullptr || has_ended_ || !alignment_->TakeReport(clock_->WallMillis())) return false;
  report.settings = &alignment_->settings();
  report.watermark = timeline_->is_idle() ? kMaxWatermark : timeline_->watermark();
  return true;
}

void SourceOperator::SetWatermarkLimit(EventTime limit) {
  if (alignment_ != nullptr) alignment_->SetLimit(limit);
}

bool SourceOperator::PauseWhatIsTooFar() {
  std::vector<uint32_t> too_far = timeline_->SplitsAbove(alignment_->limit());
  if (too_far != paused_splits_) {
    paused_splits_ = std::move(too_far);
    reader_->PauseSplits(paused_splits_);
  }
  const bool was_paused = std::exchange(is_paused_, alignment_->IsTooFar(timeline_->watermark()));
  if (was_paused && !is_paused_) timeline_->OnPauseEnded(clock_->WallMillis());
  return is_paused_;
}

StatusOr<SourceOperatorBase::Emitted> SourceOperator::EmitNext() {
  if (alignment_ != nullptr && PauseWhatIsTooFar()) {
    wake_up_ = kNoEventTime;  // the next answer wakes it
    return Emitted::kIdle;
  }
  BatchPtr batch(output_->Fresh());
  const ReadResult result = reader_->ReadBatch(*batch, Budget{.rows = batch->capacity});
  return OnRead(result, std::move(batch));
}

StatusOr<SourceOperatorBase::Emitted> SourceOperator::OnRead(const ReadResult& result, BatchPtr batch) {
  if (timeline_ != nullptr) WEIR_RETURN_IF_ERROR(AddEventTime(result, *batch));
  const bool has_something = !batch->empty();
  if (has_something) {
    records_ += batch->count();
    const EventTime watermark = batch->LastWatermark();
    output_->Accept(batch.release());
    if (watermark != kMinWatermark) EmitMarkOnSides(watermark);
  }
  switch (result.kind) {
    case ReadResult::Kind::kProgress:
      return Emitted::kBatch;
    case ReadResult::Kind::kIdle:
      wake_up_ = result.wake_up;
      if (timeline_ != nullptr && timeline_->next_time() != kNoEventTime &&
          (wake_up_ == kNoEventTime || timeline_->next_time() < wake_up_))
        wake_up_ = timeline_->next_time();
      return has_something ? Emitted::kBatch : Emitted::kIdle;
    case ReadResult::Kind::kEnd:
      EmitEnd();
      return Emitted::kEnd;
    case ReadResult::Kind::kError:
      break;
  }
  return result.error;
}

Status SourceOperator::AddEventTime(const ReadResult& result, BatchBase& batch) {
  WEIR_RETURN_IF_ERROR(timeline_->OnBatch(batch, result.split));
  if (result.split_finished) timeline_->OnSplitFinished(result.split);
  // Looked at after reading: a source that was held up by its consumers has records now, and is not idle.
  if (timeline_->next_time() != kNoEventTime) timeline_->OnProcessingTime(clock_->WallMillis());
  if (timeline_->TakeAdvance()) batch.marks.push_back(Mark{batch.size, timeline_->watermark()});
  watermark_ = timeline_->watermark();
  return OkStatus();
}

Status SourceOperator::EndEarly() {
  EmitEnd();
  return OkStatus();
}

void SourceOperator::EmitEnd() {
  has_ended_ = true;
  watermark_ = kMaxWatermark;
  EmitMark(*output_, kMaxWatermark);
  EmitMarkOnSides(kMaxWatermark);
}

void SourceOperator::EmitMark(BatchOutput& output, EventTime watermark) {
  BatchBase* const batch = output.Fresh();
  batch->marks.push_back(Mark{0, watermark});
  output.Accept(batch);
}

void SourceOperator::EmitMarkOnSides(EventTime watermark) {
  for (BatchOutput* side : side_outputs_) EmitMark(*side, watermark);
}

Status SourceOperator::Snapshot(OperatorStateWriter& writer) {
  writer.AddElements("splits", Redistribution::kSplit, reader_->SnapshotSplits());
  return OkStatus();
}

Status SourceOperator::Restore(OperatorStateReader& reader) {
  return reader_->AddEncodedSplits(reader.Elements("splits"));
}

Status SourceOperator::NotifyCheckpointComplete(int64_t checkpoint_id) {
  reader_->NotifyCheckpointComplete(checkpoint_id);
  return OkStatus();
}

Status SourceOperator::Close(bool) { return reader_ != nullptr ? reader_->Close() : OkStatus(); }

}  // namespace weir
