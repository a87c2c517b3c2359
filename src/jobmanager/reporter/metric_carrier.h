// Sends metrics to the servers that `metrics.reporters` names, at an interval.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "weir/base/status.h"
#include "weir/base/time.h"
#include "weir/metrics/metric_snapshot.h"

namespace weir {

class Clock;
class Configuration;

struct MetricCarrierOptions {
  bool to_log = false;
  std::string statsd;    // "host:port"; empty: none
  std::string graphite;  // likewise
  Duration interval{10'000};
  // Everything that is to be sent. Called on the carrier's thread; may wait.
  std::function<std::vector<MetricSnapshot>()> collect;
  const Clock* clock = nullptr;
};

// What `metrics.reporters` and its keys ask for. kInvalidArgument names a reporter that is not known, or an address that is none.
StatusOr<MetricCarrierOptions> MetricCarrierOptionsOf(const Configuration& configuration);

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
