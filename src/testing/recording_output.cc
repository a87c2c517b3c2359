#include "weir/testing/recording_output.h"

namespace weir {

RecordingOutput::~RecordingOutput() {
  for (BatchBase* batch : waiting_) Recycle(batch);
}

BatchBase* RecordingOutput::Fresh() {
  BatchBase* const batch = pool_->Get();
  if (batch->type->has_views) memory_->GiveTo(*batch);
  return batch;
}

BatchPtr RecordingOutput::Take() {
  if (waiting_.empty()) return nullptr;
  BatchPtr batch(waiting_.front());
  waiting_.pop_front();
  return batch;
}

}  // namespace weir
