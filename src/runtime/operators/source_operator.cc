#include "weir/runtime/operators/source_operator.h"

#include "weir/base/event_count.h"
#include "weir/runtime/operators/operator_state.h"

namespace weir {

Status SourceOperator::Open(const OperatorContext& context) {
  output_ = context.outputs.front();
  WEIR_ASSIGN_OR_RETURN(reader_, factory_->CreateReader(*context.runtime));
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

StatusOr<SourceOperatorBase::Emitted> SourceOperator::EmitNext() {
  BatchPtr batch(output_->Fresh());
  const ReadResult result = reader_->ReadBatch(*batch, Budget{.rows = batch->capacity});
  return OnRead(result, std::move(batch));
}

StatusOr<SourceOperatorBase::Emitted> SourceOperator::OnRead(const ReadResult& result, BatchPtr batch) {
  const bool has_rows = batch->size > 0;
  if (has_rows) {
    records_ += batch->size;
    output_->Accept(batch.release());
  }
  switch (result.kind) {
    case ReadResult::Kind::kProgress:
      return Emitted::kBatch;
    case ReadResult::Kind::kIdle:
      wake_up_ = result.wake_up;
      return has_rows ? Emitted::kBatch : Emitted::kIdle;
    case ReadResult::Kind::kEnd:
      EmitEnd();
      return Emitted::kEnd;
    case ReadResult::Kind::kError:
      break;
  }
  return result.error;
}

void SourceOperator::EmitEnd() {
  watermark_ = kMaxWatermark;
  BatchBase* const last = output_->Fresh();
  last->marks.push_back(Mark{0, kMaxWatermark});
  output_->Accept(last);
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
