#include "weir/api/plan.h"

#include "weir/functions/source.h"
#include "weir/functions/state/operator_state_handle.h"
#include "weir/functions/state/stateful_function.h"
#include "weir/types/schema/schema.h"

namespace weir {

int Plan::AddNode(StreamNode node) {
  node.id = static_cast<int>(graph_.nodes.size()) + 1;
  graph_.nodes.push_back(std::move(node));
  return graph_.nodes.back().id;
}

int Plan::AddSource(std::string name, std::shared_ptr<const SourceFactory> source, const OperatorFactory* factory,
                    const BatchType* output, bool non_parallel) {
  StreamNode node;
  node.kind = NodeKind::kSource;
  node.name = std::move(name);
  node.factory.reset(factory);
  node.is_bounded = source->boundedness() == Boundedness::kBounded;
  node.is_blocking = source->blocking();
  node.is_non_parallel = non_parallel;
  node.source = std::move(source);
  node.output = output;
  return AddNode(std::move(node));
}

int Plan::AddOperator(OperatorSpec spec, const std::vector<std::vector<StreamOrigin>>& inputs) {
  StreamNode node;
  node.kind = spec.kind;
  node.name = std::move(spec.name);
  node.factory.reset(spec.factory);
  node.inputs = std::move(spec.inputs);
  node.output = spec.output;
  node.side_outputs = std::move(spec.side_outputs);
  node.key_schema = spec.key_schema;
  node.is_blocking = spec.is_blocking;
  const int id = AddNode(std::move(node));
  for (size_t input = 0; input < inputs.size(); ++input) {
    for (const StreamOrigin& origin : inputs[input]) {
      StreamEdge edge;
      edge.source = origin.node;
      edge.target = id;
      edge.target_input = static_cast<int>(input);
      edge.partitioner = origin.partitioner;
      edge.side_output = origin.side_output;
      edge.key_hasher = origin.key_hasher;
      edge.custom_partitioner = origin.custom_partitioner;
      graph_.edges.push_back(std::move(edge));
    }
  }
  return id;
}

void Plan::Restart() {
  graph_.nodes.clear();
  graph_.edges.clear();
}

void Plan::AddError(std::string message) {
  // Every mistake on a line of its own.
  std::string text(status_.message());
  if (!text.empty()) text += "\n";
  status_ = InvalidArgumentError(text + message);
}

void Plan::Check(const Status& status, std::string_view name) {
  if (!status.ok()) AddError("operator \"" + std::string(name) + "\": " + std::string(status.message()));
}

void Plan::DeclareStates(int id, const StatefulFunction& planned) {
  StreamNode& target = node(id);
  Check(planned.CheckStates(), target.name);
  target.states = planned.keyed_states();
  for (const OperatorStateHandle* state : planned.operator_states()) {
    target.operator_states.push_back({.name = state->name(),
                                      .redistribution = state->redistribution(),
                                      .schema = state->schema().ToString(),
                                      .stored_schema = state->schema().Encode()});
  }
}

void Plan::CheckRoomForTimers(const StatefulFunction& planned, std::string_view name) {
  if (planned.keyed_states().size() != kMaxStatesPerRow) return;  // more are refused in any case
  AddError("operator \"" + std::string(name) + "\": the function has OnTimer and declares " +
           std::to_string(kMaxStatesPerRow) + " keyed states; at most " + std::to_string(kMaxStatesPerRow - 1) +
           " are possible beside timers. Put some of them into one struct");
}

void Plan::DeclareSideOutput(int id, std::string_view tag, const BatchType* type) {
  StreamNode& target = node(id);
  for (const SideOutput& side : target.side_outputs) {
    if (side.tag != tag) continue;
    if (side.type != type)
      AddError("operator \"" + target.name + "\": side output \"" + std::string(tag) +
               "\" is read as two different record types");
    return;
  }
  target.side_outputs.push_back(SideOutput{.tag = std::string(tag), .type = type});
}

}  // namespace weir
