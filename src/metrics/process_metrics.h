// What a process uses of its machine, under Flink's names: CPU, memory, threads, descriptors.
#pragma once

#include <cstdint>

#include "weir/metrics/metric_group.h"

namespace weir {

// Threads: `Refresh` from one; the metrics are read by any.
class ProcessMetrics {
 public:
  // Makes the metrics in `group`, the process's own, which must outlive this.
  explicit ProcessMetrics(MetricGroup& group);

  // Reads /proc; some 50 us. `now_nanos`: monotonic time, for the load since the last call.
  void Refresh(int64_t now_nanos);

 private:
  NumberGauge& cpu_time_;
  NumberGauge& load_millis_;    // thousandths of one core
  NumberGauge& demand_millis_;  // the same with the time that threads waited for a core
  NumberGauge& threads_;
  NumberGauge& resident_;
  NumberGauge& virtual_;
  NumberGauge& open_files_;
  NumberGauge& most_open_files_;
  int64_t last_nanos_ = 0;
  int64_t last_cpu_nanos_ = 0;
  int64_t last_demand_nanos_ = 0;
};

}  // namespace weir
