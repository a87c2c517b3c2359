#include "weir/rpc/wire/metric_values.h"

#include <algorithm>
#include <utility>

#include "weir/v1/metrics.pb.h"

namespace weir {
namespace {

void ToProto(const HistogramSummary& summary, v1::HistogramSummary& message) {
  message.set_count(summary.count);
  message.set_min(summary.min);
  message.set_max(summary.max);
  message.set_mean(summary.mean);
  message.set_standard_deviation(summary.standard_deviation);
  for (const double quantile : summary.quantiles) message.add_quantiles(quantile);
}

HistogramSummary FromProto(const v1::HistogramSummary& message) {
  HistogramSummary summary{.count = message.count(),
                           .min = message.min(),
                           .max = message.max(),
                           .mean = message.mean(),
                           .standard_deviation = message.standard_deviation(),
                           .quantiles = {}};
  const size_t quantiles = std::min<size_t>(summary.quantiles.size(), static_cast<size_t>(message.quantiles_size()));
  for (size_t i = 0; i < quantiles; ++i) summary.quantiles[i] = message.quantiles(static_cast<int>(i));
  return summary;
}

void ToProto(const MetricSample& sample, v1::MetricSample& message) {
  message.set_name(sample.name);
  switch (sample.kind) {
    case MetricSample::Kind::kCounter:
      return message.set_counter(sample.count);
    case MetricSample::Kind::kMeter:
      message.mutable_meter()->set_count(sample.count);
      return message.mutable_meter()->set_rate(sample.value.number());
    case MetricSample::Kind::kHistogram:
      if (sample.histogram != nullptr) ToProto(*sample.histogram, *message.mutable_histogram());
      return;
    case MetricSample::Kind::kGauge:
      break;
  }
  switch (sample.value.kind()) {
    case GaugeValue::Kind::kInteger:
      return message.set_integer(sample.value.integer());
    case GaugeValue::Kind::kNumber:
      return message.set_number(sample.value.number());
    case GaugeValue::Kind::kText:
      return message.set_text(sample.value.text());
  }
}

MetricSample FromProto(const v1::MetricSample& message) {
  MetricSample sample{.name = message.name()};
  switch (message.value_case()) {
    case v1::MetricSample::kCounter:
      sample.kind = MetricSample::Kind::kCounter;
      sample.count = message.counter();
      break;
    case v1::MetricSample::kMeter:
      sample.kind = MetricSample::Kind::kMeter;
      sample.count = message.meter().count();
      sample.value = GaugeValue(message.meter().rate());
      break;
    case v1::MetricSample::kHistogram:
      sample.kind = MetricSample::Kind::kHistogram;
      sample.count = message.histogram().count();
      sample.histogram = std::make_shared<const HistogramSummary>(FromProto(message.histogram()));
      break;
    case v1::MetricSample::kInteger:
      sample.value = GaugeValue(int64_t{message.integer()});
      break;
    case v1::MetricSample::kNumber:
      sample.value = GaugeValue(message.number());
      break;
    case v1::MetricSample::kText:
      sample.value = GaugeValue(message.text());
      break;
    case v1::MetricSample::VALUE_NOT_SET:
      break;
  }
  return sample;
}

}  // namespace

void ToProto(const MetricReport& report, v1::MetricReport& message) {
  message.Clear();
  message.set_task_manager(report.task_manager);
  message.set_process(report.process);
  if (report.snapshot == nullptr) return;
  for (const MetricGroupSnapshot& group : report.snapshot->groups) {
    v1::MetricGroup& stored = *message.add_groups();
    stored.set_identifier(group.scope.identifier);
    stored.set_logical(group.scope.logical);
    for (const auto& [name, value] : group.scope.variables) {
      stored.add_variables(name);
      stored.add_variables(value);
    }
    for (const MetricSample& sample : group.samples) ToProto(sample, *stored.add_samples());
  }
}

MetricReport FromProto(const v1::MetricReport& message) {
  auto snapshot = std::make_shared<MetricSnapshot>();
  for (const v1::MetricGroup& stored : message.groups()) {
    MetricGroupSnapshot& group = snapshot->groups.emplace_back();
    group.scope = {.identifier = stored.identifier(), .logical = stored.logical(), .variables = {}};
    for (int i = 0; i + 1 < stored.variables_size(); i += 2) {
      group.scope.variables.emplace_back(stored.variables(i), stored.variables(i + 1));
    }
    for (const v1::MetricSample& sample : stored.samples()) group.samples.push_back(FromProto(sample));
  }
  return {.task_manager = message.task_manager(), .process = message.process(), .snapshot = std::move(snapshot)};
}

}  // namespace weir
