#include "weir/runtime/worker/worker_metrics.h"

#include "weir/config/configuration.h"
#include "weir/runtime/task/stream_task.h"

namespace weir {

WorkerMetrics::WorkerMetrics(const Configuration& configuration, std::string_view worker)
    : scopes_(configuration), process_(scopes_.TaskManager("localhost", worker)) {}

MetricScope WorkerMetrics::TaskScope(const TaskDeploymentDescriptor& deployment, const JobVertex& vertex) const {
  const MetricScope job = scopes_.Job(process_, deployment.job_id.ToHex(), deployment.job_name);
  return scopes_.TaskOf(job, {.vertex_id = deployment.vertex_id.ToHex(),
                              .name = vertex.name,
                              .attempt_id = deployment.attempt_id.ToHex(),
                              .attempt_number = deployment.attempt_number,
                              .subtask_index = deployment.subtask_index});
}

std::vector<std::unique_ptr<MetricGroup>> WorkerMetrics::OperatorGroups(const TaskDeploymentDescriptor& deployment,
                                                                        const JobVertex& vertex) {
  const MetricScope task = TaskScope(deployment, vertex);
  std::vector<std::unique_ptr<MetricGroup>> groups;
  for (const JobOperator& job_operator : vertex.operators) {
    groups.push_back(
        std::make_unique<MetricGroup>(registry_, scopes_.OperatorOf(task, job_operator.id.ToHex(), job_operator.name)));
  }
  return groups;
}

std::unique_ptr<MetricGroup> WorkerMetrics::TaskGroup(const TaskDeploymentDescriptor& deployment,
                                                      const JobVertex& vertex, const StreamTask& task) {
  auto group = std::make_unique<MetricGroup>(registry_, TaskScope(deployment, vertex));
  // Of a source it is what its records say.
  group->AddGauge(vertex.is_source() ? "currentOutputWatermark" : "currentInputWatermark",
                  [&task] { return task.statistics().watermark; });
  return group;
}

}  // namespace weir
