#include "weir/metrics/prometheus_text.h"

#include <charconv>
#include <cmath>

#include "weir/metrics/metric_registry.h"
#include "weir/metrics/metric_snapshot.h"

namespace weir {
namespace {

// A name may hold letters, digits, _ and : only.
void AppendCleanName(std::string_view name, std::string& out) {
  for (const char c : name) {
    const bool allowed =
        (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' || c == ':';
    out.push_back(allowed ? c : '_');
  }
}

std::string HelpFor(const MetricName& name) {
  std::string text;
  AppendCleanName(name.name, text);
  text += " (scope: ";
  AppendCleanName(name.scope.logical, text);
  return text + ")";
}

void AppendEscapedLabel(std::string_view value, std::string& out) {
  for (const char c : value) {
    if (c == '\\' || c == '"') out.push_back('\\');
    if (c == '\n') {
      out += "\\n";
    } else {
      out.push_back(c);
    }
  }
}

std::string Number(double value) {
  if (std::isnan(value)) return "NaN";
  if (std::isinf(value)) return value > 0 ? "+Inf" : "-Inf";
  char text[32];
  const auto [end, error] = std::to_chars(text, text + sizeof(text), value);
  return std::string(text, end);
}

void AppendLine(std::string_view name, std::string_view suffix, std::string_view labels, std::string_view value,
                std::string& out) {
  out.append(name).append(suffix);
  if (!labels.empty()) out.append("{").append(labels).append("}");
  out.append(" ").append(value).append("\n");
}

}  // namespace

const std::string& PrometheusText::LabelsOf(const MetricScope& scope) {
  const std::string key = scope.logical + "\n" + scope.identifier;
  if (labelled_scope_ == key) return labels_;
  labelled_scope_ = key;
  labels_.clear();
  for (const auto& [name, value] : scope.variables) {
    if (!labels_.empty()) labels_ += ",";
    AppendCleanName(name, labels_);
    labels_ += "=\"";
    AppendEscapedLabel(value, labels_);
    labels_ += "\"";
  }
  name_prefix_ = prefix_ + "_";
  AppendCleanName(scope.logical, name_prefix_);
  name_prefix_ += "_";
  return labels_;
}

std::pair<const std::string, PrometheusText::Family>* PrometheusText::FamilyOf(const MetricName& name,
                                                                               std::string_view type) {
  LabelsOf(name.scope);
  std::string full = name_prefix_;
  AppendCleanName(name.name, full);
  const auto [found, is_new] = families_.try_emplace(std::move(full), Family{type, "", ""});
  if (is_new) found->second.help = HelpFor(name);
  return is_new || found->second.type == type ? &*found : nullptr;
}

void PrometheusText::AddGauge(const MetricName& name, std::string_view value) {
  if (auto* family = FamilyOf(name, "gauge")) AppendLine(family->first, "", labels_, value, family->second.lines);
}

void PrometheusText::OnCounter(const MetricName& name, int64_t count) { AddGauge(name, std::to_string(count)); }

void PrometheusText::OnGauge(const MetricName& name, const GaugeValue& value) {
  if (value.kind() == GaugeValue::Kind::kInteger) AddGauge(name, std::to_string(value.integer()));
  if (value.kind() == GaugeValue::Kind::kNumber) AddGauge(name, Number(value.number()));
}

void PrometheusText::OnMeter(const MetricName& name, int64_t, double events_per_second) {
  AddGauge(name, Number(events_per_second));
}

void PrometheusText::OnHistogram(const MetricName& name, const HistogramSummary& summary) {
  auto* const family = FamilyOf(name, "summary");
  if (family == nullptr) return;
  std::string& lines = family->second.lines;
  for (size_t i = 0; i < HistogramSummary::kQuantileCount; ++i) {
    const std::string quantile = std::string("quantile=\"") + HistogramSummary::kQuantileNames[i] + "\"";
    AppendLine(family->first, "", labels_.empty() ? quantile : labels_ + "," + quantile, Number(summary.quantiles[i]),
               lines);
  }
  AppendLine(family->first, "_count", labels_, std::to_string(summary.count), lines);
}

std::string PrometheusText::Text() const {
  std::string text;
  for (const auto& [name, family] : families_) {
    text.append("# HELP ").append(name).append(" ").append(family.help).append("\n");
    text.append("# TYPE ").append(name).append(" ").append(family.type).append("\n").append(family.lines);
  }
  return text;
}

std::string MetricsAsPrometheusText(const MetricRegistry& registry, std::string_view prefix) {
  PrometheusText text(prefix);
  registry.Visit(text);
  return text.Text();
}

std::string MetricsAsPrometheusText(const std::vector<const MetricSnapshot*>& snapshots) {
  PrometheusText text;
  for (const MetricSnapshot* snapshot : snapshots) snapshot->Visit(text);
  return text.Text();
}

}  // namespace weir
