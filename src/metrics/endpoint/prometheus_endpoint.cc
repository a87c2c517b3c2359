#include "weir/metrics/endpoint/prometheus_endpoint.h"

#include <httplib.h>

#include <algorithm>
#include <atomic>
#include <thread>
#include <utility>

#include "weir/base/execution/thread.h"
#include "weir/base/logging.h"
#include "weir/base/net/tcp_socket.h"

namespace weir {
namespace {

// Who scrapes asks every few seconds; one that is slow to ask holds a thread for the library's 5 s.
constexpr size_t kThreads = 4;
constexpr const char* kPlain = "text/plain; charset=utf-8";
constexpr int kOk = 200;
constexpr int kNotFound = 404;
constexpr int kMethodNotAllowed = 405;
constexpr int kUnavailable = 503;

}  // namespace

ScrapeAnswer AnswerToScrape(std::string_view path, const std::function<StatusOr<std::string>()>& text) {
  if (path != "/metrics" && path != "/") return {kNotFound, kPlain, "there is only /metrics\n"};
  StatusOr<std::string> metrics = text();
  if (!metrics.ok()) return {kUnavailable, kPlain, std::string(metrics.status().message()) + "\n"};
  return {kOk, "text/plain; version=0.0.4; charset=utf-8", *std::move(metrics)};
}

struct PrometheusEndpoint::Parts {
  void Route();
  void Run();
  bool Bind(int candidate);

  PrometheusEndpointOptions options;
  httplib::Server server;
  int port = 0;
  // Written by the thread, read by Start: the server could not be told to stop before it runs.
  std::atomic<bool> has_ended{false};
  Thread thread;
};

void PrometheusEndpoint::Parts::Route() {
  server.new_task_queue = [] { return new httplib::ThreadPool(kThreads); };
  // The library would let several processes share a port, and each scrape reach one of them.
  server.set_socket_options(&AllowPortOfTheDead);
  // A connection that is kept open would keep its thread from others.
  server.set_keep_alive_max_count(1);
  server.Get(".*", [this](const httplib::Request& request, httplib::Response& response) {
    const ScrapeAnswer answer = AnswerToScrape(request.path, options.text);
    response.status = answer.status;
    response.set_content(answer.body, answer.type);
  });
  const auto refuse = [](const httplib::Request&, httplib::Response& response) {
    response.status = kMethodNotAllowed;
    response.set_header("Allow", "GET, HEAD");
    response.set_content("only GET /metrics\n", kPlain);
  };
  server.Post(".*", refuse).Put(".*", refuse).Patch(".*", refuse).Delete(".*", refuse).Options(".*", refuse);
}

bool PrometheusEndpoint::Parts::Bind(int candidate) {
  port = candidate == 0 ? server.bind_to_any_port(options.host) : candidate;
  return candidate == 0 ? port > 0 : server.bind_to_port(options.host, candidate);
}

void PrometheusEndpoint::Parts::Run() {
  thread = Thread("weir-prom", [this] {
    server.listen_after_bind();
    has_ended.store(true, std::memory_order_release);
  });
  while (!server.is_running() && !has_ended.load(std::memory_order_acquire)) std::this_thread::yield();
}

PrometheusEndpoint::PrometheusEndpoint(std::unique_ptr<Parts> parts) : parts_(std::move(parts)) {}

StatusOr<std::unique_ptr<PrometheusEndpoint>> PrometheusEndpoint::Start(PrometheusEndpointOptions options) {
  auto parts = std::make_unique<Parts>();
  parts->options = std::move(options);
  parts->Route();
  const std::vector<int>& ports = parts->options.ports;
  if (ports.empty()) return InvalidArgumentError("no port is given");
  if (!std::ranges::any_of(ports, [&](int port) { return parts->Bind(port); })) {
    return UnavailableError("cannot listen on " + parts->options.host + ", port " + std::to_string(ports.front()) +
                            (ports.size() == 1 ? "" : " to " + std::to_string(ports.back())) +
                            ": in use, or the address is not of this machine");
  }
  parts->Run();
  return std::unique_ptr<PrometheusEndpoint>(new PrometheusEndpoint(std::move(parts)));
}

std::vector<std::unique_ptr<PrometheusEndpoint>> StartPrometheusEndpoints(
    const std::vector<ReporterSettings>& reporters, const std::string& host,
    const std::function<StatusOr<std::string>()>& text) {
  std::vector<std::unique_ptr<PrometheusEndpoint>> endpoints;
  for (const ReporterSettings& reporter : reporters) {
    if (reporter.kind != ReporterKind::kPrometheus) continue;
    auto endpoint = PrometheusEndpoint::Start({.host = host, .ports = reporter.ports, .text = text});
    if (endpoint.ok()) {
      WEIR_LOG(kInfo, "reporter \"{}\" shows metrics at http://{}:{}/metrics", reporter.name, host,
               (*endpoint)->port());
      endpoints.push_back(*std::move(endpoint));
    } else {
      WEIR_LOG(
          kError,
          "reporter \"{}\" shows no metrics: {}. Give metrics.reporter.{}.port a range, as 9249-9259, where several "
          "processes share a machine",
          reporter.name, endpoint.status().message(), reporter.name);
    }
  }
  return endpoints;
}

PrometheusEndpoint::~PrometheusEndpoint() {
  parts_->server.stop();
  parts_->thread.Join();
}

int PrometheusEndpoint::port() const { return parts_->port; }

}  // namespace weir
