#include "weir/metrics/endpoint/reporter_settings.h"

#include <algorithm>
#include <optional>
#include <set>
#include <utility>

#include "weir/config/configuration.h"
#include "weir/config/value_text.h"
#include "weir/metrics/metric_options.h"

namespace weir {
namespace {

constexpr std::string_view kFactory = ".factory.class";
constexpr int kHighestPort = 65535;
constexpr std::string_view kDefaultPrometheusPort = "9249";

struct KnownKind {
  std::string_view name;
  std::string_view factory;  // the end of Flink's class
  ReporterKind kind;
};
constexpr KnownKind kKinds[] = {{"prom", "PrometheusReporterFactory", ReporterKind::kPrometheus},
                                {"prometheus", "PrometheusReporterFactory", ReporterKind::kPrometheus},
                                {"statsd", "StatsDReporterFactory", ReporterKind::kStatsd},
                                {"graphite", "GraphiteReporterFactory", ReporterKind::kGraphite},
                                {"log", "Slf4jReporterFactory", ReporterKind::kLog},
                                {"slf4j", "Slf4jReporterFactory", ReporterKind::kLog}};

// "metrics.reporter."
std::string Prefix() { return std::string(kReporterSettings.key()) + "."; }

// The value of metrics.reporter.<name>.<key>.
std::optional<std::string> Find(const Configuration& configuration, const std::string& name, std::string_view key) {
  const ConfigEntry* const entry = configuration.FindEntry(Prefix() + name + "." + std::string(key));
  return entry == nullptr ? std::nullopt : std::optional<std::string>(entry->value);
}

Status Wrong(const std::string& name, std::string_view key, const std::string& value, const std::string& expected) {
  return InvalidArgumentError(Prefix() + name + "." + std::string(key) + " is \"" + value + "\"; expected " + expected);
}

StatusOr<ReporterKind> KindOf(const Configuration& configuration, const std::string& name) {
  if (const std::optional<std::string> factory = Find(configuration, name, "factory.class")) {
    for (const KnownKind& known : kKinds) {
      if (factory->ends_with(known.factory)) return known.kind;
    }
    return Wrong(name, "factory.class", *factory,
                 "a PrometheusReporterFactory, StatsDReporterFactory, GraphiteReporterFactory or Slf4jReporterFactory");
  }
  for (const KnownKind& known : kKinds) {
    if (name == known.name) return known.kind;
  }
  return InvalidArgumentError("metrics.reporters names \"" + name + "\"; expected prom, statsd, graphite or log, or " +
                              Prefix() + name + std::string(kFactory));
}

bool IsPort(std::string_view text) {
  const StatusOr<int64_t> port = ParseInt64(text);
  return port.ok() && *port >= 1 && *port <= kHighestPort;
}

// `host` and `port` are Flink's keys, `address` says both.
StatusOr<std::string> AddressOf(const Configuration& configuration, const std::string& name,
                                const ConfigOption<std::string>& option) {
  const std::string usual = configuration.Get(option);
  std::string address = Find(configuration, name, "address").value_or(usual);
  const size_t colon = address.rfind(':');
  if (colon == std::string::npos || colon == 0 || !IsPort(std::string_view(address).substr(colon + 1))) {
    return Wrong(name, "address", address, "host:port");
  }
  const std::string port = Find(configuration, name, "port").value_or(address.substr(colon + 1));
  if (!IsPort(port)) return Wrong(name, "port", port, "a port");
  return Find(configuration, name, "host").value_or(address.substr(0, colon)) + ":" + port;
}

StatusOr<ReporterSettings> SettingsOf(const Configuration& configuration, const std::string& name) {
  ReporterSettings settings{.name = name};
  WEIR_ASSIGN_OR_RETURN(settings.kind, KindOf(configuration, name));
  settings.interval = configuration.Get(kReporterInterval);
  if (const std::optional<std::string> interval = Find(configuration, name, "interval")) {
    const StatusOr<Duration> parsed = ParseDuration(*interval);
    if (!parsed.ok() || *parsed <= Duration(0)) return Wrong(name, "interval", *interval, "a time as \"10 s\"");
    settings.interval = *parsed;
  }
  if (settings.kind == ReporterKind::kStatsd) {
    WEIR_ASSIGN_OR_RETURN(settings.address, AddressOf(configuration, name, kStatsdAddress));
  } else if (settings.kind == ReporterKind::kGraphite) {
    const std::string protocol = ToLower(Find(configuration, name, "protocol").value_or("tcp"));
    if (protocol != "tcp") return Wrong(name, "protocol", protocol, "TCP: metrics go over no other");
    WEIR_ASSIGN_OR_RETURN(settings.address, AddressOf(configuration, name, kGraphiteAddress));
  } else if (settings.kind == ReporterKind::kPrometheus) {
    const std::string ports = Find(configuration, name, "port").value_or(std::string(kDefaultPrometheusPort));
    const StatusOr<std::vector<int>> parsed = ParsePortList(ports);
    if (!parsed.ok()) return Wrong(name, "port", ports, std::string(parsed.status().message()));
    settings.ports = *parsed;
  }
  return settings;
}

// Those that are named, or else those that have a factory.
std::vector<std::string> NamesOf(const Configuration& configuration) {
  std::vector<std::string> names;
  const std::string text = configuration.Get(kReporters);
  std::string_view rest = text;
  while (!rest.empty()) {
    const size_t comma = std::min(rest.find_first_of(",;"), rest.size());
    const std::string name(TrimBlanks(rest.substr(0, comma)));
    if (!name.empty()) names.push_back(name);
    rest.remove_prefix(std::min(comma + 1, rest.size()));
  }
  if (!names.empty()) return names;
  const std::string prefix = Prefix();
  for (const ConfigEntry& entry : configuration.entries()) {
    const std::string_view key = entry.key;
    if (!key.starts_with(prefix) || !key.ends_with(kFactory) || key.size() <= prefix.size() + kFactory.size()) continue;
    names.emplace_back(key.substr(prefix.size(), key.size() - prefix.size() - kFactory.size()));
  }
  return names;
}

}  // namespace

StatusOr<std::vector<int>> ParsePortList(std::string_view text) {
  const Status wrong = InvalidArgumentError("a port, or ports as 9250-9260 or 9250,9252");
  std::vector<int> ports;
  for (bool is_last = false; !is_last;) {
    const size_t comma = text.find(',');
    is_last = comma == std::string_view::npos;
    const std::string_view part = text.substr(0, comma);
    if (!is_last) text.remove_prefix(comma + 1);
    const size_t dash = part.find('-');
    const StatusOr<int64_t> first = ParseInt64(TrimBlanks(part.substr(0, dash)));
    const StatusOr<int64_t> last =
        dash == std::string_view::npos ? first : ParseInt64(TrimBlanks(part.substr(dash + 1)));
    if (!first.ok() || !last.ok() || *first < 0 || *last < *first || *last > kHighestPort) return wrong;
    for (int64_t port = *first; port <= *last; ++port) ports.push_back(static_cast<int>(port));
  }
  return ports;
}

StatusOr<std::vector<ReporterSettings>> ReporterSettingsOf(const Configuration& configuration) {
  std::vector<ReporterSettings> all;
  std::set<std::string> seen;
  for (const std::string& name : NamesOf(configuration)) {
    if (!seen.insert(name).second) continue;
    WEIR_ASSIGN_OR_RETURN(ReporterSettings settings, SettingsOf(configuration, name));
    all.push_back(std::move(settings));
  }
  return all;
}

}  // namespace weir
