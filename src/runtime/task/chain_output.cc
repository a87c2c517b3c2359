#include "weir/runtime/task/chain_output.h"

#include <algorithm>

#include "weir/runtime/network/row_router.h"
#include "weir/runtime/task/operator_chain.h"
#include "weir/runtime/task/user_code.h"

namespace weir {

ChainedOutput::~ChainedOutput() {
  for (BatchBase* batch : waiting_) Recycle(batch);
}

void ChainedOutput::Accept(BatchBase* batch) {
  if (!waiting_.empty() || target_->HasWork()) {
    waiting_.push_back(batch);
  } else {
    Process(batch);
  }
}

void ChainedOutput::Process(BatchBase* batch) {
  if (!failure_->ok()) return Recycle(batch);
  if (numbers_ != nullptr) numbers_->CountInput(*batch);
  const bool is_timed = numbers_ != nullptr && timing_->is_on;
  const int64_t began = is_timed ? timing_->Now() : 0;
  Status status = GuardUserCode(*name_, [&] { return target_->ProcessBatch(input_, batch); });
  if (is_timed) numbers_->self_nanos.Inc((timing_->Now() - began) * timing_->weight);
  if (!status.ok()) failure_->Update(std::move(status));
}

void ChainedOutput::Drain(uint32_t budget) {
  for (uint32_t rows = 0; rows < budget && !waiting_.empty() && !target_->HasWork();) {
    BatchBase* const batch = waiting_.front();
    waiting_.pop_front();
    rows += std::max(batch->count(), uint32_t{1});
    Process(batch);
  }
}

void CountedOutput::Accept(BatchBase* batch) {
  numbers_->records_out.Inc(batch->count());
  if (!batch->marks.empty()) numbers_->output_watermark.Set(batch->LastWatermark());
  const bool is_timed = timing_->is_on;
  const int64_t began = is_timed ? timing_->Now() : 0;
  target_->Accept(batch);
  // What is behind it is not the operator's own time.
  if (is_timed) numbers_->self_nanos.Dec((timing_->Now() - began) * timing_->weight);
}

void FanOutOutput::Accept(BatchBase* batch) {
  for (size_t i = 0; i + 1 < targets_.size(); ++i) targets_[i]->Accept(CopyRows(*batch, *pool_.get()));
  targets_.back()->Accept(batch);
}

bool FanOutOutput::IsAvailable() const {
  for (const BatchOutput* target : targets_) {
    if (!target->IsAvailable()) return false;
  }
  return true;
}

}  // namespace weir
