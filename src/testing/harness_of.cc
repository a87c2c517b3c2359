#include "weir/testing/harness_of.h"

#include "weir/base/check.h"
#include "weir/graph/operator_factory.h"

namespace weir::internal {

OperatorUnderTest OnlyOperator(const std::shared_ptr<Plan>& plan, const StreamBase& result) {
  const StreamGraph& graph = plan->graph();
  WEIR_CHECK(plan->status().ok()) << plan->status().ToString();
  WEIR_CHECK(graph.nodes.size() == 1 && result.origins().size() == 1)
      << "HarnessOf tests one operator, and the function added " << graph.nodes.size()
      << ". Test them one by one, or the whole job in an EmbeddedCluster";
  const StreamNode& node = graph.nodes.front();
  OperatorUnderTest under_test;
  under_test.name = node.name;
  // The plan owns what the factory points to.
  under_test.make = [plan, factory = node.factory] { return factory->Make(); };
  under_test.side_outputs = node.side_outputs;
  under_test.hashers.resize(node.inputs.size());
  for (const StreamEdge& edge : graph.edges) {
    if (edge.key_hasher == nullptr) continue;
    under_test.hashers[static_cast<size_t>(edge.target_input)].reset(edge.key_hasher->Make());
  }
  return under_test;
}

}  // namespace weir::internal
