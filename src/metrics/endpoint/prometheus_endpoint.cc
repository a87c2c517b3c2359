#include "weir/metrics/endpoint/prometheus_endpoint.h"

#include <sys/socket.h>

#include <atomic>
#include <cerrno>
#include <map>
#include <utility>

#include "weir/base/clock.h"
#include "weir/base/execution/thread.h"
#include "weir/base/logging.h"
#include "weir/base/net/poller.h"
#include "weir/base/net/tcp_socket.h"

namespace weir {
namespace {

constexpr size_t kLongestHead = 16 * 1024;
constexpr size_t kMostConnections = 64;
// Who is slower than this to ask, or to take the answer, is hung up on.
constexpr int64_t kPatienceNanos = 10'000'000'000;
constexpr int kLookMs = 1000;

std::string Answer(std::string_view status, std::string_view type, std::string_view body, bool has_body = true) {
  std::string answer = "HTTP/1.1 " + std::string(status) + "\r\nContent-Type: " + std::string(type) +
                       "\r\nContent-Length: " + std::to_string(body.size()) + "\r\nConnection: close\r\n\r\n";
  if (has_body) answer += body;
  return answer;
}

struct Connection {
  Descriptor socket;
  std::string head;
  std::string answer = {};  // empty: the question is not whole yet
  size_t sent = 0;
  int64_t since_nanos = 0;
};

}  // namespace

std::string AnswerToScrape(std::string_view head, const std::function<StatusOr<std::string>()>& text) {
  constexpr std::string_view kPlain = "text/plain; charset=utf-8";
  const size_t method_end = head.find(' ');
  const size_t path_end = method_end == std::string_view::npos ? method_end : head.find(' ', method_end + 1);
  if (path_end == std::string_view::npos) return Answer("400 Bad Request", kPlain, "this is no HTTP request\n");
  const std::string_view method = head.substr(0, method_end);
  std::string_view path = head.substr(method_end + 1, path_end - method_end - 1);
  path = path.substr(0, path.find('?'));
  if (method != "GET" && method != "HEAD") return Answer("405 Method Not Allowed", kPlain, "only GET /metrics\n");
  if (path != "/metrics" && path != "/") return Answer("404 Not Found", kPlain, "there is only /metrics\n");
  const StatusOr<std::string> metrics = text();
  if (!metrics.ok()) {
    return Answer("503 Service Unavailable", kPlain, std::string(metrics.status().message()) + "\n");
  }
  return Answer("200 OK", "text/plain; version=0.0.4; charset=utf-8", *metrics, method == "GET");
}

struct PrometheusEndpoint::Parts {
  void Run();
  void Accept();
  void Read(int fd, Connection& connection);
  void Write(int fd, Connection& connection);
  void Close(int fd);
  void CloseOverdue();

  PrometheusEndpointOptions options;
  std::unique_ptr<Poller> poller;
  Descriptor listener;
  std::map<int, Connection> connections;
  // Set by the destructor, read by the thread after PrepareWait; seq_cst, as Poller::Wake asks.
  std::atomic<bool> is_stopping{false};
  std::unique_ptr<Thread> thread;
};

void PrometheusEndpoint::Parts::Run() {
  std::vector<Poller::Event> events;
  for (;;) {
    poller->PrepareWait();
    if (is_stopping.load(std::memory_order_seq_cst)) return;
    const Status status = poller->Wait(connections.empty() ? -1 : kLookMs, events);
    if (!status.ok()) WEIR_LOG(kError, "the port for Prometheus: {}", status.message());
    for (const Poller::Event& event : events) {
      if (event.fd == listener.get()) {
        Accept();
      } else if (const auto found = connections.find(event.fd); found != connections.end()) {
        found->second.answer.empty() ? Read(event.fd, found->second) : Write(event.fd, found->second);
      }
    }
    CloseOverdue();
  }
}

void PrometheusEndpoint::Parts::Accept() {
  for (;;) {
    StatusOr<Descriptor> socket = AcceptTcp(listener.get());
    if (!socket.ok() || !socket->is_open()) return;
    if (connections.size() >= kMostConnections) continue;  // hangs up
    const int fd = socket->get();
    if (!poller->Add(fd, true, false).ok()) continue;
    connections[fd] = {
        .socket = *std::move(socket), .head = {}, .since_nanos = SystemClock::Instance().MonotonicNanos()};
  }
}

void PrometheusEndpoint::Parts::Read(int fd, Connection& connection) {
  char piece[4096];
  const ssize_t taken = recv(fd, piece, sizeof(piece), 0);
  if (taken < 0 && (errno == EAGAIN || errno == EINTR)) return;
  if (taken <= 0) return Close(fd);
  connection.head.append(piece, static_cast<size_t>(taken));
  if (connection.head.size() > kLongestHead) return Close(fd);
  if (connection.head.find("\r\n\r\n") == std::string::npos) return;
  connection.answer = AnswerToScrape(connection.head, options.text);
  if (!poller->Change(fd, false, true).ok()) return Close(fd);
  Write(fd, connection);
}

void PrometheusEndpoint::Parts::Write(int fd, Connection& connection) {
  while (connection.sent < connection.answer.size()) {
    const ssize_t sent =
        send(fd, connection.answer.data() + connection.sent, connection.answer.size() - connection.sent, MSG_NOSIGNAL);
    if (sent < 0 && errno == EINTR) continue;
    if (sent < 0 && errno == EAGAIN) return;
    if (sent < 0) break;
    connection.sent += static_cast<size_t>(sent);
  }
  Close(fd);
}

void PrometheusEndpoint::Parts::Close(int fd) {
  poller->Remove(fd);
  connections.erase(fd);
}

void PrometheusEndpoint::Parts::CloseOverdue() {
  const int64_t now = SystemClock::Instance().MonotonicNanos();
  std::vector<int> overdue;
  for (const auto& [fd, connection] : connections) {
    if (now - connection.since_nanos > kPatienceNanos) overdue.push_back(fd);
  }
  for (const int fd : overdue) Close(fd);
}

PrometheusEndpoint::PrometheusEndpoint(std::unique_ptr<Parts> parts) : parts_(std::move(parts)) {}

StatusOr<std::unique_ptr<PrometheusEndpoint>> PrometheusEndpoint::Start(PrometheusEndpointOptions options) {
  auto parts = std::make_unique<Parts>();
  parts->options = std::move(options);
  WEIR_ASSIGN_OR_RETURN(parts->poller, Poller::New());
  Status last = InvalidArgumentError("no port is given");
  for (const int port : parts->options.ports) {
    StatusOr<Descriptor> listener = ListenTcp({.host = parts->options.host, .port = port});
    last = listener.status();
    if (!listener.ok()) continue;
    parts->listener = *std::move(listener);
    break;
  }
  WEIR_RETURN_IF_ERROR(last);
  WEIR_RETURN_IF_ERROR(parts->poller->Add(parts->listener.get(), true, false));
  parts->thread = std::make_unique<Thread>("weir-prom", [running = parts.get()] { running->Run(); });
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
  parts_->is_stopping.store(true, std::memory_order_seq_cst);
  parts_->poller->Wake();
  parts_->thread.reset();
}

int PrometheusEndpoint::port() const { return LocalPort(parts_->listener.get()); }

}  // namespace weir
