#include "weir/base/execution/executor.h"

namespace weir {

Closure TimerEntry::Claim() {
  if (state_.exchange(State::kTaken, std::memory_order_acq_rel) == State::kTaken) return nullptr;
  return std::move(closure_);
}

bool TimerEntry::Cancel() {
  if (state_.exchange(State::kTaken, std::memory_order_acq_rel) == State::kTaken) return false;
  closure_ = nullptr;
  return true;
}

Closure ClosureOf(std::shared_ptr<TimerEntry> entry) {
  return [entry = std::move(entry)] {
    if (Closure closure = entry->Claim()) closure();
  };
}

bool TimerHandle::Cancel() {
  if (entry_ == nullptr) return false;
  const std::shared_ptr<TimerEntry> entry = std::move(entry_);
  return entry->Cancel();
}

}  // namespace weir
