// A port at which Prometheus asks a process for its metrics: GET /metrics, by HTTP/1.1.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "weir/base/status.h"
#include "weir/metrics/endpoint/reporter_settings.h"

namespace weir {

struct PrometheusEndpointOptions {
  std::string host;        // to listen on
  std::vector<int> ports;  // the first that is free; 0: any
  // The metrics as they are now. On the endpoint's threads, several at once; may wait.
  std::function<StatusOr<std::string>()> text;
};

// One answer for each connection, one after the other: who scrapes asks every few seconds.
class PrometheusEndpoint {
 public:
  // kUnavailable: no port is free.
  static StatusOr<std::unique_ptr<PrometheusEndpoint>> Start(PrometheusEndpointOptions options);
  ~PrometheusEndpoint();

  int port() const;

 private:
  struct Parts;
  explicit PrometheusEndpoint(std::unique_ptr<Parts> parts);

  const std::unique_ptr<Parts> parts_;
};

// Those that the settings ask for, on `host`. One that finds no free port is left out, and the log says so: metrics stop no process.
std::vector<std::unique_ptr<PrometheusEndpoint>> StartPrometheusEndpoints(
    const std::vector<ReporterSettings>& reporters, const std::string& host,
    const std::function<StatusOr<std::string>()>& text);

struct ScrapeAnswer {
  int status = 0;
  std::string type;
  std::string body;
};
// The answer to a GET of `path`.
ScrapeAnswer AnswerToScrape(std::string_view path, const std::function<StatusOr<std::string>()>& text);

}  // namespace weir
