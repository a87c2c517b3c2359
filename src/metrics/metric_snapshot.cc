#include "weir/metrics/metric_snapshot.h"

#include <utility>

#include "weir/metrics/metric_registry.h"

namespace weir {
namespace {

// Copies what it is shown. The metrics of a group come one after the other.
class CopyingVisitor final : public MetricVisitor {
 public:
  void OnCounter(const MetricName& name, int64_t count) override {
    Add(name, {.name = name.name, .kind = MetricSample::Kind::kCounter, .count = count});
  }
  void OnGauge(const MetricName& name, const GaugeValue& value) override {
    Add(name, {.name = name.name, .kind = MetricSample::Kind::kGauge, .value = value});
  }
  void OnMeter(const MetricName& name, int64_t count, double events_per_second) override {
    Add(name, {.name = name.name, .kind = MetricSample::Kind::kMeter, .value = events_per_second, .count = count});
  }
  void OnHistogram(const MetricName& name, const HistogramSummary& summary) override {
    Add(name, {.name = name.name,
               .kind = MetricSample::Kind::kHistogram,
               .count = summary.count,
               .histogram = std::make_shared<const HistogramSummary>(summary)});
  }

  MetricSnapshot Take() { return std::move(snapshot_); }

 private:
  void Add(const MetricName& name, MetricSample sample) {
    if (last_ != &name.scope) {
      snapshot_.groups.push_back({.scope = name.scope, .samples = {}});
      last_ = &name.scope;
    }
    snapshot_.groups.back().samples.push_back(std::move(sample));
  }

  MetricSnapshot snapshot_;
  const MetricScope* last_ = nullptr;
};

}  // namespace

void MetricSnapshot::Visit(MetricVisitor& visitor) const {
  for (const MetricGroupSnapshot& group : groups) {
    for (const MetricSample& sample : group.samples) {
      const MetricName name{group.scope, sample.name};
      switch (sample.kind) {
        case MetricSample::Kind::kCounter:
          visitor.OnCounter(name, sample.count);
          break;
        case MetricSample::Kind::kGauge:
          visitor.OnGauge(name, sample.value);
          break;
        case MetricSample::Kind::kMeter:
          visitor.OnMeter(name, sample.count, sample.value.number());
          break;
        case MetricSample::Kind::kHistogram:
          if (sample.histogram != nullptr) visitor.OnHistogram(name, *sample.histogram);
          break;
      }
    }
  }
}

MetricSnapshot SnapshotOf(const MetricRegistry& registry) {
  CopyingVisitor visitor;
  registry.Visit(visitor);
  return visitor.Take();
}

}  // namespace weir
