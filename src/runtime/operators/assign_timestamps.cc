#include "weir/runtime/operators/assign_timestamps.h"

namespace weir {

AssignTimestampsOperator::AssignTimestampsOperator(const EventTimeStrategy& strategy, const BatchType* type)
    : strategy_(strategy), marks_(type) {}

Status AssignTimestampsOperator::Open(const OperatorContext& context) {
  output_ = context.outputs.front();
  timeline_ = std::make_unique<EventTimeline>(strategy_, *context.clock, context.auto_watermark_interval_ms);
  return OkStatus();
}

Status AssignTimestampsOperator::ProcessBatch(int, BatchBase* untyped) {
  BatchPtr batch(untyped);
  has_ended_ = has_ended_ || batch->LastWatermark() == kMaxWatermark;
  batch->has_hashes = false;  // of the key that brought the records here: a later KeyBy must not take them for its own
  WEIR_RETURN_IF_ERROR(timeline_->OnBatch(*batch, 0));
  if (has_ended_) batch->marks.push_back(Mark{batch->size, kMaxWatermark});
  if (!batch->empty()) output_->Accept(batch.release());
  return OkStatus();
}

Status AssignTimestampsOperator::OnProcessingTime(EventTime now) {
  timeline_->OnProcessingTime(now);
  if (!timeline_->TakeAdvance()) return OkStatus();
  BatchBase* const marks = marks_->GetEmpty();
  marks->marks.push_back(Mark{0, timeline_->watermark()});
  output_->Accept(marks);
  return OkStatus();
}

}  // namespace weir
