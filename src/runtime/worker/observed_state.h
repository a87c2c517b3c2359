// What the metrics of an operator show of its keyed state.
#pragma once

#include <memory>
#include <vector>

#include "weir/functions/state/keyed_rows.h"
#include "weir/metrics/metric_group.h"

namespace weir {

class HotKeys;

// Threads: the task's thread; the metrics are read by any.
class ObservedState {
 public:
  // Makes the metrics in `group` when the first rows come. It must outlive this.
  explicit ObservedState(MetricGroup& group) : group_(group) {}
  ObservedState(const ObservedState&) = delete;
  ObservedState& operator=(const ObservedState&) = delete;
  ~ObservedState();

  // From now on a sample of the keys of `rows` is counted, and Publish tells their number and size.
  void Add(KeyedRows& rows);
  void Publish();
  // Before the first rows: their keys are not looked at.
  void StopCounting() { looks_at_keys_ = false; }

 private:
  MetricGroup& group_;
  std::vector<KeyedRows*> rows_;
  bool looks_at_keys_ = true;
  NumberGauge* entries_ = nullptr;
  NumberGauge* bytes_ = nullptr;
  std::shared_ptr<HotKeys> hot_keys_;  // with the first rows; gauges of the group hold it too
};

}  // namespace weir
