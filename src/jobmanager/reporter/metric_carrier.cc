#include "weir/jobmanager/reporter/metric_carrier.h"

#include <netdb.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>

#include <cerrno>
#include <utility>

#include "weir/base/clock.h"
#include "weir/base/errno_status.h"
#include "weir/base/execution/thread.h"
#include "weir/base/logging.h"
#include "weir/base/mutex.h"
#include "weir/config/configuration.h"
#include "weir/metrics/metric_lines.h"
#include "weir/metrics/metric_options.h"

namespace weir {
namespace {

// A server that takes longer loses this round of metrics.
constexpr timeval kPatience{.tv_sec = 2, .tv_usec = 0};

class Socket {
 public:
  ~Socket() {
    if (descriptor_ >= 0) close(descriptor_);
  }
  Socket() = default;
  Socket(const Socket&) = delete;
  Socket& operator=(const Socket&) = delete;

  Status Connect(const std::string& address, int kind) {
    const size_t colon = address.rfind(':');
    const std::string host = address.substr(0, colon);
    const std::string port = address.substr(colon + 1);
    addrinfo hints{};
    hints.ai_socktype = kind;
    addrinfo* found = nullptr;
    const int error = getaddrinfo(host.c_str(), port.c_str(), &hints, &found);
    if (error != 0) return UnavailableError("metrics server " + address + ": " + gai_strerror(error));
    Status status = UnavailableError("metrics server " + address + " has no address");
    for (const addrinfo* each = found; each != nullptr; each = each->ai_next) {
      status = Open(*each, address);
      if (status.ok()) break;
    }
    freeaddrinfo(found);
    return status;
  }
  Status Send(std::string_view bytes) {
    while (!bytes.empty()) {
      const ssize_t sent = send(descriptor_, bytes.data(), bytes.size(), MSG_NOSIGNAL);
      if (sent < 0 && errno == EINTR) continue;
      if (sent < 0) return ErrnoError(errno, "cannot send metrics");
      bytes.remove_prefix(static_cast<size_t>(sent));
    }
    return OkStatus();
  }

 private:
  Status Open(const addrinfo& to, const std::string& address) {
    if (descriptor_ >= 0) close(descriptor_);
    descriptor_ = socket(to.ai_family, to.ai_socktype | SOCK_CLOEXEC, to.ai_protocol);
    if (descriptor_ < 0) return ErrnoError(errno, "cannot make a socket for metrics server " + address);
    setsockopt(descriptor_, SOL_SOCKET, SO_SNDTIMEO, &kPatience, sizeof(kPatience));
    if (connect(descriptor_, to.ai_addr, to.ai_addrlen) == 0) return OkStatus();
    return ErrnoError(errno, "cannot reach metrics server " + address);
  }

