#include "weir/runtime/worker/in_flight_data.h"

#include <utility>

#include "weir/runtime/operators/operator.h"
#include "weir/state/storage/state_file.h"
#include "weir/types/key_group.h"

namespace weir {

namespace {

// Rows of keys that belong to the subtask.
UniqueFunction<Status(BatchBase&)> KeepOwnKeys(const TaskDeploymentDescriptor& deployment, const JobEdge& edge) {
  const KeyGroupRange own =
      KeyGroupRangeOf(deployment.subtask_index, deployment.parallelism, deployment.max_parallelism);
  return [own, max_parallelism = deployment.max_parallelism,
          hasher = std::shared_ptr<KeyHasher>(edge.code.key_hasher->Make())](BatchBase& batch) {
    hasher->Hash(batch);
    uint32_t kept = 0;
    for (uint32_t i = 0; i < batch.count(); ++i) {
      const auto row = batch.has_selection ? batch.selection[i] : static_cast<uint16_t>(i);
      const int group = KeyGroupForHash(batch.hashes[row], max_parallelism);
      if (group >= own.first && group <= own.last) batch.selection[kept++] = row;
    }
    batch.has_selection = true;
    batch.selected = kept;
    return OkStatus();
  };
}

UniqueFunction<Status(BatchBase&)> KeepAll() {
  return [](BatchBase&) { return OkStatus(); };
}

}  // namespace

Status WriteInFlight(SnapshotWriter& writer, const std::vector<CapturedChannel>& channels,
                     OperatorSubtaskState& state) {
  std::string all;
  for (const CapturedChannel& channel : channels) all += channel.batches;
  if (all.empty()) return OkStatus();
  WEIR_ASSIGN_OR_RETURN(const StreamStateHandle written, writer.Write(all, StateScope::kExclusive));
  uint64_t offset = 0;
  for (const CapturedChannel& channel : channels) {
    StreamStateHandle part = written;
    if (written.is_inline()) {
      part = StreamStateHandle::Inline(channel.batches);
    } else {
      part.offset = offset;
      part.length = channel.batches.size();
    }
    offset += channel.batches.size();
    state.channels.push_back({.gate = channel.edge, .channel = channel.index, .batches = std::move(part)});
  }
  return OkStatus();
}

Status RestoreInFlight(FileSystem& files, const TaskDeploymentDescriptor& deployment, const JobGraph& graph,
                       std::vector<std::unique_ptr<InputGate>>& gates) {
  const JobVertex& vertex = graph.vertices[graph.IndexOf(deployment.vertex_id)];
  for (const ChannelStateHandle& channel : deployment.restored_state[0].channels) {
    if (channel.gate < 0 || channel.gate >= static_cast<int>(vertex.inputs.size())) {
      return FailedPreconditionError("\"" + vertex.name + "\" has no input " + std::to_string(channel.gate) +
                                     ", for which the checkpoint holds records in flight; start from a savepoint");
    }
    const JobEdge& edge = graph.edges[vertex.inputs[channel.gate]];
    InputGate& gate = *gates[edge.target_input];
    WEIR_ASSIGN_OR_RETURN(const std::string batches, ReadState(files, channel.batches));
    Status status;
    if (deployment.redistributes_in_flight) {
      auto keep = edge.partitioner == Partitioner::kHash ? KeepOwnKeys(deployment, edge) : KeepAll();
      status = gate.RestoreRows(batches, keep);
    } else {
      status = gate.RestoreChannel(channel.gate, channel.channel, batches);
    }
    if (!status.ok()) return status.Annotate("records in flight to \"" + vertex.name + "\" cannot be restored");
  }
  return OkStatus();
}

Status RestoreChainedInFlight(FileSystem& files, const TaskDeploymentDescriptor& deployment, const JobVertex& vertex,
                              OperatorChain& chain) {
  UniqueFunction<Status(BatchBase&)> keep = KeepAll();
  for (size_t i = deployment.restored_state.size(); i-- > 1;) {
    // Only reads the bytes: it has no channels.
    InputGate reader(vertex.operators[i].code.inputs[0], {}, nullptr);
    for (const ChannelStateHandle& channel : deployment.restored_state[i].channels) {
      WEIR_ASSIGN_OR_RETURN(const std::string batches, ReadState(files, channel.batches));
      const Status status = reader.RestoreRows(batches, keep);
      if (!status.ok())
        return status.Annotate("records in flight to \"" + vertex.operators[i].name + "\" cannot be restored");
    }
    for (BatchBase* batch = nullptr; reader.HasRestoredRows();) {
      reader.Poll(batch);
      WEIR_RETURN_IF_ERROR(chain.HoldRestored(i, batch));
    }
  }
  return OkStatus();
}

}  // namespace weir
