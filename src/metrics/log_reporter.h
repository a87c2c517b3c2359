// Metrics as text in the log, for a process that nothing else watches.
#pragma once

#include <string>

#include "weir/metrics/metric_reporter.h"

namespace weir {

class LogReporter final : public MetricReporter {
 public:
  // Writes one line of level info per metric.
  void Report(const MetricRegistry& registry) override;
};

// All metrics, a line each, in sections by kind as Flink's Slf4jReporter has them.
std::string MetricsAsText(const MetricRegistry& registry);

}  // namespace weir
