// What `metrics.reporters` and `metrics.reporter.<name>.*` ask for.
//
//   metrics.reporters: prom, graphite
//   metrics.reporter.prom.port: 9249-9259
//   metrics.reporter.graphite.host: graphs.example.org
//
// A reporter's kind is its name, or what `metrics.reporter.<name>.factory.class` names: Flink's classes are understood.
#pragma once

#include <string>
#include <vector>

#include "weir/base/status.h"
#include "weir/base/time.h"

namespace weir {

class Configuration;

enum class ReporterKind { kPrometheus, kStatsd, kGraphite, kLog };

struct ReporterSettings {
  std::string name;
  ReporterKind kind = ReporterKind::kLog;
  std::string address = {};     // "host:port", of StatsD and Graphite
  std::vector<int> ports = {};  // of Prometheus: the first that is free
  Duration interval{10'000};
};

// Without `metrics.reporters` all those with a factory, as Flink. kInvalidArgument says which line is wrong.
StatusOr<std::vector<ReporterSettings>> ReporterSettingsOf(const Configuration& configuration);

// "9249", "9250-9260", "9249,9251-9253".
StatusOr<std::vector<int>> ParsePortList(std::string_view text);

}  // namespace weir
