#include "weir/jobmanager/checkpoint/snapshot_metadata.h"

#include <algorithm>
#include <set>

#include "weir/jobmanager/checkpoint/restore_operators.h"
#include "weir/state/restore/redistribution.h"
#include "weir/state/restore/restore_check.h"

namespace weir {

namespace {

OperatorSnapshot Describe(const JobVertex& vertex, const JobOperator& op) {
  OperatorSnapshot described{.id = op.id,
                             .uid = op.uid,
                             .name = op.name,
                             .parallelism = vertex.parallelism,
                             .max_parallelism = vertex.max_parallelism,
                             .key_schema = op.stored_key_schema};
  for (const StateDescription& state : op.states) {
    described.states.push_back(
        {.name = state.name, .kind = state.kind, .schema = state.stored_schema, .ttl_ms = state.ttl.count()});
  }
  return described;
}

bool HasUnionState(const OperatorSnapshot& op) {
  return std::ranges::any_of(op.subtasks, [](const OperatorSubtaskState& subtask) {
    return std::ranges::any_of(
        subtask.lists, [](const ListStateHandle& list) { return list.redistribution == Redistribution::kUnion; });
  });
}

std::string Quoted(const OperatorSnapshot& op) {
  return "\"" + op.name + "\" (" + (op.uid.empty() ? "id " + op.id.ToHex() : "uid " + op.uid) + ")";
}

// A maximum parallelism that nobody set comes from the snapshot: of keyed state, if there is any, for which it counts.
void FitVertex(const std::vector<const OperatorSnapshot*>& operators, JobVertex& vertex) {
  if (!vertex.is_max_parallelism_derived) return;
  const OperatorSnapshot* chosen = nullptr;
  for (const OperatorSnapshot* op : operators) {
    if (chosen == nullptr || (HasKeyedState(*op) && !HasKeyedState(*chosen))) chosen = op;
  }
  if (chosen != nullptr) vertex.max_parallelism = chosen->max_parallelism;
}

// Says of which types the records in flight are, if there are any.
void DescribeInFlight(const JobGraph& graph, CheckpointMetadata& metadata) {
  for (const JobVertex& vertex : graph.vertices) {
    const OperatorSnapshot& head = *metadata.Find(vertex.operators[0].id);
    for (const int gate : GatesInFlight(head))
      SetInFlightSchema(metadata, head.id, gate, StoredGateSchema(graph, vertex, gate));
  }
}

}  // namespace

StatusOr<CheckpointMetadata> BuildMetadata(const JobGraph& graph, const JobId& job_id, const CheckpointTrigger& trigger,
                                           const std::vector<std::pair<OperatorId, std::string>>& sources,
                                           std::vector<OperatorSubtaskState> states, bool is_last) {
  CheckpointMetadata metadata{.id = trigger.id,
                              .job_id = job_id,
                              .job_name = graph.name,
                              .time_ms = trigger.time_ms,
                              .kind = trigger.location.kind,
                              .format = trigger.location.format};
  for (const JobVertex& vertex : graph.vertices) {
    for (const JobOperator& op : vertex.operators) metadata.operators.push_back(Describe(vertex, op));
  }
  std::ranges::sort(metadata.operators, {}, &OperatorSnapshot::id);
  for (OperatorSubtaskState& state : states) AddSubtaskState(metadata, std::move(state));
  DescribeInFlight(graph, metadata);
  for (OperatorSnapshot& op : metadata.operators) {
    const auto source = std::ranges::find(sources, op.id, [](const auto& each) { return each.first; });
    if (source != sources.end()) {
      op.has_coordinator = true;
      op.coordinator = StreamStateHandle::Inline(source->second);
    }
    const auto written = static_cast<int32_t>(op.subtasks.size());
    if (!is_last && HasUnionState(op) && written < op.parallelism) {
      return FailedPreconditionError("operator " + Quoted(op) + " has union list state, and " +
                                     std::to_string(op.parallelism - written) + " of its " +
                                     std::to_string(op.parallelism) +
                                     " subtasks have finished: what they had would be missing from it");
    }
  }
  return metadata;
}

Status CheckSubtaskStates(const JobGraph& graph, int vertex, int subtask,
                          const std::vector<OperatorSubtaskState>& states) {
  std::set<OperatorId> chain;
  for (const JobOperator& op : graph.vertices[vertex].operators) chain.insert(op.id);
  for (const OperatorSubtaskState& state : states) {
    if (state.subtask_index == subtask && chain.erase(state.operator_id) == 1) continue;
    return DataLossError("a task acknowledged it with state that is not its own: of operator " +
                         state.operator_id.ToHex() + ", subtask " + std::to_string(state.subtask_index + 1));
  }
  return OkStatus();
}

const OperatorSnapshot* SnapshotOf(const CheckpointMetadata& metadata, const JobOperator& op) {
  const OperatorSnapshot* const chosen = op.restore_id == OperatorId() ? nullptr : metadata.Find(op.restore_id);
  return chosen != nullptr ? chosen : metadata.Find(op.id);
}

Status FitGraphToSnapshot(const CheckpointMetadata& metadata, bool allows_non_restored, JobGraph& graph) {
  std::set<OperatorId> used;
  // What is without a home is looked at below.
  WEIR_RETURN_IF_ERROR(StatusOf(CheckRestore(metadata, OperatorsToRestore(graph), true)));
  for (JobVertex& vertex : graph.vertices) {
    std::vector<const OperatorSnapshot*> with_state;
    for (const JobOperator& op : vertex.operators) {
      const OperatorSnapshot* const snapshot = SnapshotOf(metadata, op);
      if (snapshot == nullptr) continue;
      used.insert(snapshot->id);
      if (HasState(*snapshot)) with_state.push_back(snapshot);
    }
    FitVertex(with_state, vertex);
  }
  if (allows_non_restored) return OkStatus();
  std::string homeless;
  for (const OperatorSnapshot& op : metadata.operators) {
    if (!used.contains(op.id) && WouldBeMissed(op)) homeless += (homeless.empty() ? "" : ", ") + Quoted(op);
  }
  if (homeless.empty()) return OkStatus();
  return FailedPreconditionError("the snapshot holds state of operators that are not in the job: " + homeless +
                                 ". Give operators the uids that they had, or leave that state behind with "
                                 "--allowNonRestoredState. Nothing was started.");
}

namespace {

// Both ends of every channel to the vertex have the parallelism that they had.
bool HasSameChannels(const CheckpointMetadata& metadata, const JobGraph& graph, const JobVertex& vertex) {
  const auto is_same = [&](const JobVertex& end, const JobOperator& op) {
    const OperatorSnapshot* const stored = SnapshotOf(metadata, op);
    return stored != nullptr && stored->parallelism == end.parallelism;
  };
  return is_same(vertex, vertex.operators[0]) && std::ranges::all_of(vertex.inputs, [&](int input) {
           const JobEdge& edge = graph.edges[input];
           const JobVertex& source = graph.vertices[edge.source_vertex];
           return is_same(source, source.operators[edge.source_operator]);
         });
}

// In-flight data for a subtask whose channels are others than they were: of a hash edge that of every former subtask with keys that are now its own; of
// other edges whole channels, so that each keeps its order. `state`: of the head.
void DealOutInFlight(const OperatorSnapshot& head, const JobGraph& graph, const JobVertex& vertex,
                     OperatorSubtaskState& state) {
  const int max_parallelism = head.max_parallelism;
  const KeyGroupRange own = KeyGroupRangeOf(state.subtask_index, vertex.parallelism, max_parallelism);
  state.channels.clear();
  for (const OperatorSubtaskState& from : head.subtasks) {
    const KeyGroupRange former = KeyGroupRangeOf(from.subtask_index, head.parallelism, max_parallelism);
    const bool shares_keys = former.first <= own.last && own.first <= former.last;
    for (const ChannelStateHandle& channel : from.channels) {
      const bool is_known = channel.gate >= 0 && channel.gate < static_cast<int>(vertex.inputs.size());
      const bool by_key = is_known && graph.edges[vertex.inputs[channel.gate]].partitioner == Partitioner::kHash;
      if (by_key ? shares_keys : from.subtask_index % vertex.parallelism == state.subtask_index)
        state.channels.push_back(channel);
    }
  }
}

// In-flight data for an operator that is chained to the one before it now: whole channels. A chained keyed operator has one subtask, and so all keys.
void DealOutToChained(const OperatorSnapshot& op, int parallelism, OperatorSubtaskState& state) {
  state.channels.clear();
  for (const OperatorSubtaskState& from : op.subtasks) {
    if (from.subtask_index % parallelism != state.subtask_index) continue;
    state.channels.insert(state.channels.end(), from.channels.begin(), from.channels.end());
  }
}

}  // namespace

RestoredTask StateOfSubtask(const CheckpointMetadata& metadata, const JobGraph& graph, int vertex_index, int subtask) {
  const JobVertex& vertex = graph.vertices[vertex_index];
  RestoredTask task;
  std::vector<OperatorSubtaskState>& states = task.operators;
  bool has_any = false;
  for (const JobOperator& op : vertex.operators) {
    const OperatorSnapshot* const snapshot = SnapshotOf(metadata, op);
    if (snapshot == nullptr || !HasState(*snapshot)) {
      states.push_back({.operator_id = op.id, .subtask_index = subtask});
      continue;
    }
    states.push_back(std::move(Redistribute(*snapshot, op.id, vertex.parallelism)[static_cast<size_t>(subtask)]));
    if (states.size() == 1 && !HasSameChannels(metadata, graph, vertex)) {
      task.redistributes_in_flight = true;
      DealOutInFlight(*snapshot, graph, vertex, states[0]);
    }
    if (states.size() > 1) DealOutToChained(*snapshot, vertex.parallelism, states.back());
    has_any |= !states.back().keyed.empty() || !states.back().lists.empty() || !states.back().channels.empty();
  }
  if (!has_any) states.clear();
  return task;
}

}  // namespace weir
