// Reading all metrics, one call per metric.
#pragma once

#include <cstdint>
#include <string>

#include "weir/metrics/gauge.h"
#include "weir/metrics/histogram_statistics.h"
#include "weir/metrics/metric_scope.h"

namespace weir {

// Valid during the call.
struct MetricName {
  const MetricScope& scope;
  const std::string& name;

  // "host1.taskmanager.tm-1.word count.count.0.numRecordsIn"
  std::string Identifier() const { return scope.identifier + "." + name; }
};

// Called with the registry's lock held: it must be quick, and must not make metrics or groups.
class MetricVisitor {
 public:
  virtual ~MetricVisitor() = default;

  virtual void OnCounter(const MetricName& name, int64_t count) = 0;
  virtual void OnGauge(const MetricName& name, const GaugeValue& value) = 0;
  virtual void OnMeter(const MetricName& name, int64_t count, double events_per_second) = 0;
  virtual void OnHistogram(const MetricName& name, const HistogramSummary& summary) = 0;
};

}  // namespace weir
