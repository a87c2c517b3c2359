// Something that carries metrics out of the process at an interval.
#pragma once

namespace weir {

class MetricRegistry;

// Threads: one, that of the process's timer.
class MetricReporter {
 public:
  virtual ~MetricReporter() = default;
  // Called once per interval. What fails is logged by the reporter: metrics stop no job.
  virtual void Report(const MetricRegistry& registry) = 0;
};

}  // namespace weir
