#include "weir/metrics/prometheus_text.h"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <vector>

#include "weir/metrics/metric_registry.h"

namespace weir {
namespace {

// A name may hold letters, digits, _ and : only.
std::string CleanName(std::string_view name) {
  std::string clean(name);
  for (char& c : clean) {
    const bool allowed =
        (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' || c == ':';
    if (!allowed) c = '_';
  }
  return clean;
}

std::string EscapeLabel(std::string_view value) {
  std::string escaped;
  for (const char c : value) {
    if (c == '\\' || c == '"') escaped.push_back('\\');
    escaped.append(c == '\n' ? "\\n" : std::string(1, c));
  }
  return escaped;
}

std::string Labels(const MetricScope& scope, std::string_view quantile = {}) {
  std::string labels;
  for (const auto& [name, value] : scope.variables) {
    labels += (labels.empty() ? "" : ",") + CleanName(name) + "=\"" + EscapeLabel(value) + "\"";
  }
  if (!quantile.empty()) labels += (labels.empty() ? "quantile=\"" : ",quantile=\"") + std::string(quantile) + "\"";
  return labels.empty() ? "" : "{" + labels + "}";
}

std::string Number(double value) {
  if (std::isnan(value)) return "NaN";
  if (std::isinf(value)) return value > 0 ? "+Inf" : "-Inf";
  char text[32];
  const auto [end, error] = std::to_chars(text, text + sizeof(text), value);
  return std::string(text, end);
}

// All lines of one name; the format wants them together under one type.
struct Family {
  std::string name;
  std::string_view type;
  std::string lines;
};

class PrometheusVisitor final : public MetricVisitor {
 public:
  explicit PrometheusVisitor(std::string_view prefix) : prefix_(prefix) {}

  void OnCounter(const MetricName& name, int64_t count) override { AddGauge(name, std::to_string(count)); }
  void OnGauge(const MetricName& name, const GaugeValue& value) override {
    if (value.kind() == GaugeValue::Kind::kInteger) AddGauge(name, std::to_string(value.integer()));
    if (value.kind() == GaugeValue::Kind::kNumber) AddGauge(name, Number(value.number()));
  }
  void OnMeter(const MetricName& name, int64_t, double events_per_second) override {
    AddGauge(name, Number(events_per_second));
  }
  void OnHistogram(const MetricName& name, const HistogramStatistics& statistics) override {
    Family* family = FamilyOf(name, "summary");
    if (family == nullptr) return;
    for (const char* quantile : {"0.5", "0.75", "0.95", "0.98", "0.99", "0.999"}) {
      double q = 0;
      std::from_chars(quantile, quantile + std::string_view(quantile).size(), q);
      family->lines += family->name + Labels(name.scope, quantile) + " " + Number(statistics.Quantile(q)) + "\n";
    }
    family->lines += family->name + "_count" + Labels(name.scope) + " " + std::to_string(statistics.count()) + "\n";
  }

  std::string Text() {
    std::sort(families_.begin(), families_.end(), [](const Family& a, const Family& b) { return a.name < b.name; });
    std::string text;
    for (const Family& family : families_) {
      text.append("# TYPE ").append(family.name).append(" ").append(family.type).append("\n").append(family.lines);
    }
    return text;
  }

 private:
  void AddGauge(const MetricName& name, const std::string& value) {
    Family* family = FamilyOf(name, "gauge");
    if (family != nullptr) family->lines += family->name + Labels(name.scope) + " " + value + "\n";
  }

  // nullptr if the name is taken by another type: a scraper would refuse the whole text.
  Family* FamilyOf(const MetricName& name, std::string_view type) {
    const std::string full = CleanName(prefix_ + "_" + name.scope.logical + "_" + name.name);
    for (Family& family : families_) {
      if (family.name == full) return family.type == type ? &family : nullptr;
    }
    families_.push_back({full, type, ""});
    return &families_.back();
  }

  const std::string prefix_;
  std::vector<Family> families_;
};

}  // namespace

std::string MetricsAsPrometheusText(const MetricRegistry& registry, std::string_view prefix) {
  PrometheusVisitor visitor(prefix);
  registry.Visit(visitor);
  return visitor.Text();
}

}  // namespace weir
