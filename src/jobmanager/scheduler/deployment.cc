#include "weir/jobmanager/scheduler/deployment.h"

#include <algorithm>
#include <map>
#include <utility>
#include <vector>

#include "weir/base/check.h"
#include "weir/graph/distribution.h"

namespace weir {
namespace {

struct EdgeShape {
  DistributionPattern pattern;
  int producers;
  int consumers;
};

EdgeShape ShapeOf(const JobGraph& graph, const JobEdge& edge) {
  return {DistributionOf(edge.partitioner), graph.vertices[edge.source_vertex].parallelism,
          graph.vertices[edge.target_vertex].parallelism};
}

// Numbers the TaskManagers of a region in the order in which its tasks name them.
class Places {
 public:
  int32_t Of(const Execution& execution) {
    const auto [known, is_new] = index_.try_emplace(execution.task_manager, static_cast<int32_t>(peers_.size()));
    if (is_new) peers_.push_back({.task_manager = execution.task_manager, .address = execution.data_address});
    return known->second;
  }
  std::vector<DataPeer> Take() && { return std::move(peers_); }

 private:
  std::map<TaskManagerId, int32_t> index_;
  std::vector<DataPeer> peers_;
};

int32_t IndexOf(const DeployedRegion& region, int vertex) {
  const auto found = std::ranges::find(region.vertices, vertex, &DeployedVertex::vertex);
  WEIR_CHECK(found != region.vertices.end()) << "a channel leaves its region, to vertex " << vertex;
  return static_cast<int32_t>(found - region.vertices.begin());
}

int32_t PlaceOf(const DeployedRegion& region, const SubtaskRef& task) {
  const DeployedVertex& vertex = region.vertices[IndexOf(region, task.vertex)];
  return vertex.places[task.subtask - vertex.first_subtask];
}

ChannelRange DescribeGate(const JobGraph& graph, const JobEdge& edge, int consumer,
                          const std::shared_ptr<const DeployedRegion>& region) {
  const EdgeShape shape = ShapeOf(graph, edge);
  const SubtaskRange producers = ProducersOf(shape.pattern, consumer, shape.producers, shape.consumers);
  // All producers of a consumer number it alike: all have all consumers, or there is one producer, or one consumer each.
  const SubtaskRange fed = ConsumersOf(shape.pattern, producers.begin, shape.producers, shape.consumers);
  return ChannelRange(region, {.vertex = IndexOf(*region, edge.source_vertex),
                               .begin = producers.begin,
                               .count = producers.size(),
                               .result = edge.result,
                               .subpartition = consumer - fed.begin,
                               .here = PlaceOf(*region, {edge.target_vertex, consumer})});
}

ChannelRange DescribeResult(const ExecutionGraph& executions, const JobEdge& edge, int producer,
                            const std::shared_ptr<const DeployedRegion>& region) {
  const EdgeShape shape = ShapeOf(executions.graph(), edge);
  const SubtaskRange consumers = ConsumersOf(shape.pattern, producer, shape.producers, shape.consumers);
  return ChannelRange(region, {.vertex = IndexOf(*region, edge.target_vertex),
                               .begin = consumers.begin,
                               .count = consumers.size(),
                               .result = edge.result,
                               .here = PlaceOf(*region, {edge.source_vertex, producer}),
                               .producer = executions.Current({edge.source_vertex, producer}).id});
}

}  // namespace

std::shared_ptr<const DeployedRegion> DescribeRegion(const ExecutionGraph& executions, int number) {
  auto region = std::make_shared<DeployedRegion>();
  region->number = number;
  Places places;
  // A region's tasks are in the order of their vertices, and of their subtasks within each.
  for (const SubtaskRef& task : executions.regions()[number]) {
    if (region->vertices.empty() || region->vertices.back().vertex != task.vertex) {
      region->vertices.push_back({.vertex = task.vertex, .first_subtask = task.subtask});
    }
    DeployedVertex& vertex = region->vertices.back();
    const size_t entry = static_cast<size_t>(task.subtask - vertex.first_subtask);
    // A subtask in between that is of another region: no channel leads to it.
    vertex.attempts.resize(entry);
    vertex.places.resize(entry);
    vertex.attempts.push_back(executions.Current(task).id);
    vertex.places.push_back(places.Of(executions.Current(task)));
  }
  region->task_managers = std::move(places).Take();
  return region;
}

TaskDeploymentDescriptor DescribeDeployment(const ExecutionGraph& executions, const SubtaskRef& task,
                                            std::shared_ptr<const DeployedRegion> region) {
  const JobGraph& graph = executions.graph();
  const JobVertex& vertex = executions.VertexOf(task);
  const Execution& execution = executions.Current(task);
  TaskDeploymentDescriptor descriptor{.job_id = graph.id,
                                      .job_name = graph.name,
                                      .vertex_id = vertex.id,
                                      .attempt_id = execution.id,
                                      .subtask_index = task.subtask,
                                      .parallelism = vertex.parallelism,
                                      .max_parallelism = vertex.max_parallelism,
                                      .attempt_number = execution.number};
  for (int number : vertex.inputs) {
    const JobEdge& edge = graph.edges[number];
    descriptor.inputs.push_back({.edge = edge.gate, .channels = DescribeGate(graph, edge, task.subtask, region)});
  }
  for (int number : vertex.outputs) {
    const JobEdge& edge = graph.edges[number];
    descriptor.outputs.push_back(
        {.result = edge.result, .channels = DescribeResult(executions, edge, task.subtask, region)});
  }
  descriptor.region = std::move(region);
  return descriptor;
}

}  // namespace weir
