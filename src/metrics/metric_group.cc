#include "weir/metrics/metric_group.h"

#include <algorithm>
#include <vector>

#include "weir/base/logging.h"
#include "weir/metrics/metric_registry.h"
#include "weir/metrics/metric_visitor.h"

namespace weir {

namespace {

// The growth of a total, between the updates of the registry's rates.
class RateOfTotal {
 public:
  explicit RateOfTotal(std::unique_ptr<Gauge> total) : total_(std::move(total)) {}

  void Update(int64_t now_nanos) {
    // In thousandths: a counter is whole.
    const auto thousandths = static_cast<int64_t>(total_->Value().number() * 1000);
    counted_.Inc(thousandths - counted_.Count());
    meter_.Update(now_nanos);
  }
  double PerSecond() const { return meter_.RecentRate() / 1000; }

 private:
  const std::unique_ptr<Gauge> total_;
  Counter counted_;
  Meter meter_{counted_};
};

}  // namespace

// Exactly one of the pointers is set.
struct MetricGroup::Metric {
  std::string name;
  bool reported = true;
  std::unique_ptr<Counter> counter;
  std::unique_ptr<Gauge> gauge;
  std::unique_ptr<Histogram> histogram;
  std::unique_ptr<Meter> meter;
  std::unique_ptr<NumberGauge> number_gauge;
  std::unique_ptr<RateOfTotal> rate;
  std::unique_ptr<const Histogram*> foreign_histogram;
};

struct MetricGroup::Contents {
  // Guarded by the registry's lock.
  std::vector<std::unique_ptr<Metric>> metrics;
  // Groups inside this one. Guarded by nothing: a group is made by the thread that owns this one.
  std::vector<std::unique_ptr<MetricGroup>> groups;
};

MetricGroup::MetricGroup(MetricRegistry& registry, MetricScope scope)
    : registry_(registry), scope_(std::move(scope)), contents_(new Contents) {
  const MutexLock lock(registry_.mutex_);
  registry_.groups_.push_back(this);
}

MetricGroup::~MetricGroup() {
  const std::unique_ptr<Contents> contents(contents_);
  contents->groups.clear();
  const MutexLock lock(registry_.mutex_);
  registry_.groups_.erase(std::find(registry_.groups_.begin(), registry_.groups_.end(), this));
}

MetricGroup::Metric& MetricGroup::Add(std::string_view name) {
  contents_->metrics.push_back(std::make_unique<Metric>());
  contents_->metrics.back()->name = std::string(name);
  return *contents_->metrics.back();
}

template <class M>
M& MetricGroup::FindOrAdd(std::string_view name, std::unique_ptr<M> Metric::* member, std::unique_ptr<M> fresh) {
  bool taken = false;
  for (const auto& metric : contents_->metrics) {
    if (metric->name != name) continue;
    if ((*metric).*member != nullptr) return *((*metric).*member);
    taken = true;
  }
  if (taken) WEIR_LOG(kWarning, "{}.{} is two kinds of metric; only the first is reported", scope_.identifier, name);
  Metric& metric = Add(name);
  metric.reported = !taken;
  metric.*member = std::move(fresh);
  return *(metric.*member);
}

Counter& MetricGroup::GetCounter(std::string_view name) {
  const MutexLock lock(registry_.mutex_);
  return FindOrAdd(name, &Metric::counter, std::make_unique<Counter>());
}

Histogram& MetricGroup::GetHistogram(std::string_view name, size_t size) {
  const MutexLock lock(registry_.mutex_);
  return FindOrAdd(name, &Metric::histogram, std::make_unique<Histogram>(size));
}

Meter& MetricGroup::GetMeter(std::string_view name) {
  const MutexLock lock(registry_.mutex_);
  return FindOrAdd(name, &Metric::meter, std::make_unique<Meter>());
}

Meter& MetricGroup::GetMeter(std::string_view name, const Counter& counted) {
  const MutexLock lock(registry_.mutex_);
  return FindOrAdd(name, &Metric::meter, std::make_unique<Meter>(counted));
}

NumberGauge& MetricGroup::GetGauge(std::string_view name) {
  const MutexLock lock(registry_.mutex_);
  return FindOrAdd(name, &Metric::number_gauge, std::make_unique<NumberGauge>());
}

void MetricGroup::AddGauge(std::string_view name, std::unique_ptr<Gauge> gauge) {
  const MutexLock lock(registry_.mutex_);
  FindOrAdd(name, &Metric::gauge, std::move(gauge));
}

void MetricGroup::AddRate(std::string_view name, std::unique_ptr<Gauge> total) {
  const MutexLock lock(registry_.mutex_);
  FindOrAdd(name, &Metric::rate, std::make_unique<RateOfTotal>(std::move(total)));
}

void MetricGroup::AddHistogram(std::string_view name, const Histogram& histogram) {
  const MutexLock lock(registry_.mutex_);
  FindOrAdd(name, &Metric::foreign_histogram, std::make_unique<const Histogram*>(&histogram));
}

MetricGroup& MetricGroup::GetGroup(std::string_view name) { return FindOrAddGroup(MetricScopes::Inside(scope_, name)); }

MetricGroup& MetricGroup::GetGroup(std::string_view key, std::string_view value) {
  return FindOrAddGroup(MetricScopes::Inside(scope_, key, value));
}

MetricGroup& MetricGroup::FindOrAddGroup(MetricScope scope) {
  for (const auto& group : contents_->groups) {
    if (group->scope_.identifier == scope.identifier) return *group;
  }
  contents_->groups.push_back(std::make_unique<MetricGroup>(registry_, std::move(scope)));
  return *contents_->groups.back();
}

void MetricGroup::Visit(MetricVisitor& visitor) const {
  for (const auto& metric : contents_->metrics) {
    if (!metric->reported) continue;
    const MetricName name{scope_, metric->name};
    if (metric->counter != nullptr) visitor.OnCounter(name, metric->counter->Count());
    if (metric->gauge != nullptr) visitor.OnGauge(name, metric->gauge->Value());
    if (metric->number_gauge != nullptr) visitor.OnGauge(name, metric->number_gauge->Value());
    if (metric->histogram != nullptr) visitor.OnHistogram(name, metric->histogram->Statistics().Summary());
    if (metric->rate != nullptr) visitor.OnGauge(name, metric->rate->PerSecond());
    if (metric->foreign_histogram != nullptr) {
      visitor.OnHistogram(name, (*metric->foreign_histogram)->Statistics().Summary());
    }
    if (metric->meter != nullptr) visitor.OnMeter(name, metric->meter->Count(), metric->meter->Rate());
  }
}

void MetricGroup::UpdateRates(int64_t now_nanos) {
  for (const auto& metric : contents_->metrics) {
    if (metric->meter != nullptr) metric->meter->Update(now_nanos);
    if (metric->rate != nullptr) metric->rate->Update(now_nanos);
  }
}

}  // namespace weir
