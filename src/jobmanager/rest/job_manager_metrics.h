// The JobManager's own metrics, under Flink's names: its process, its slots, its jobs.
#pragma once

#include <cstdint>
#include <memory>
#include <vector>

#include "weir/base/mutex.h"
#include "weir/jobmanager/rest/metric_json.h"
#include "weir/metrics/metric_registry.h"
#include "weir/metrics/metric_snapshot.h"
#include "weir/metrics/process_metrics.h"
#include "weir/rpc/job_messages.h"
#include "weir/rpc/resource_overview.h"

namespace weir {

class Configuration;
class RestContext;

// Threads: any.
class JobManagerMetrics {
 public:
  explicit JobManagerMetrics(const Configuration& configuration);

  // Its process and the numbers of the cluster, and a group for each of `jobs`.
  MetricSnapshot Take(int64_t now_nanos, const std::vector<JobDetails>& jobs,
                      const std::vector<TaskManagerOverview>& task_managers);

 private:
  const MetricScopes scopes_;
  const MetricScope process_;
  Mutex mutex_;
  MetricRegistry registry_ WEIR_GUARDED_BY(mutex_);
  MetricGroup group_;
  ProcessMetrics process_metrics_ WEIR_GUARDED_BY(mutex_);
  int64_t last_refresh_nanos_ WEIR_GUARDED_BY(mutex_) = 0;
};

// The JobManager's own metrics, as it answers when it is asked now.
StatusOr<MetricSnapshot> JobManagerSnapshot(const RestContext& context);

// What is known of a job as a whole: "numRestarts", "uptime", "lastCheckpointDuration".
MetricValues MetricsOfJob(const JobDetails& job);

}  // namespace weir
