#include "weir/jobmanager/rest/reported_metrics.h"

#include <algorithm>

namespace weir {
namespace {

constexpr std::string_view kTask = "taskmanager.job.task";
constexpr std::string_view kOperator = "taskmanager.job.task.operator";
constexpr std::string_view kTaskManager = "taskmanager";
constexpr std::string_view kJobManager = "jobmanager";
constexpr std::string_view kJobOf = ".job";

const std::string* VariableOf(const MetricScope& scope, std::string_view name) {
  for (const auto& [key, value] : scope.variables) {
    if (key == name) return &value;
  }
  return nullptr;
}

// As Flink's: what would read as a separator.
std::string Filtered(std::string_view name) {
  std::string filtered(name);
  std::ranges::replace_if(filtered, [](char c) { return c == ' ' || c == '.' || c == ':' || c == ','; }, '_');
  return filtered;
}

bool IsWithin(std::string_view logical, std::string_view base) {
  return logical.starts_with(base) && (logical.size() == base.size() || logical[base.size()] == '.');
}

// The groups that were made inside a scope, as they come before a metric's name: "Shuffle.Netty."; a group of a key has its value behind it.
std::string GroupsInside(const MetricScope& scope, std::string_view base) {
  std::string_view rest = std::string_view(scope.logical).substr(base.size());
  std::string groups;
  while (!rest.empty()) {
    rest.remove_prefix(1);
    const std::string_view name = rest.substr(0, rest.find('.'));
    groups.append(name).append(".");
    if (const std::string* value = VariableOf(scope, name)) groups.append(Filtered(*value)).append(".");
    rest.remove_prefix(name.size());
  }
  return groups;
}

void AddHistogram(const std::string& id, const HistogramSummary& summary, MetricValues& values) {
  values.emplace_back(id + "_count", summary.count);
  values.emplace_back(id + "_min", summary.min);
  values.emplace_back(id + "_max", summary.max);
  values.emplace_back(id + "_mean", summary.mean);
  values.emplace_back(id + "_stddev", summary.standard_deviation);
  constexpr const char* kSuffixes[] = {"_median", "_p75", "_p95", "_p98", "_p99", "_p999"};
  for (size_t i = 0; i < summary.quantiles.size(); ++i) values.emplace_back(id + kSuffixes[i], summary.quantiles[i]);
}

void AddSamples(const MetricGroupSnapshot& group, const std::string& prefix, MetricValues& values) {
  for (const MetricSample& sample : group.samples) {
    const std::string id = prefix + sample.name;
    switch (sample.kind) {
      case MetricSample::Kind::kCounter:
        values.emplace_back(id, sample.count);
        break;
      case MetricSample::Kind::kGauge:
      case MetricSample::Kind::kMeter:
        values.emplace_back(id, sample.value);
        break;
      case MetricSample::Kind::kHistogram:
        if (sample.histogram != nullptr) AddHistogram(id, *sample.histogram, values);
        break;
    }
  }
}

MetricValues LastNumbersOf(const TaskStatistics& numbers) {
  return {{"numRecordsIn", numbers.records_in},
          {"numRecordsOut", numbers.records_out},
          {"numBytesIn", numbers.bytes_in},
          {"numBytesOut", numbers.bytes_out},
          {"currentInputWatermark", numbers.watermark},
          {"accumulateBusyTimeMs", numbers.busy_ns / 1'000'000},
          {"accumulateIdleTimeMs", numbers.idle_ns / 1'000'000},
          {"accumulateBackPressuredTimeMs", numbers.backpressured_ns / 1'000'000}};
}

}  // namespace

MetricValues MetricsOfAttempt(const std::vector<MetricReport>& reports, const SubtaskDetails& subtask) {
  const std::string attempt = subtask.attempt_id.ToHex();
  MetricValues values;
  for (const MetricReport& report : reports) {
    for (const MetricGroupSnapshot& group : report.snapshot->groups) {
      if (!IsWithin(group.scope.logical, kTask)) continue;
      const std::string* const of = VariableOf(group.scope, "task_attempt_id");
      if (of == nullptr || *of != attempt) continue;
      const std::string* const name = VariableOf(group.scope, "operator_name");
      const bool is_operator = name != nullptr && IsWithin(group.scope.logical, kOperator);
      std::string prefix = is_operator ? Filtered(*name) + "." : "";
      prefix += GroupsInside(group.scope, is_operator ? kOperator : kTask);
      AddSamples(group, prefix, values);
    }
  }
  return values.empty() ? LastNumbersOf(subtask.statistics) : values;
}

MetricValues MetricsOfTaskManager(const std::vector<MetricReport>& reports, std::string_view task_manager) {
  MetricValues values;
  for (const MetricReport& report : reports) {
    if (report.task_manager != task_manager || !report.process.empty()) continue;
    for (const MetricGroupSnapshot& group : report.snapshot->groups) {
      AddSamples(group, GroupsInside(group.scope, kTaskManager), values);
    }
  }
  return values;
}

MetricValues MetricsOfJobManager(const MetricSnapshot& snapshot) {
  MetricValues values;
  for (const MetricGroupSnapshot& group : snapshot.groups) {
    if (IsWithin(group.scope.logical, std::string(kJobManager).append(kJobOf))) continue;
    AddSamples(group, GroupsInside(group.scope, kJobManager), values);
  }
  return values;
}

}  // namespace weir
