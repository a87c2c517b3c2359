// What the metrics of an operator show of its keyed state.
#pragma once

#include <cstdint>
#include <memory>
#include <vector>

#include "weir/base/status.h"
#include "weir/functions/state/keyed_rows.h"
#include "weir/metrics/metric_group.h"

namespace weir {

class HotKeys;
class StateBackend;

// Threads: the task's thread; the metrics are read by any.
class ObservedState {
 public:
  // Makes the metrics in `group` when the first rows come. Both must outlive this.
  ObservedState(MetricGroup& group, StateBackend& backend) : group_(group), backend_(backend) {}
  ObservedState(const ObservedState&) = delete;
  ObservedState& operator=(const ObservedState&) = delete;
  ~ObservedState();

  // From now on a sample of the keys of `rows` is counted, and Publish tells their number and size. `is_beside`: their backend does not know of them, so that
  // Publish takes their memory from it.
  void Add(KeyedRows& rows, bool is_beside);
  // kResourceExhausted: they have more than there is.
  Status Publish();
  // Before the first rows: their keys are not looked at.
  void StopCounting() { looks_at_keys_ = false; }

 private:
  MetricGroup& group_;
  StateBackend& backend_;
  std::vector<KeyedRows*> rows_;
  std::vector<const KeyedRows*> beside_;
  uint64_t beside_bytes_ = 0;  // taken from the backend
  bool looks_at_keys_ = true;
  NumberGauge* entries_ = nullptr;
  NumberGauge* bytes_ = nullptr;
  std::shared_ptr<HotKeys> hot_keys_;  // with the first rows; gauges of the group hold it too
};

}  // namespace weir
