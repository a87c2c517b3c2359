#include "weir/functions/collector.h"

#include <algorithm>

namespace weir {

CollectorBase::~CollectorBase() {
  HoldKept(nullptr);
  if (batch_ != nullptr) Recycle(batch_);
}

void CollectorBase::Bind(BatchOutput* output, bool keeps_views, bool holds_rows) {
  output_ = output;
  keeps_views_ = keeps_views;
  holds_rows_ = holds_rows;
}

void CollectorBase::BeginInput(BatchBase& input) {
  input_ = &input;
  if (!input.has_times) time_ = kNoEventTime;  // not that of an earlier batch
  if (input.has_times && !with_times_) {
    with_times_ = true;
    Flush();  // a batch has times for all its rows or for none
  }
  if (batch_ != nullptr && keeps_views_) batch_->ShareOwners(input, holds_rows_);
}

void CollectorBase::EndInput() {
  input_ = nullptr;
  HoldKept(nullptr);
}

void CollectorBase::HoldKept(Bytes* kept) {
  if (kept != nullptr) kept->Retain();
  if (kept_ != nullptr) kept_->Release();
  kept_ = kept;
}

void CollectorBase::AddMark(EventTime watermark) {
  EnsureBatch();
  batch_->marks.push_back(Mark{size_, watermark});
}

void CollectorBase::Flush() {
  if (batch_ == nullptr) return;
  batch_->size = size_;
  BatchBase* const batch = std::exchange(batch_, nullptr);
  times_ = nullptr;
  size_ = capacity_ = 0;
  if (batch->empty()) {
    Recycle(batch);
  } else {
    output_->Accept(batch);
  }
}

void CollectorBase::Turn() {
  if (batch_ != nullptr && input_ != nullptr && batch_->arena != nullptr && batch_->arena->used > 0) {
    HoldKept(batch_->arena);
  }
  Flush();
  batch_ = output_->Fresh();
  // What was kept may be collected again: this batch needs its bytes, too.
  if (kept_ != nullptr) batch_->AddOwner(kept_);
  capacity_ = batch_->capacity;
  if (with_times_) {
    batch_->UseTimes();
    times_ = batch_->times;
  }
  if (input_ != nullptr && keeps_views_) batch_->ShareOwners(*input_, holds_rows_);
}

void CollectorBase::UseTimes() {
  with_times_ = true;
  if (batch_ == nullptr) return;
  batch_->UseTimes();
  std::fill_n(batch_->times, size_, kNoEventTime);
  times_ = batch_->times;
}

}  // namespace weir