  int descriptor_ = -1;
};

StatusOr<std::string> AddressOf(std::string_view key, const std::string& address) {
  const size_t colon = address.rfind(':');
  const bool is_address = colon != std::string::npos && colon > 0 && colon + 1 < address.size() &&
                          address.find_first_not_of("0123456789", colon + 1) == std::string::npos;
  if (is_address) return address;
  return InvalidArgumentError(std::string(key) + " is \"" + address + "\"; expected host:port");
}

// "a, b" is a and b.
std::vector<std::string> NamesIn(const std::string& text) {
  std::vector<std::string> names(1);
  for (const char c : text) {
    if (c == ',') {
      names.emplace_back();
    } else if (c != ' ') {
      names.back().push_back(c);
    }
  }
  std::erase(names, "");
  return names;
}

void LogMetrics(const std::vector<MetricSnapshot>& snapshots) {
  const std::string text = GraphiteLines(snapshots, 0);
  for (size_t start = 0; start < text.size();) {
    const size_t end = text.find('\n', start);
    // Without the time, which the log has.
    WEIR_LOG(kInfo, "metric {}", std::string_view(text).substr(start, end - start - 2));
    start = end + 1;
  }
}

}  // namespace

Status SendDatagrams(const std::string& address, const std::vector<std::string>& packets) {
  Socket socket;
  WEIR_RETURN_IF_ERROR(socket.Connect(address, SOCK_DGRAM));
  for (const std::string& packet : packets) WEIR_RETURN_IF_ERROR(socket.Send(packet));
  return OkStatus();
}

Status SendOverTcp(const std::string& address, const std::string& text) {
  Socket socket;
  WEIR_RETURN_IF_ERROR(socket.Connect(address, SOCK_STREAM));
  return socket.Send(text);
}

StatusOr<MetricCarrierOptions> MetricCarrierOptionsOf(const Configuration& configuration) {
  MetricCarrierOptions options;
  options.interval = configuration.Get(kReporterInterval);
  for (const std::string& name : NamesIn(configuration.Get(kReporters))) {
    if (name == "log" || name == "slf4j") {
      options.to_log = true;
    } else if (name == "statsd") {
      WEIR_ASSIGN_OR_RETURN(options.statsd, AddressOf(kStatsdAddress.key(), configuration.Get(kStatsdAddress)));
    } else if (name == "graphite") {
      WEIR_ASSIGN_OR_RETURN(options.graphite, AddressOf(kGraphiteAddress.key(), configuration.Get(kGraphiteAddress)));
    } else if (name != "prom" && name != "prometheus") {
      return InvalidArgumentError(
          "metrics.reporters names \"" + name +
          "\"; expected prom, statsd, graphite or log. Prometheus needs none: it asks /metrics");
    }
  }
  return options;
}

struct MetricCarrier::Parts {
  explicit Parts(MetricCarrierOptions chosen) : options(std::move(chosen)) {}

  void Run();
  void Carry();
  void Note(const std::string& what, const Status& status, bool& was_ok);

  const MetricCarrierOptions options;
  bool statsd_was_ok = true;
  bool graphite_was_ok = true;
  Mutex mutex;
  CondVar stopped;
  bool is_stopping WEIR_GUARDED_BY(mutex) = false;
  std::unique_ptr<Thread> thread;
};

void MetricCarrier::Parts::Note(const std::string& what, const Status& status, bool& was_ok) {
  if (!status.ok() && was_ok) WEIR_LOG(kWarning, "metrics do not reach {}: {}", what, status.message());
  if (status.ok() && !was_ok) WEIR_LOG(kInfo, "metrics reach {} again", what);
  was_ok = status.ok();
}

void MetricCarrier::Parts::Carry() {
  const std::vector<MetricSnapshot> snapshots = options.collect();
  if (!options.statsd.empty()) Note("StatsD", SendDatagrams(options.statsd, StatsdPackets(snapshots)), statsd_was_ok);
  if (!options.graphite.empty()) {
    const int64_t now = options.clock->WallMillis() / 1000;
    Note("Graphite", SendOverTcp(options.graphite, GraphiteLines(snapshots, now)), graphite_was_ok);
  }
  if (options.to_log) LogMetrics(snapshots);
}

void MetricCarrier::Parts::Run() {
  for (;;) {
    {
      MutexLock lock(mutex);
      if (!is_stopping) stopped.WaitFor(mutex, options.interval);
      if (is_stopping) return;
    }
    Carry();
  }
}

MetricCarrier::MetricCarrier(std::unique_ptr<Parts> parts) : parts_(std::move(parts)) {}

std::unique_ptr<MetricCarrier> MetricCarrier::Start(MetricCarrierOptions options) {
  if (!options.to_log && options.statsd.empty() && options.graphite.empty()) return nullptr;
  auto parts = std::make_unique<Parts>(std::move(options));
  parts->thread = std::make_unique<Thread>("weir-metrics", [running = parts.get()] { running->Run(); });
  return std::unique_ptr<MetricCarrier>(new MetricCarrier(std::move(parts)));
}

MetricCarrier::~MetricCarrier() {
  {
    MutexLock lock(parts_->mutex);
    parts_->is_stopping = true;
    parts_->stopped.NotifyAll();
  }
  parts_->thread.reset();
}

}  // namespace weir
