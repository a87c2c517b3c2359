// All metrics of a process.
#pragma once

#include <cstdint>
#include <vector>

#include "weir/base/mutex.h"
#include "weir/metrics/metric_group.h"
#include "weir/metrics/metric_visitor.h"

namespace weir {

// Threads: any. The lock is held while metrics are made, removed and read, never while they are updated.
class MetricRegistry {
 public:
  MetricRegistry() = default;
  MetricRegistry(const MetricRegistry&) = delete;
  MetricRegistry& operator=(const MetricRegistry&) = delete;

  // Shows every metric, in the order in which their groups and they themselves were made.
  void Visit(MetricVisitor& visitor) const WEIR_EXCLUDES(mutex_);

  // Computes the rates of all meters; the owner of the process's timer calls it about every five seconds. `now_nanos`:
  // the injected clock's monotonic time.
  void UpdateRates(int64_t now_nanos) WEIR_EXCLUDES(mutex_);

 private:
  friend class MetricGroup;

  mutable Mutex mutex_;
  std::vector<MetricGroup*> groups_ WEIR_GUARDED_BY(mutex_);
};

}  // namespace weir
