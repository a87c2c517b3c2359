#include "weir/graph/chaining.h"

#include "weir/graph/parallelism.h"

namespace weir {
namespace {

// The node's own; else that of its inputs if they agree; else "default".
std::string SlotSharingGroupOf(const StreamGraph& graph, const GraphTopology& topology, int node,
                               const std::vector<NodePlacement>& placed) {
  if (!graph.nodes[node].slot_sharing_group.empty()) return graph.nodes[node].slot_sharing_group;
  std::string group;
  for (int edge : topology.inputs(node)) {
    const std::string& input_group = placed[topology.source(edge)].slot_sharing_group;
    if (!group.empty() && group != input_group) return "default";
    group = input_group;
  }
  return group.empty() ? "default" : group;
}

bool StrategiesAllow(const StreamNode& source, const StreamNode& target) {
  return source.chaining != ChainingStrategy::kNever && target.chaining == ChainingStrategy::kAlways;
}

// A hand-over inside one task: record order and destination are the same as over a channel.
bool PartitionerAllows(Partitioner partitioner, int parallelism) {
  return partitioner == Partitioner::kForward || (partitioner == Partitioner::kHash && parallelism == 1);
}

bool MaxParallelismAllows(const Chain& chain, const StreamNode& target) {
  return chain.max_parallelism == 0 || target.max_parallelism == 0 || chain.max_parallelism == target.max_parallelism;
}

// Whether `target` may join the chain of the operator that feeds it.
bool IsChainable(const StreamGraph& graph, const GraphTopology& topology, const ChainPlan& plan, int target) {
  if (!graph.config.operator_chaining || topology.inputs(target).size() != 1) return false;
  const int edge = topology.inputs(target)[0];
  const int source = topology.source(edge);
  const NodePlacement& from = plan.nodes[source];
  const NodePlacement& to = plan.nodes[target];
  const Partitioner partitioner = ResolvePartitioner(graph.edges[edge].partitioner, from.parallelism, to.parallelism);
  return from.parallelism == to.parallelism && from.slot_sharing_group == to.slot_sharing_group &&
         PartitionerAllows(partitioner, to.parallelism) && StrategiesAllow(graph.nodes[source], graph.nodes[target]) &&
         MaxParallelismAllows(plan.chains[from.chain], graph.nodes[target]);
}

}  // namespace

std::vector<int> ChainPlan::ChainedOutputs(const GraphTopology& topology, int node) const {
  std::vector<int> chained;
  for (int edge : topology.outputs(node)) {
    if (is_chained[edge]) chained.push_back(edge);
  }
  return chained;
}

ChainPlan PlanChains(const StreamGraph& graph, const GraphTopology& topology) {
  ChainPlan plan;
  plan.nodes.resize(graph.nodes.size());
  plan.is_chained.resize(graph.edges.size());
  for (int node : topology.order()) {
    NodePlacement& placement = plan.nodes[node];
    placement.parallelism = ParallelismOf(graph.nodes[node], graph.config);
    placement.slot_sharing_group = SlotSharingGroupOf(graph, topology, node, plan.nodes);
    if (IsChainable(graph, topology, plan, node)) {
      const int edge = topology.inputs(node)[0];
      plan.is_chained[edge] = true;
      placement.chain = plan.nodes[topology.source(edge)].chain;
    } else {
      placement.chain = static_cast<int>(plan.chains.size());
      plan.chains.emplace_back();
    }
    Chain& chain = plan.chains[placement.chain];
    chain.nodes.push_back(node);
    if (graph.nodes[node].max_parallelism > 0) chain.max_parallelism = graph.nodes[node].max_parallelism;
  }
  return plan;
}

}  // namespace weir
