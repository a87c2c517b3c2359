// The metrics of one worker.
#pragma once

#include <memory>
#include <string_view>
#include <vector>

#include "weir/graph/job/job_graph.h"
#include "weir/metrics/metric_group.h"
#include "weir/metrics/metric_registry.h"
#include "weir/metrics/metric_scope.h"
#include "weir/metrics/metric_snapshot.h"
#include "weir/metrics/process_metrics.h"
#include "weir/rpc/task_deployment.h"

namespace weir {

class Configuration;
class OperatorChain;
class StreamTask;

// Whose process the metrics live in, and with that, under which name its CPU and memory are shown.
enum class ShownProcess {
  kNone,         // it is somebody else's to show
  kTaskManager,  // "taskmanager.Status..."
  kWorker,       // "taskmanager.worker.<process id>.Status...": a TaskManager has many
};

// Holds the registry and names the groups of what runs in the worker. Threads: any.
class WorkerMetrics {
 public:
  // `configuration`: the formats of `metrics.scope.*`. `worker` is the id that the scopes show.
  WorkerMetrics(const Configuration& configuration, std::string_view worker, ShownProcess shown = ShownProcess::kNone);

  // A group for each operator of a task's chain, for as long as the task.
  std::vector<std::unique_ptr<MetricGroup>> OperatorGroups(const TaskDeploymentDescriptor& deployment,
                                                           const JobVertex& vertex);
  // What the chain counts of operator `index`, into its group; the chain must outlive the group.
  static void AddOperator(MetricGroup& group, const JobVertex& vertex, size_t index, const OperatorChain& chain);
  // What `task` publishes of itself, and of its source if it has one, under Flink's names. It must outlive the groups.
  std::vector<std::unique_ptr<MetricGroup>> TaskGroups(const TaskDeploymentDescriptor& deployment,
                                                       const JobVertex& vertex, const StreamTask& task);

  const MetricRegistry& registry() const { return registry_; }
  // Everything as it is at `now_nanos` (monotonic), rates included. To be called about every second, from one thread.
  MetricSnapshot Take(int64_t now_nanos);

 private:
  MetricScope TaskScope(const TaskDeploymentDescriptor& deployment, const JobVertex& vertex) const;

  const MetricScopes scopes_;
  const MetricScope process_;
  MetricRegistry registry_;
  MetricGroup process_group_;
  std::unique_ptr<ProcessMetrics> process_metrics_;  // null: the process is somebody else's to show
};

}  // namespace weir
