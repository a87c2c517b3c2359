#include "weir/jobmanager/reporter/metric_carrier.h"

#include <netdb.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <utility>

#include "weir/base/clock.h"
#include "weir/base/errno_status.h"
#include "weir/base/execution/thread.h"
#include "weir/base/logging.h"
#include "weir/base/mutex.h"
#include "weir/metrics/metric_lines.h"

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

namespace {

// One reporter and when it is its turn.
struct Carried {
  ReporterSettings settings;
  int64_t next_nanos = 0;
  bool was_ok = true;
};

int64_t NanosOf(Duration duration) { return std::chrono::nanoseconds(duration).count(); }

}  // namespace

struct MetricCarrier::Parts {
  explicit Parts(MetricCarrierOptions chosen) : options(std::move(chosen)) {}

  void Run();
  void Carry(Carried& reporter, const std::vector<MetricSnapshot>& snapshots);
  // Waits until it is somebody's turn; false: the carrier stops.
  bool Wait();

  const MetricCarrierOptions options;
  std::vector<Carried> reporters;
  Mutex mutex;
  CondVar stopped;
  bool is_stopping WEIR_GUARDED_BY(mutex) = false;
  std::unique_ptr<Thread> thread;
};

void MetricCarrier::Parts::Carry(Carried& reporter, const std::vector<MetricSnapshot>& snapshots) {
  const ReporterSettings& to = reporter.settings;
  Status status;
  if (to.kind == ReporterKind::kStatsd) status = SendDatagrams(to.address, StatsdPackets(snapshots));
  if (to.kind == ReporterKind::kGraphite) {
    status = SendOverTcp(to.address, GraphiteLines(snapshots, options.clock->WallMillis() / 1000));
  }
  if (to.kind == ReporterKind::kLog) LogMetrics(snapshots);
  // Once, not at every turn.
  if (!status.ok() && reporter.was_ok) {
    WEIR_LOG(kWarning, "metrics do not reach the reporter \"{}\": {}", to.name, status.message());
  }
  if (status.ok() && !reporter.was_ok) WEIR_LOG(kInfo, "metrics reach the reporter \"{}\" again", to.name);
  reporter.was_ok = status.ok();
}

bool MetricCarrier::Parts::Wait() {
  const auto first = std::ranges::min_element(reporters, {}, &Carried::next_nanos);
  const int64_t left = first->next_nanos - options.clock->MonotonicNanos();
  const Duration pause = std::chrono::ceil<Duration>(std::chrono::nanoseconds(std::max<int64_t>(left, 0)));
  MutexLock lock(mutex);
  if (!is_stopping && pause > Duration(0)) stopped.WaitFor(mutex, pause);
  return !is_stopping;
}

void MetricCarrier::Parts::Run() {
  while (Wait()) {
    const int64_t now = options.clock->MonotonicNanos();
    if (std::ranges::none_of(reporters, [&](const Carried& each) { return each.next_nanos <= now; })) continue;
    const std::vector<MetricSnapshot> snapshots = options.collect();
    for (Carried& reporter : reporters) {
      if (reporter.next_nanos > now) continue;
      reporter.next_nanos = now + NanosOf(reporter.settings.interval);
      Carry(reporter, snapshots);
    }
  }
}

MetricCarrier::MetricCarrier(std::unique_ptr<Parts> parts) : parts_(std::move(parts)) {}

std::unique_ptr<MetricCarrier> MetricCarrier::Start(MetricCarrierOptions options) {
  std::vector<Carried> reporters;
  const int64_t now = options.clock->MonotonicNanos();
  for (const ReporterSettings& settings : options.reporters) {
    // Prometheus comes and asks.
    if (settings.kind == ReporterKind::kPrometheus) continue;
    reporters.push_back({.settings = settings, .next_nanos = now + NanosOf(settings.interval)});
  }
  if (reporters.empty()) return nullptr;
  auto parts = std::make_unique<Parts>(std::move(options));
  parts->reporters = std::move(reporters);
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
