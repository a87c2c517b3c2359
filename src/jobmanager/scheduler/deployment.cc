#include "weir/jobmanager/scheduler/deployment.h"

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

InputGateDeployment DescribeGate(const ExecutionGraph& executions, const JobEdge& edge, int consumer) {
  const EdgeShape shape = ShapeOf(executions.graph(), edge);
  const SubtaskRange producers = ProducersOf(shape.pattern, consumer, shape.producers, shape.consumers);
  InputGateDeployment gate{.edge = edge.gate};
  gate.channels.reserve(producers.size());
  for (int producer = producers.begin; producer < producers.end; ++producer) {
    gate.channels.push_back(ChannelBetween(executions, edge, producer, consumer));
  }
  return gate;
}

ResultPartitionDeployment DescribeResult(const ExecutionGraph& executions, const JobEdge& edge, int producer) {
  const EdgeShape shape = ShapeOf(executions.graph(), edge);
  const SubtaskRange consumers = ConsumersOf(shape.pattern, producer, shape.producers, shape.consumers);
  ResultPartitionDeployment result{.result = edge.result};
  result.channels.reserve(consumers.size());
  for (int consumer = consumers.begin; consumer < consumers.end; ++consumer) {
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
  for (int edge : vertex.inputs) descriptor.inputs.push_back(DescribeGate(executions, graph.edges[edge], task.subtask));
  for (int edge : vertex.outputs)
    descriptor.outputs.push_back(DescribeResult(executions, graph.edges[edge], task.subtask));
  return descriptor;
}

}  // namespace weir
