// The metrics of one scope. A user function finds that of its operator in `RuntimeContext::metrics()`.
//
//   void Open(RuntimeContext& context) {
//     seen_ = &context.metrics().GetCounter("seen");
//     context.metrics().AddGauge("cacheSize", [this] { return cache_size_.load(); });
//   }
//
// Threads: any thread may make metrics, one thread (the group's owner) makes groups inside it; each metric says who may
// update it.
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <utility>

#include "weir/metrics/counter.h"
#include "weir/metrics/gauge.h"
#include "weir/metrics/histogram.h"
#include "weir/metrics/meter.h"
#include "weir/metrics/metric_scope.h"

namespace weir {

class MetricRegistry;
class MetricVisitor;

// Owns its metrics and the groups inside it; all go with it, and reporters see them no more.
class MetricGroup {
 public:
  // The registry must outlive the group.
  MetricGroup(MetricRegistry& registry, MetricScope scope);
  MetricGroup(const MetricGroup&) = delete;
  MetricGroup& operator=(const MetricGroup&) = delete;
  ~MetricGroup();

  const MetricScope& scope() const { return scope_; }

  // The metric of that name, made at the first call. References stay valid as long as the group. A name that is taken
  // by a metric of another kind gives one that works and is not reported; the log says so.
  Counter& GetCounter(std::string_view name);
  NumberGauge& GetGauge(std::string_view name);
  Histogram& GetHistogram(std::string_view name, size_t size = Histogram::kDefaultSize);
  Meter& GetMeter(std::string_view name);
  // The rate of a counter, which must live as long as the group: "numRecordsInPerSecond" of "numRecordsIn".
  Meter& GetMeter(std::string_view name, const Counter& counted);

  // A gauge that asks `function` (see FunctionGauge) for an int, int64_t, bool, double or std::string. If the name is
  // that of a gauge already, that one stays.
  template <class F>
  void AddGauge(std::string_view name, F function) {
    AddGauge(name, std::unique_ptr<Gauge>(new FunctionGauge<F>(std::move(function))));
  }
  void AddGauge(std::string_view name, std::unique_ptr<Gauge> gauge);
  // A gauge that shows how fast what `function` returns (a double that only grows) has grown per second, over the last one to five seconds.
  template <class F>
  void AddRate(std::string_view name, F function) {
    AddRate(name, std::unique_ptr<Gauge>(new FunctionGauge<F>(std::move(function))));
  }
  void AddRate(std::string_view name, std::unique_ptr<Gauge> total);
  // Shows a histogram of somebody else's, which must live as long as the group.
  void AddHistogram(std::string_view name, const Histogram& histogram);

  // The group of that name inside this one, made at the first call.
  MetricGroup& GetGroup(std::string_view name);
  // The same; the key and its value are also a variable, which reporters with labels show as one.
  MetricGroup& GetGroup(std::string_view key, std::string_view value);

 private:
  friend class MetricRegistry;

  struct Metric;
  struct Contents;

  MetricGroup& FindOrAddGroup(MetricScope scope);
  // All below: called with the registry's lock held.
  template <class M>
  M& FindOrAdd(std::string_view name, std::unique_ptr<M> Metric::* member, std::unique_ptr<M> fresh);
  Metric& Add(std::string_view name);
  void Visit(MetricVisitor& visitor) const;
  void UpdateRates(int64_t now_nanos);

  MetricRegistry& registry_;
  const MetricScope scope_;
  // Behind a pointer: what guards it would bring <mutex> to user programs, and its members cost them 50 ms of compile time.
  Contents* const contents_;
};

}  // namespace weir
