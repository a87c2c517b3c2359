// The metrics of a process as they were at one moment: what travels to the JobManager, and what it shows for others.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "weir/metrics/gauge.h"
#include "weir/metrics/histogram_statistics.h"
#include "weir/metrics/metric_scope.h"
#include "weir/metrics/metric_visitor.h"

namespace weir {

class MetricRegistry;

struct MetricSample {
  enum class Kind : uint8_t { kCounter, kGauge, kMeter, kHistogram };

  std::string name;
  Kind kind = Kind::kGauge;
  GaugeValue value{0};  // of a gauge; of a meter its rate
  int64_t count = 0;    // of a counter or a meter
  std::shared_ptr<const HistogramSummary> histogram = {};
};

// What one group held.
struct MetricGroupSnapshot {
  MetricScope scope;
  std::vector<MetricSample> samples;
};

struct MetricSnapshot {
  std::vector<MetricGroupSnapshot> groups;

  void Visit(MetricVisitor& visitor) const;
};

MetricSnapshot SnapshotOf(const MetricRegistry& registry);

// What a TaskManager reports of one process: itself, or one of its workers.
struct MetricReport {
  std::string task_manager;
  std::string process;  // "" itself; else which worker
  std::shared_ptr<const MetricSnapshot> snapshot;
};

}  // namespace weir
