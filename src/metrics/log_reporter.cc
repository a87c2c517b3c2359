#include "weir/metrics/log_reporter.h"

#include "weir/base/logging.h"
#include "weir/metrics/metric_registry.h"

namespace weir {
namespace {

// Collects lines by kind, so that each kind forms a section whatever the order of the groups.
class TextVisitor final : public MetricVisitor {
 public:
  void OnCounter(const MetricName& name, int64_t count) override {
    counters_ += fmt::format("{}: {}\n", name.Identifier(), count);
  }
  void OnGauge(const MetricName& name, const GaugeValue& value) override {
    gauges_ += fmt::format("{}: {}\n", name.Identifier(), value.ToString());
  }
  void OnMeter(const MetricName& name, int64_t count, double events_per_second) override {
    meters_ += fmt::format("{}: {:.1f}/s, count {}\n", name.Identifier(), events_per_second, count);
  }
  void OnHistogram(const MetricName& name, const HistogramSummary& s) override {
    histograms_ +=
        fmt::format("{}: count={}, min={}, max={}, mean={:.1f}, stddev={:.1f}, p50={:.1f}, p95={:.1f}, p99={:.1f}\n",
                    name.Identifier(), s.count, s.min, s.max, s.mean, s.standard_deviation, s.quantiles[0],
                    s.quantiles[2], s.quantiles[4]);
  }

  std::string Text() const {
    return Section("Counters", counters_) + Section("Gauges", gauges_) + Section("Meters", meters_) +
           Section("Histograms", histograms_);
  }

 private:
  static std::string Section(const char* title, const std::string& lines) {
    return lines.empty() ? "" : fmt::format("-- {} --\n{}", title, lines);
  }

  std::string counters_;
  std::string gauges_;
  std::string meters_;
  std::string histograms_;
};

}  // namespace

std::string MetricsAsText(const MetricRegistry& registry) {
  TextVisitor visitor;
  registry.Visit(visitor);
  return visitor.Text();
}

void LogReporter::Report(const MetricRegistry& registry) {
  const std::string text = MetricsAsText(registry);
  for (size_t start = 0; start < text.size();) {
    const size_t end = text.find('\n', start);
    WEIR_LOG(kInfo, "{}", std::string_view(text).substr(start, end - start));
    start = end + 1;
  }
}

}  // namespace weir
