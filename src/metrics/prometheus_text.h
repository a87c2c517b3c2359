// Metrics in Prometheus' text format, under Flink's names: "flink_taskmanager_job_task_numRecordsIn{job_name=...} 17".
#pragma once

#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "weir/metrics/metric_visitor.h"

namespace weir {

class MetricRegistry;
struct MetricSnapshot;

// Collects what it visits, of one process or of many; the format wants all lines of one name together.
//
//   PrometheusText text;
//   registry.Visit(text);
//   for (const MetricReport& report : store.Latest()) report.snapshot->Visit(text);
//   text.Text()
class PrometheusText final : public MetricVisitor {
 public:
  explicit PrometheusText(std::string_view prefix = "flink") : prefix_(prefix) {}

  void OnCounter(const MetricName& name, int64_t count) override;
  void OnGauge(const MetricName& name, const GaugeValue& value) override;
  void OnMeter(const MetricName& name, int64_t count, double events_per_second) override;
  void OnHistogram(const MetricName& name, const HistogramSummary& summary) override;

  std::string Text() const;

 private:
  struct Family {
    std::string_view type;
    std::string help;  // as Flink writes it
    std::string lines;
  };
  void AddGauge(const MetricName& name, std::string_view value);
  // nullptr if the name is taken by another type: a scraper would refuse the whole text.
  std::pair<const std::string, Family>* FamilyOf(const MetricName& name, std::string_view type);
  // Those of the scope; made once while metrics of one group follow each other.
  const std::string& LabelsOf(const MetricScope& scope);

  const std::string prefix_;
  std::map<std::string, Family> families_;
  std::string labelled_scope_;  // identifier of the scope whose labels are in `labels_`
  std::string labels_;          // `host="h",tm_id="tm1"`
  std::string name_prefix_;     // "flink_taskmanager_job_task_"
};

std::string MetricsAsPrometheusText(const MetricRegistry& registry, std::string_view prefix = "flink");
std::string MetricsAsPrometheusText(const std::vector<const MetricSnapshot*>& snapshots);

}  // namespace weir
