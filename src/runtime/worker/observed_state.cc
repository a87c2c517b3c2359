#include "weir/runtime/worker/observed_state.h"

#include "weir/metrics/hot_keys.h"

namespace weir {

ObservedState::~ObservedState() = default;

void ObservedState::Add(KeyedRows& rows) {
  if (hot_keys_ == nullptr) {
    hot_keys_ = std::make_shared<HotKeys>();
    entries_ = &group_.GetGauge("stateEntries");
    bytes_ = &group_.GetGauge("stateSize");
    group_.AddGauge("hotKeys", [hot = hot_keys_] { return hot->AsJson(); });
    group_.AddGauge("hotKeyShare", [hot = hot_keys_] { return static_cast<double>(hot->TopShareMillis()) / 1000; });
  }
  if (looks_at_keys_) rows.set_hot_keys(hot_keys_.get());
  rows_.push_back(&rows);
}

void ObservedState::Publish() {
  if (rows_.empty()) return;
  uint64_t entries = 0;
  uint64_t bytes = 0;
  for (const KeyedRows* rows : rows_) {
    entries += rows->row_count();
    bytes += rows->memory_bytes();
  }
  entries_->Set(static_cast<int64_t>(entries));
  bytes_->Set(static_cast<int64_t>(bytes));
}

}  // namespace weir
