#include "weir/jobmanager/rest/metric_json.h"

#include <algorithm>
#include <cmath>

#include <nlohmann/json.hpp>

namespace weir {

namespace {

using nlohmann::json;

bool Contains(const std::vector<std::string>& names, const std::string& name) {
  return std::ranges::find(names, name) != names.end();
}

// Numbers as Flink writes them: the shortest text that reads back as the same.
std::string TextOf(const GaugeValue& value) {
  return value.kind() == GaugeValue::Kind::kNumber ? json(value.number()).dump() : value.ToString();
}

json Aggregations(const std::string& name, const std::vector<double>& values, const std::vector<std::string>& wanted) {
  double sum = 0;
  for (const double value : values) sum += value;
  const double mean = sum / static_cast<double>(values.size());
  double deviation = 0;
  for (const double value : values) deviation += std::abs(value - mean);
  // As Flink: the mean absolute deviation in percent of the mean.
  const double skew = mean == 0 ? 0 : deviation / static_cast<double>(values.size()) / std::abs(mean) * 100;
  const auto [lowest, highest] = std::ranges::minmax(values);
  const std::pair<const char*, double> all[] = {
      {"min", lowest}, {"max", highest}, {"avg", mean}, {"sum", sum}, {"skew", skew}};
  json shown = {{"id", name}};
  for (const auto& [aggregation, value] : all) {
    if (wanted.empty() || Contains(wanted, aggregation)) shown[aggregation] = value;
  }
  return shown;
}

}  // namespace

json MetricList(const MetricValues& metrics, const std::vector<std::string>& wanted) {
  json list = json::array();
  for (const auto& [name, value] : metrics) {
    if (wanted.empty()) {
      list.push_back({{"id", name}});
    } else if (Contains(wanted, name)) {
      list.push_back({{"id", name}, {"value", TextOf(value)}});
    }
  }
  return list;
}

void Collect(const MetricValues& values, std::map<std::string, std::vector<double>>& into) {
  for (const auto& [name, value] : values) {
    if (value.kind() != GaugeValue::Kind::kText) into[name].push_back(value.number());
  }
}

json AggregatedMetricList(const std::map<std::string, std::vector<double>>& metrics, const RestRequest& request) {
  const std::vector<std::string> wanted = request.QueryList("get");
  const std::vector<std::string> aggregations = request.QueryList("agg");
  json list = json::array();
  for (const auto& [name, values] : metrics) {
    if (wanted.empty()) {
      list.push_back({{"id", name}});
    } else if (Contains(wanted, name) && !values.empty()) {
      list.push_back(Aggregations(name, values, aggregations));
    }
  }
  return list;
}

}  // namespace weir
