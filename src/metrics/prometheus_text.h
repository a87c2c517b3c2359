// Metrics in Prometheus's text format, version 0.0.4.
#pragma once

#include <string>
#include <string_view>

namespace weir {

class MetricRegistry;

// Names are "<prefix>_<logical scope>_<metric>" with labels for the scope's variables, as Flink's Prometheus reporter
// makes them; with the prefix "flink", dashboards made for Flink work. Counters and meters are gauges there too, since
// a counter may go down and a meter shows its rate. A histogram is a summary. Text gauges have no form and are left out.
std::string MetricsAsPrometheusText(const MetricRegistry& registry, std::string_view prefix = "weir");

}  // namespace weir
