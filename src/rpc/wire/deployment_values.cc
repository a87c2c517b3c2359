#include "weir/rpc/wire/deployment_values.h"

#include <algorithm>
#include <string>
#include <utility>

#include "weir/rpc/wire/job_values.h"
#include "weir/state/storage/checkpoint_metadata_format.h"
#include "weir/v1/task_manager.pb.h"

namespace weir {
namespace {

constexpr size_t kIdBytes = 16;

void StoreChannels(int32_t number, const ChannelRange& channels, v1::Channels& out) {
  const ChannelRange::Values& values = channels.values();
  out.set_number(number);
  out.set_vertex(values.vertex);
  out.set_begin(values.begin);
  out.set_count(values.count);
  out.set_result(values.result);
  out.set_subpartition(values.subpartition);
  out.set_here(values.here);
}

StatusOr<ChannelRange> RestoreChannels(const v1::Channels& in, const std::shared_ptr<const DeployedRegion>& region,
                                       const ExecutionAttemptId& producer) {
  ChannelRange channels(region, {.vertex = in.vertex(),
                                 .begin = in.begin(),
                                 .count = in.count(),
                                 .result = in.result(),
                                 .subpartition = in.subpartition(),
                                 .here = in.here(),
                                 .producer = producer});
  if (!channels.IsValid()) return DataLossError("a deployment has channels that lead out of its region");
  return channels;
}

Status CheckRegion(const DeployedRegion& region) {
  const auto is_known = [&](int32_t place) {
    return place >= 0 && place < static_cast<int32_t>(region.task_managers.size());
  };
  for (const DeployedVertex& vertex : region.vertices) {
    const bool is_whole = vertex.attempts.size() == vertex.places.size();
    if (!is_whole || !std::ranges::all_of(vertex.places, is_known)) {
      return DataLossError("a region names the places of its tasks wrongly");
    }
  }
  return OkStatus();
}

}  // namespace

void ToProto(const DeployedRegion& region, v1::DeployedRegion& message) {
  message.Clear();
  message.set_number(region.number);
  for (const DataPeer& peer : region.task_managers) {
    v1::DataPeer& stored = *message.add_task_managers();
    stored.set_task_manager(peer.task_manager.value());
    stored.set_address(peer.address);
  }
  for (const DeployedVertex& vertex : region.vertices) {
    v1::DeployedVertex& stored = *message.add_vertices();
    stored.set_vertex(vertex.vertex);
    stored.set_first_subtask(vertex.first_subtask);
    std::string& attempts = *stored.mutable_attempts();
    attempts.reserve(vertex.attempts.size() * kIdBytes);
    for (const ExecutionAttemptId& attempt : vertex.attempts) {
      // A gap's zero id would be no bytes.
      const std::string id = IdBytes(attempt);
      attempts.append(id.empty() ? std::string(kIdBytes, '\0') : id);
    }
    stored.mutable_places()->Add(vertex.places.begin(), vertex.places.end());
  }
}

Status ReceivedRegions::Take(const v1::DeployedRegion& message) {
  auto region = std::make_shared<DeployedRegion>();
  region->number = message.number();
  for (const v1::DataPeer& peer : message.task_managers()) {
    region->task_managers.push_back({TaskManagerId(peer.task_manager()), peer.address()});
  }
  for (const v1::DeployedVertex& stored : message.vertices()) {
    DeployedVertex& vertex = region->vertices.emplace_back();
    vertex.vertex = stored.vertex();
    vertex.first_subtask = stored.first_subtask();
    vertex.places.assign(stored.places().begin(), stored.places().end());
    for (size_t at = 0; at < stored.attempts().size(); at += kIdBytes) {
      vertex.attempts.push_back(IdFrom<ExecutionAttemptId>(stored.attempts().substr(at, kIdBytes)));
    }
  }
  WEIR_RETURN_IF_ERROR(CheckRegion(*region));
  regions_[region->number] = std::move(region);
  return OkStatus();
}

void ToProto(const TaskDeploymentDescriptor& deployment, v1::TaskDeployment& message) {
  message.Clear();
  message.set_job_id(IdBytes(deployment.job_id));
  message.set_job_name(deployment.job_name);
  message.set_vertex_id(IdBytes(deployment.vertex_id));
  message.set_attempt_id(IdBytes(deployment.attempt_id));
  message.set_subtask_index(deployment.subtask_index);
  message.set_parallelism(deployment.parallelism);
  message.set_max_parallelism(deployment.max_parallelism);
  message.set_attempt_number(deployment.attempt_number);
  message.set_slot(deployment.slot);
  if (deployment.region != nullptr) message.set_region(deployment.region->number);
  for (const InputGateDeployment& gate : deployment.inputs) {
    StoreChannels(gate.edge, gate.channels, *message.add_inputs());
  }
  for (const ResultPartitionDeployment& partition : deployment.outputs) {
    StoreChannels(partition.result, partition.channels, *message.add_outputs());
  }
  for (const OperatorSubtaskState& state : deployment.restored_state) {
    message.add_restored_state(EncodeSubtaskState(state));
  }
  message.set_redistributes_in_flight(deployment.redistributes_in_flight);
  message.set_restored_checkpoint(deployment.restored_checkpoint.value());
}

StatusOr<TaskDeploymentDescriptor> FromProto(const v1::TaskDeployment& message, const ReceivedRegions& regions) {
  TaskDeploymentDescriptor deployment{.job_id = IdFrom<JobId>(message.job_id()),
                                      .job_name = message.job_name(),
                                      .vertex_id = IdFrom<VertexId>(message.vertex_id()),
                                      .attempt_id = IdFrom<ExecutionAttemptId>(message.attempt_id()),
                                      .subtask_index = message.subtask_index(),
                                      .parallelism = message.parallelism(),
                                      .max_parallelism = message.max_parallelism(),
                                      .attempt_number = message.attempt_number(),
                                      .slot = message.slot()};
  deployment.region = regions.Find(message.region());
  for (const v1::Channels& in : message.inputs()) {
    WEIR_ASSIGN_OR_RETURN(ChannelRange channels, RestoreChannels(in, deployment.region, ExecutionAttemptId()));
    deployment.inputs.push_back({.edge = in.number(), .channels = std::move(channels)});
  }
  for (const v1::Channels& in : message.outputs()) {
    WEIR_ASSIGN_OR_RETURN(ChannelRange channels, RestoreChannels(in, deployment.region, deployment.attempt_id));
    deployment.outputs.push_back({.result = in.number(), .channels = std::move(channels)});
  }
  for (const std::string& stored : message.restored_state()) {
    WEIR_ASSIGN_OR_RETURN(OperatorSubtaskState state, DecodeSubtaskState(stored));
    deployment.restored_state.push_back(std::move(state));
  }
  deployment.redistributes_in_flight = message.redistributes_in_flight();
  deployment.restored_checkpoint = CheckpointId(message.restored_checkpoint());
  return deployment;
}

}  // namespace weir
