#include "weir/jobmanager/scheduler/deployment.h"

#include <map>
#include <utility>
#include <vector>

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

// The channel from `producer` to `consumer` over `edge`.
ChannelId ChannelBetween(const ExecutionGraph& executions, const JobEdge& edge, int producer, int consumer) {
  const EdgeShape shape = ShapeOf(executions.graph(), edge);
  return {.producer = executions.Current({edge.source_vertex, producer}).id,
          .result = edge.result,
          .subpartition = consumer - ConsumersOf(shape.pattern, producer, shape.producers, shape.consumers).begin};
}

// Collects the TaskManagers that one task's channels lead to.
class Peers {
 public:
  Peers(const ExecutionGraph& executions, const Execution& self) : executions_(executions), self_(self) {}

  // Adds where the other end `there` of a channel is to those of its gate or result, which has `before` channels so far.
  void Add(const SubtaskRef& there, size_t before, std::vector<int32_t>& peers) {
    const int32_t index = IndexOf(executions_.Current(there));
    // Most tasks have all their channels within their worker: then nothing is written.
    if (index == kSameWorker && peers.empty()) return;
    peers.resize(before, kSameWorker);
    peers.push_back(index);
  }
  std::vector<DataPeer> Take() && { return std::move(peers_); }

 private:
  int32_t IndexOf(const Execution& there) {
    if (there.task_manager == self_.task_manager) return kSameWorker;
    const auto [known, is_new] = index_.try_emplace(there.task_manager, static_cast<int32_t>(peers_.size()));
    if (is_new) peers_.push_back({.task_manager = there.task_manager, .address = there.data_address});
    return known->second;
  }

  const ExecutionGraph& executions_;
  const Execution& self_;
  std::map<TaskManagerId, int32_t> index_;
  std::vector<DataPeer> peers_;
};

InputGateDeployment DescribeGate(const ExecutionGraph& executions, const JobEdge& edge, int consumer, Peers& peers) {
  const EdgeShape shape = ShapeOf(executions.graph(), edge);
  const SubtaskRange producers = ProducersOf(shape.pattern, consumer, shape.producers, shape.consumers);
  InputGateDeployment gate{.edge = edge.gate};
  gate.channels.reserve(producers.size());
  for (int producer = producers.begin; producer < producers.end; ++producer) {
    peers.Add({edge.source_vertex, producer}, gate.channels.size(), gate.peers);
    gate.channels.push_back(ChannelBetween(executions, edge, producer, consumer));
  }
  return gate;
}

ResultPartitionDeployment DescribeResult(const ExecutionGraph& executions, const JobEdge& edge, int producer,
                                         Peers& peers) {
  const EdgeShape shape = ShapeOf(executions.graph(), edge);
  const SubtaskRange consumers = ConsumersOf(shape.pattern, producer, shape.producers, shape.consumers);
  ResultPartitionDeployment result{.result = edge.result};
  result.channels.reserve(consumers.size());
  for (int consumer = consumers.begin; consumer < consumers.end; ++consumer) {
    peers.Add({edge.target_vertex, consumer}, result.channels.size(), result.peers);
    result.channels.push_back(ChannelBetween(executions, edge, producer, consumer));
  }
  return result;
}

}  // namespace

TaskDeploymentDescriptor DescribeDeployment(const ExecutionGraph& executions, const SubtaskRef& task) {
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
  Peers peers(executions, execution);
  for (int edge : vertex.inputs) {
    descriptor.inputs.push_back(DescribeGate(executions, graph.edges[edge], task.subtask, peers));
  }
  for (int edge : vertex.outputs) {
    descriptor.outputs.push_back(DescribeResult(executions, graph.edges[edge], task.subtask, peers));
  }
  descriptor.peers = std::move(peers).Take();
  return descriptor;
}

}  // namespace weir
