// Sends metrics to the servers that `metrics.reporters` names, at their intervals.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "weir/base/status.h"
#include "weir/metrics/endpoint/reporter_settings.h"
#include "weir/metrics/metric_snapshot.h"

namespace weir {

class Clock;

struct MetricCarrierOptions {
  std::vector<ReporterSettings> reporters;  // those that are not sent to are left out
  // Everything that is to be sent. Called on the carrier's thread; may wait.
  std::function<std::vector<MetricSnapshot>()> collect;
  const Clock* clock = nullptr;
};

class MetricCarrier {
 public:
  // Nothing is carried, and no thread started, if no reporter is asked for: null then.
  static std::unique_ptr<MetricCarrier> Start(MetricCarrierOptions options);
  // Stops within the time that one sending takes.
  ~MetricCarrier();

 private:
  struct Parts;
  explicit MetricCarrier(std::unique_ptr<Parts> parts);

  const std::unique_ptr<Parts> parts_;
};

// One datagram; one connection for all of `text`. kUnavailable says which server and why.
Status SendDatagrams(const std::string& address, const std::vector<std::string>& packets);
Status SendOverTcp(const std::string& address, const std::string& text);

}  // namespace weir
