#include "weir/runtime/worker/observed_state.h"

#include "weir/metrics/hot_keys.h"
#include "weir/state/state_backend.h"

namespace weir {

ObservedState::~ObservedState() {
  // Giving back is never refused.
  (void)backend_.TakeBeside(-static_cast<int64_t>(beside_bytes_));
}

void ObservedState::Add(KeyedRows& rows, bool is_beside) {
  if (hot_keys_ == nullptr) {
    hot_keys_ = std::make_shared<HotKeys>();
    entries_ = &group_.GetGauge("stateEntries");
    bytes_ = &group_.GetGauge("stateSize");
    group_.AddGauge("hotKeys", [hot = hot_keys_] { return hot->AsJson(); });
    group_.AddGauge("hotKeyShare", [hot = hot_keys_] { return static_cast<double>(hot->TopShareMillis()) / 1000; });
  }
  if (looks_at_keys_) rows.set_hot_keys(hot_keys_.get());
  rows_.push_back(&rows);
  if (is_beside) beside_.push_back(&rows);
}

Status ObservedState::Publish() {
  if (rows_.empty()) return OkStatus();
  uint64_t entries = 0;
  uint64_t bytes = 0;
  for (const KeyedRows* rows : rows_) {
    entries += rows->row_count();
    bytes += rows->memory_bytes();
  }
  entries_->Set(static_cast<int64_t>(entries));
  bytes_->Set(static_cast<int64_t>(bytes));
  uint64_t beside = 0;
  for (const KeyedRows* rows : beside_) beside += rows->memory_bytes();
  if (beside == beside_bytes_) return OkStatus();
  WEIR_RETURN_IF_ERROR(backend_.TakeBeside(static_cast<int64_t>(beside - beside_bytes_)));
  beside_bytes_ = beside;
  return OkStatus();
}

}  // namespace weir
