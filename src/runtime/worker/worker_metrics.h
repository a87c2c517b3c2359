// The metrics of one worker.
#pragma once

#include <memory>
#include <string_view>
#include <vector>

#include "weir/graph/job/job_graph.h"
#include "weir/metrics/metric_group.h"
#include "weir/metrics/metric_registry.h"
#include "weir/metrics/metric_scope.h"
#include "weir/rpc/task_deployment.h"

namespace weir {

class Configuration;
class StreamTask;

// Holds the registry and names the groups of what runs in the worker. Threads: any.
class WorkerMetrics {
 public:
  // `configuration`: the formats of `metrics.scope.*`. `worker` is the id that the scopes show.
  WorkerMetrics(const Configuration& configuration, std::string_view worker);

  // A group for each operator of a task's chain, for as long as the task.
  std::vector<std::unique_ptr<MetricGroup>> OperatorGroups(const TaskDeploymentDescriptor& deployment,
                                                           const JobVertex& vertex);
  // What `task` publishes of itself, under Flink's names. It must outlive the group.
  std::unique_ptr<MetricGroup> TaskGroup(const TaskDeploymentDescriptor& deployment, const JobVertex& vertex,
                                         const StreamTask& task);

  const MetricRegistry& registry() const { return registry_; }

 private:
  MetricScope TaskScope(const TaskDeploymentDescriptor& deployment, const JobVertex& vertex) const;

  const MetricScopes scopes_;
  const MetricScope process_;
  MetricRegistry registry_;
};

}  // namespace weir
