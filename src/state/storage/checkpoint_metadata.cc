#include "weir/state/storage/checkpoint_metadata.h"

#include <algorithm>
#include <utility>

#include "weir/base/check.h"

namespace weir {

namespace {

template <class Operators>
auto FindIn(Operators& operators, const OperatorId& id) -> decltype(&operators.front()) {
  const auto found =
      std::lower_bound(operators.begin(), operators.end(), id,
                       [](const OperatorSnapshot& op, const OperatorId& wanted) { return op.id < wanted; });
  return found != operators.end() && found->id == id ? &*found : nullptr;
}

std::string InFlightSchemaName(const OperatorId& op, int gate) {
  return "in-flight-schema " + op.ToHex() + " " + std::to_string(gate);
}

}  // namespace

const OperatorSnapshot* CheckpointMetadata::Find(const OperatorId& id) const { return FindIn(operators, id); }

std::set<int> GatesInFlight(const OperatorSnapshot& op) {
  std::set<int> gates;
  for (const OperatorSubtaskState& subtask : op.subtasks) {
    for (const ChannelStateHandle& channel : subtask.channels) {
      if (!channel.is_output) gates.insert(channel.gate);
    }
  }
  return gates;
}

std::string InFlightSchema(const CheckpointMetadata& metadata, const OperatorId& op, int gate) {
  const auto found =
      std::ranges::find(metadata.properties, InFlightSchemaName(op, gate), [](const auto& each) { return each.first; });
  return found == metadata.properties.end() ? std::string() : found->second;
}

void SetInFlightSchema(CheckpointMetadata& metadata, const OperatorId& op, int gate, std::string schema) {
  metadata.properties.emplace_back(InFlightSchemaName(op, gate), std::move(schema));
}

void AddSubtaskState(CheckpointMetadata& metadata, OperatorSubtaskState state) {
  OperatorSnapshot* const op = FindIn(metadata.operators, state.operator_id);
  WEIR_CHECK(op != nullptr) << "operator " << state.operator_id.ToHex() << " is not in the snapshot";
  const auto place =
      std::lower_bound(op->subtasks.begin(), op->subtasks.end(), state.subtask_index,
                       [](const OperatorSubtaskState& there, int32_t index) { return there.subtask_index < index; });
  op->subtasks.insert(place, std::move(state));
}

uint64_t StateBytes(const OperatorSubtaskState& state) {
  uint64_t bytes = 0;
  for (const KeyedStateHandle& keyed : state.keyed) {
    bytes += keyed.state.length;
    for (const NamedStateFile& named : keyed.files) bytes += named.file.length;
  }
  for (const ListStateHandle& list : state.lists) bytes += list.elements.length;
  for (const ChannelStateHandle& channel : state.channels) bytes += channel.batches.length;
  return bytes;
}

uint64_t StateBytes(const CheckpointMetadata& metadata) {
  uint64_t bytes = 0;
  for (const OperatorSnapshot& op : metadata.operators) {
    bytes += op.coordinator.length;
    for (const OperatorSubtaskState& subtask : op.subtasks) bytes += StateBytes(subtask);
  }
  return bytes;
}

bool HasState(const OperatorSnapshot& op) {
  return op.has_coordinator ||
         std::ranges::any_of(op.subtasks, [](const OperatorSubtaskState& subtask) { return StateBytes(subtask) > 0; });
}

bool HasKeyedState(const OperatorSnapshot& op) {
  return std::ranges::any_of(op.subtasks, [](const OperatorSubtaskState& subtask) { return !subtask.keyed.empty(); });
}

bool WouldBeMissed(const OperatorSnapshot& op) {
  return op.has_coordinator || std::ranges::any_of(op.subtasks, [](const OperatorSubtaskState& subtask) {
           return !subtask.keyed.empty() || !subtask.channels.empty() ||
                  std::ranges::any_of(subtask.lists, [](const ListStateHandle& list) { return list.count > 0; });
         });
}

}  // namespace weir
