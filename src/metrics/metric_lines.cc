#include "weir/metrics/metric_lines.h"

#include <charconv>
#include <cmath>
#include <utility>

namespace weir {
namespace {

// Calls `add(name, value)` for every number.
template <class Add>
class NumberVisitor final : public MetricVisitor {
 public:
  explicit NumberVisitor(Add add) : add_(std::move(add)) {}

  void OnCounter(const MetricName& name, int64_t count) override { add_(name.Identifier(), std::to_string(count)); }
  void OnGauge(const MetricName& name, const GaugeValue& value) override {
    if (value.kind() == GaugeValue::Kind::kInteger) add_(name.Identifier(), std::to_string(value.integer()));
    if (value.kind() == GaugeValue::Kind::kNumber) AddNumber(name.Identifier(), value.number());
  }
  void OnMeter(const MetricName& name, int64_t count, double events_per_second) override {
    add_(name.Identifier() + ".count", std::to_string(count));
    AddNumber(name.Identifier() + ".rate", events_per_second);
  }
  void OnHistogram(const MetricName& name, const HistogramSummary& summary) override {
    const std::string id = name.Identifier();
    add_(id + ".count", std::to_string(summary.count));
    add_(id + ".min", std::to_string(summary.min));
    add_(id + ".max", std::to_string(summary.max));
    AddNumber(id + ".mean", summary.mean);
    AddNumber(id + ".stddev", summary.standard_deviation);
    constexpr const char* kNames[] = {".p50", ".p75", ".p95", ".p98", ".p99", ".p999"};
    for (size_t i = 0; i < summary.quantiles.size(); ++i) AddNumber(id + kNames[i], summary.quantiles[i]);
  }

 private:
  void AddNumber(const std::string& name, double value) {
    if (!std::isfinite(value)) return;
    char text[400];
    const auto [end, error] = std::to_chars(text, text + sizeof(text), value, std::chars_format::fixed);
    add_(name, std::string(text, end));
  }

  Add add_;
};

template <class Add>
void ForEachNumber(const std::vector<MetricSnapshot>& snapshots, Add add) {
  NumberVisitor<Add> visitor(std::move(add));
  for (const MetricSnapshot& snapshot : snapshots) snapshot.Visit(visitor);
}

// What would end a name, or a line, becomes '-'; a byte that is not printable too.
std::string Clean(std::string name) {
  for (char& c : name) {
    if (c <= ' ' || c == ':' || c == '|' || c == '@' || c == 0x7f) c = '-';
  }
  return name;
}

}  // namespace

std::vector<std::string> StatsdPackets(const std::vector<MetricSnapshot>& snapshots, size_t most_bytes) {
  std::vector<std::string> packets;
  const auto add_line = [&](const std::string& line) {
    if (packets.empty() || packets.back().size() + 1 + line.size() > most_bytes) {
      packets.push_back(line);
    } else {
      packets.back() += "\n" + line;
    }
  };
  ForEachNumber(snapshots, [&](const std::string& name, const std::string& value) {
    const std::string clean = Clean(name);
    // A sign means a change of the gauge: it is set to 0 first.
    const bool is_negative = value.starts_with('-');
    add_line((is_negative ? clean + ":0|g\n" : "") + clean + ":" + value + "|g");
  });
  return packets;
}

std::string GraphiteLines(const std::vector<MetricSnapshot>& snapshots, int64_t now_seconds) {
  std::string lines;
  const std::string time = " " + std::to_string(now_seconds) + "\n";
  ForEachNumber(snapshots, [&](const std::string& name, const std::string& value) {
    lines.append(Clean(name)).append(" ").append(value).append(time);
  });
  return lines;
}

}  // namespace weir
