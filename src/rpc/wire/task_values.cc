#include "weir/rpc/wire/task_values.h"

#include <algorithm>
#include <utility>

#include "weir/rpc/wire/job_values.h"
#include "weir/state/storage/checkpoint_metadata_format.h"
#include "weir/v1/task_manager.pb.h"

namespace weir {
void ToProto(const MessageHeader& header, v1::MessageHeader& message) {
  message.set_leader_id(IdBytes(header.leader));
  message.set_job_id(IdBytes(header.job_id));
}

MessageHeader FromProto(const v1::MessageHeader& message) {
  return {IdFrom<LeaderId>(message.leader_id()), IdFrom<JobId>(message.job_id())};
}

void ToProto(const SlotStatus& slot, v1::SlotStatus& message) {
  message.set_slot(slot.slot);
  message.set_job_id(IdBytes(slot.job_id));
  message.set_allocation_id(IdBytes(slot.allocation_id));
}

SlotStatus FromProto(const v1::SlotStatus& message) {
  return {message.slot(), IdFrom<JobId>(message.job_id()), IdFrom<AllocationId>(message.allocation_id())};
}

void ToProto(const SlotOffer& offer, v1::SlotOffer& message) {
  ToProto(offer.header, *message.mutable_header());
  message.set_task_manager(offer.task_manager.value());
  message.set_allocation_id(IdBytes(offer.allocation_id));
  message.set_slot(offer.slot);
  message.set_data_address(offer.data_address);
}

SlotOffer FromProto(const v1::SlotOffer& message) {
  return {.header = FromProto(message.header()),
          .task_manager = TaskManagerId(message.task_manager()),
          .allocation_id = IdFrom<AllocationId>(message.allocation_id()),
          .slot = message.slot(),
          .data_address = message.data_address()};
}

void ToProto(LeaderId leader, const TaskStateUpdate& update, v1::TaskStateUpdate& message) {
  message.Clear();
  ToProto(MessageHeader{leader, update.job_id}, *message.mutable_header());
  message.set_attempt_id(IdBytes(update.attempt_id));
  message.set_state(static_cast<v1::ExecutionState>(static_cast<int>(update.state) + 1));
  ToProto(update.error, *message.mutable_error());
  for (const auto& [name, value] : update.accumulators) {
    v1::Accumulator& stored = *message.add_accumulators();
    stored.set_name(name);
    stored.set_value(value);
  }
  ToProto(update.statistics, *message.mutable_statistics());
}

TaskStateUpdate FromProto(const v1::TaskStateUpdate& message) {
  TaskStateUpdate update;
  update.job_id = IdFrom<JobId>(message.header().job_id());
  update.attempt_id = IdFrom<ExecutionAttemptId>(message.attempt_id());
  const int state = static_cast<int>(message.state()) - 1;
  const bool is_known = state >= 0 && state <= static_cast<int>(ExecutionState::kFailed);
  // A state of a newer version cannot be acted on; the attempt must not hang on it.
  update.state = is_known ? static_cast<ExecutionState>(state) : ExecutionState::kFailed;
  update.error = is_known ? FromProto(message.error())
                          : InternalError("the task reported the unknown state " + std::to_string(state));
  for (const v1::Accumulator& stored : message.accumulators()) {
    update.accumulators.emplace_back(stored.name(), stored.value());
  }
  update.statistics = FromProto(message.statistics());
  return update;
}

void ToProto(const CheckpointTrigger& trigger, v1::CheckpointTrigger& message) {
  message.set_checkpoint_id(trigger.id.value());
  message.set_time_ms(trigger.time_ms);
  message.set_stops(trigger.stops);
  message.set_drains(trigger.drains);
  const SnapshotLocation& location = trigger.location;
  v1::SnapshotLocation& stored = *message.mutable_location();
  stored.set_id(location.id.value());
  stored.set_is_savepoint(location.kind == SnapshotKind::kSavepoint);
  stored.set_is_native(location.format == SnapshotFormat::kNative);
  stored.set_directory(location.directory);
  stored.set_shared_directory(location.shared_directory);
  stored.set_is_full(location.is_full);
  stored.set_max_inline_bytes(location.max_inline_bytes);
  stored.set_may_write_files(location.may_write_files);
}

CheckpointTrigger FromProto(const v1::CheckpointTrigger& message) {
  const v1::SnapshotLocation& stored = message.location();
  SnapshotLocation location;
  location.id = CheckpointId(stored.id());
  location.kind = stored.is_savepoint() ? SnapshotKind::kSavepoint : SnapshotKind::kCheckpoint;
  location.format = stored.is_native() ? SnapshotFormat::kNative : SnapshotFormat::kCanonical;
  location.directory = stored.directory();
  location.shared_directory = stored.shared_directory();
  location.is_full = stored.is_full();
  location.max_inline_bytes = stored.max_inline_bytes();
  location.may_write_files = stored.may_write_files();
  return {.id = CheckpointId(message.checkpoint_id()),
          .time_ms = message.time_ms(),
          .location = std::move(location),
          .stops = message.stops(),
          .drains = message.drains()};
}

void ToProto(const CheckpointAcknowledgement& acknowledgement, v1::CheckpointAcknowledgement& message) {
  message.Clear();
  ToProto(acknowledgement.header, *message.mutable_header());
  message.set_attempt_id(IdBytes(acknowledgement.attempt_id));
  message.set_checkpoint_id(acknowledgement.id.value());
  for (const OperatorSubtaskState& state : acknowledgement.state) message.add_state(EncodeSubtaskState(state));
  const CheckpointMetrics& metrics = acknowledgement.metrics;
  v1::CheckpointMetrics& stored = *message.mutable_metrics();
  stored.set_start_delay_ms(metrics.start_delay_ms);
  stored.set_alignment_ms(metrics.alignment_ms);
  stored.set_sync_ms(metrics.sync_ms);
  stored.set_async_ms(metrics.async_ms);
  stored.set_checkpointed_bytes(metrics.checkpointed_bytes);
  stored.set_processed_bytes(metrics.processed_bytes);
  stored.set_persisted_bytes(metrics.persisted_bytes);
  stored.set_is_unaligned(metrics.is_unaligned);
}

StatusOr<CheckpointAcknowledgement> FromProto(const v1::CheckpointAcknowledgement& message) {
  CheckpointAcknowledgement acknowledgement{.header = FromProto(message.header()),
                                            .attempt_id = IdFrom<ExecutionAttemptId>(message.attempt_id()),
                                            .id = CheckpointId(message.checkpoint_id())};
  for (const std::string& stored : message.state()) {
    WEIR_ASSIGN_OR_RETURN(OperatorSubtaskState state, DecodeSubtaskState(stored));
    acknowledgement.state.push_back(std::move(state));
  }
  const v1::CheckpointMetrics& stored = message.metrics();
  acknowledgement.metrics = {.start_delay_ms = stored.start_delay_ms(),
                             .alignment_ms = stored.alignment_ms(),
                             .sync_ms = stored.sync_ms(),
                             .async_ms = stored.async_ms(),
                             .checkpointed_bytes = stored.checkpointed_bytes(),
                             .processed_bytes = stored.processed_bytes(),
                             .persisted_bytes = stored.persisted_bytes(),
                             .is_unaligned = stored.is_unaligned()};
  return acknowledgement;
}

void ToProto(const CheckpointDecline& decline, v1::CheckpointDecline& message) {
  message.Clear();
  ToProto(decline.header, *message.mutable_header());
  message.set_attempt_id(IdBytes(decline.attempt_id));
  message.set_checkpoint_id(decline.id.value());
  ToProto(decline.reason, *message.mutable_reason());
}

CheckpointDecline FromProto(const v1::CheckpointDecline& message) {
  return {.header = FromProto(message.header()),
          .attempt_id = IdFrom<ExecutionAttemptId>(message.attempt_id()),
          .id = CheckpointId(message.checkpoint_id()),
          .reason = FromProto(message.reason())};
}

void ToProto(const WatermarkReport& report, v1::WatermarkReport& message) {
  message.Clear();
  message.set_group(report.group);
  message.set_max_drift_ms(report.max_drift_ms);
  message.set_watermark(report.watermark);
}

WatermarkReport FromProto(const v1::WatermarkReport& message) {
  return {.group = message.group(), .max_drift_ms = message.max_drift_ms(), .watermark = message.watermark()};
}

void ToProto(const StatisticsReport& report, v1::StatisticsReport& message) {
  message.Clear();
  ToProto(report.header, *message.mutable_header());
  for (const auto& [attempt, statistics] : report.tasks) {
    v1::AttemptStatistics& stored = *message.add_tasks();
    stored.set_attempt_id(IdBytes(attempt));
    ToProto(statistics, *stored.mutable_statistics());
  }
}

StatisticsReport FromProto(const v1::StatisticsReport& message) {
  StatisticsReport report{.header = FromProto(message.header()), .tasks = {}};
  for (const v1::AttemptStatistics& stored : message.tasks()) {
    report.tasks.emplace_back(IdFrom<ExecutionAttemptId>(stored.attempt_id()), FromProto(stored.statistics()));
  }
  return report;
}

}  // namespace weir
