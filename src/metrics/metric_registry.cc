#include "weir/metrics/metric_registry.h"

namespace weir {

void MetricRegistry::Visit(MetricVisitor& visitor) const {
  const MutexLock lock(mutex_);
  for (const MetricGroup* group : groups_) group->Visit(visitor);
}

void MetricRegistry::UpdateRates(int64_t now_nanos) {
  const MutexLock lock(mutex_);
  for (MetricGroup* group : groups_) group->UpdateRates(now_nanos);
}

}  // namespace weir
