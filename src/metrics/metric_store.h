// The latest metrics of all processes of a cluster, as the JobManager has heard of them.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include "weir/base/mutex.h"
#include "weir/metrics/metric_snapshot.h"

namespace weir {

class Clock;

// Threads: any. A process that has not been heard of for `kMaxAgeNanos` is gone.
class MetricStore {
 public:
  // Reports come every second; a process that swaps may miss a few.
  static constexpr int64_t kMaxAgeNanos = 15'000'000'000;

  // `clock` must outlive the store.
  explicit MetricStore(const Clock* clock) : clock_(*clock) {}

  // Takes the place of what the process reported before.
  void Report(MetricReport report);
  // What every process that is there reported last, by TaskManager and process.
  std::vector<MetricReport> Latest() const;

 private:
  struct Entry {
    MetricReport report;
    int64_t received_nanos = 0;
  };

  const Clock& clock_;
  mutable Mutex mutex_;
  std::map<std::pair<std::string, std::string>, Entry> processes_ WEIR_GUARDED_BY(mutex_);
};

}  // namespace weir
