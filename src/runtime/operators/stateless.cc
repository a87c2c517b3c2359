#include "weir/runtime/operators/stateless.h"

#include <algorithm>

#include "weir/runtime/operators/batch_copy.h"

namespace weir {

Status StatelessOperator::Open(const OperatorContext& context) {
  output_ = context.outputs.front();
  return lifecycle_.Open(*context.runtime);
}

Status StatelessOperator::Close(bool) { return lifecycle_.Close(); }

Status FilterOperatorBase::ProcessBatch(int, BatchBase* batch) {
  BatchPtr owner(batch);
  batch->selected = Select(*batch);
  batch->has_selection = batch->size > 0;
  batch->has_hashes = false;  // of the key that brought the records here: a later KeyBy must not take them for its own
  if (!batch->empty()) output_->Accept(owner.release());
  return OkStatus();
}

Status InPlaceMapOperatorBase::ProcessBatch(int, BatchBase* batch) {
  BatchPtr owner(batch);
  Apply(*batch);
  batch->has_hashes = false;
  output_->Accept(owner.release());
  return OkStatus();
}

Status MapOperatorBase::ProcessBatch(int, BatchBase* batch) {
  BatchPtr owner(batch);
  uint32_t next = 0;
  do {
    BatchPtr mapped(output_->Fresh());
    next = MapChunk(*batch, next, *mapped);
    if (!mapped->empty()) output_->Accept(mapped.release());
  } while (next < batch->count());
  return OkStatus();
}

uint32_t MapOperatorBase::MapChunk(BatchBase& batch, uint32_t begin, BatchBase& out) {
  const uint32_t end = begin + std::min(batch.count() - begin, out.capacity);
  if (views_.has_views) out.ShareOwners(batch, views_.holds_rows);
  Apply(batch, begin, end, out);
  out.size = end - begin;
  if (batch.has_times) internal::CopyTimes(batch, begin, end, out);
  if (!batch.marks.empty()) internal::CopyMarks(batch, begin, end, out);
  return end;
}

Status FlatMapOperatorBase::Open(const OperatorContext& context) {
  collector_.Bind(context.outputs.front(), views_.has_views, views_.holds_rows);
  return StatelessOperator::Open(context);
}

Status FlatMapOperatorBase::ProcessBatch(int, BatchBase* batch) {
  BatchPtr owner(batch);
  collector_.BeginInput(*batch);
  Apply(*batch);
  collector_.EndInput();
  return OkStatus();
}

Status FlatMapOperatorBase::EndStep() {
  collector_.Flush();
  return OkStatus();
}

}  // namespace weir
