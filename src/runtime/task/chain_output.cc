#include "weir/runtime/task/chain_output.h"

#include "weir/runtime/network/row_router.h"
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
  Status status = GuardUserCode(*name_, [&] { return target_->ProcessBatch(input_, batch); });
  if (!status.ok()) failure_->Update(std::move(status));
}

void ChainedOutput::Drain() {
  while (!waiting_.empty() && !target_->HasWork()) {
    BatchBase* const batch = waiting_.front();
    waiting_.pop_front();
    Process(batch);
  }
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
