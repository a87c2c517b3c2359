#include "weir/metrics/metric_store.h"

#include "weir/base/clock.h"

namespace weir {

void MetricStore::Report(MetricReport report) {
  const int64_t now = clock_.MonotonicNanos();
  MutexLock lock(mutex_);
  std::erase_if(processes_, [now](const auto& known) { return now - known.second.received_nanos > kMaxAgeNanos; });
  std::pair key(report.task_manager, report.process);
  processes_[std::move(key)] = {.report = std::move(report), .received_nanos = now};
}

std::vector<MetricReport> MetricStore::Latest() const {
  const int64_t now = clock_.MonotonicNanos();
  std::vector<MetricReport> latest;
  MutexLock lock(mutex_);
  for (const auto& [key, entry] : processes_) {
    if (now - entry.received_nanos <= kMaxAgeNanos) latest.push_back(entry.report);
  }
  return latest;
}

}  // namespace weir
