#include "weir/rpc/wire/job_values.h"

#include <cstring>
#include <utility>

#include "weir/config/configuration.h"
#include "weir/graph/job/job_graph.h"
#include "weir/graph/job/job_graph_codec.h"
#include "weir/rpc/checkpoint_statistics.h"
#include "weir/v1/client.pb.h"

namespace weir {
namespace {

// Enumerations travel one higher than in memory, so that 0 is "not set"; unknown ones of newer versions become `fallback`.
template <class Enum>
Enum RestoreEnum(int stored, Enum last, Enum fallback) {
  return stored >= 1 && stored <= static_cast<int>(last) + 1 ? static_cast<Enum>(stored - 1) : fallback;
}

JobStatus RestoreJobStatus(v1::JobStatus stored) {
  return RestoreEnum(stored, JobStatus::kReconciling, JobStatus::kReconciling);
}

template <class Message>
void StoreAccumulators(const AccumulatorTotals& totals, Message& message) {
  for (const auto& [name, value] : totals) {
    v1::Accumulator& stored = *message.add_accumulators();
    stored.set_name(name);
    stored.set_value(value);
  }
}

template <class Message>
AccumulatorTotals RestoreAccumulators(const Message& message) {
  AccumulatorTotals totals;
  for (const v1::Accumulator& stored : message.accumulators()) totals.emplace_back(stored.name(), stored.value());
  return totals;
}

void StoreVertex(const VertexDetails& vertex, v1::VertexDetails& out) {
  out.set_vertex_id(IdBytes(vertex.vertex_id));
  out.set_name(vertex.name);
  out.set_is_source(vertex.is_source);
  out.set_is_sink(vertex.is_sink);
  for (const SubtaskDetails& subtask : vertex.subtasks) {
    v1::SubtaskDetails& stored = *out.add_subtasks();
    stored.set_attempt_id(IdBytes(subtask.attempt_id));
    stored.set_attempt_number(subtask.attempt_number);
    stored.set_state(static_cast<v1::ExecutionState>(static_cast<int>(subtask.state) + 1));
    stored.set_task_manager(subtask.task_manager.value());
    ToProto(subtask.statistics, *stored.mutable_statistics());
  }
}

VertexDetails RestoreVertex(const v1::VertexDetails& in) {
  VertexDetails vertex{.vertex_id = IdFrom<VertexId>(in.vertex_id()),
                       .name = in.name(),
                       .is_source = in.is_source(),
                       .is_sink = in.is_sink()};
  for (const v1::SubtaskDetails& stored : in.subtasks()) {
    SubtaskDetails& subtask = vertex.subtasks.emplace_back();
    subtask.attempt_id = IdFrom<ExecutionAttemptId>(stored.attempt_id());
    subtask.attempt_number = stored.attempt_number();
    subtask.state = RestoreEnum(stored.state(), ExecutionState::kFailed, ExecutionState::kCreated);
    subtask.task_manager = TaskManagerId(stored.task_manager());
    subtask.statistics = FromProto(stored.statistics());
  }
  return vertex;
}

void StoreCheckpoint(const CheckpointRecord& record, v1::CheckpointBrief& out) {
  out.set_id(record.id.value());
  out.set_is_savepoint(record.kind == SnapshotKind::kSavepoint);
  out.set_trigger_ms(record.trigger_time_ms);
  out.set_end_ms(record.end_time_ms);
  out.set_state_bytes(record.totals.state_bytes);
  out.set_checkpointed_bytes(record.totals.checkpointed_bytes);
  out.set_path(record.path);
  out.set_failure(record.failure);
  out.set_is_unaligned(record.is_unaligned);
}

CheckpointStatistics::Record RestoreCheckpoint(const v1::CheckpointBrief& in, CheckpointStatus status) {
  auto record = std::make_shared<CheckpointRecord>();
  record->id = CheckpointId(in.id());
  record->status = status;
  record->kind = in.is_savepoint() ? SnapshotKind::kSavepoint : SnapshotKind::kCheckpoint;
  record->trigger_time_ms = in.trigger_ms();
  record->end_time_ms = in.end_ms();
  record->totals.state_bytes = in.state_bytes();
  record->totals.checkpointed_bytes = in.checkpointed_bytes();
  record->path = in.path();
  record->failure = in.failure();
  record->is_unaligned = in.is_unaligned();
  return record;
}

// What `weir status` shows; the rest stays with REST.
void StoreCheckpoints(const CheckpointStatistics& checkpoints, v1::CheckpointsBrief& out) {
  out.set_total(checkpoints.counts.total);
  out.set_in_progress(checkpoints.counts.in_progress);
  out.set_completed(checkpoints.counts.completed);
  out.set_failed(checkpoints.counts.failed);
  out.set_restored(checkpoints.counts.restored);
  if (checkpoints.latest_completed) StoreCheckpoint(*checkpoints.latest_completed, *out.mutable_latest_completed());
  if (checkpoints.latest_savepoint) StoreCheckpoint(*checkpoints.latest_savepoint, *out.mutable_latest_savepoint());
  if (checkpoints.latest_failed) StoreCheckpoint(*checkpoints.latest_failed, *out.mutable_latest_failed());
}

std::shared_ptr<const CheckpointStatistics> RestoreCheckpoints(const v1::CheckpointsBrief& in) {
  auto checkpoints = std::make_shared<CheckpointStatistics>();
  checkpoints->counts = {.total = in.total(),
                         .in_progress = in.in_progress(),
                         .completed = in.completed(),
                         .failed = in.failed(),
                         .restored = in.restored()};
  using enum CheckpointStatus;
  if (in.has_latest_completed()) checkpoints->latest_completed = RestoreCheckpoint(in.latest_completed(), kCompleted);
  if (in.has_latest_savepoint()) checkpoints->latest_savepoint = RestoreCheckpoint(in.latest_savepoint(), kCompleted);
  if (in.has_latest_failed()) checkpoints->latest_failed = RestoreCheckpoint(in.latest_failed(), kFailed);
  return checkpoints;
}

}  // namespace

std::string IdBytes(const Id128& id) {
  if (id.IsZero()) return {};
  const uint64_t words[2] = {__builtin_bswap64(id.high), __builtin_bswap64(id.low)};
  return std::string(reinterpret_cast<const char*>(words), sizeof(words));
}

Id128 IdFromBytes(const std::string& bytes) {
  uint64_t words[2];
  if (bytes.size() != sizeof(words)) return {};
  std::memcpy(words, bytes.data(), sizeof(words));
  return {__builtin_bswap64(words[0]), __builtin_bswap64(words[1])};
}

void ToProto(const Status& status, v1::Status& message) {
  message.set_code(static_cast<int32_t>(status.code()));
  message.set_message(std::string(status.message()));
}

Status FromProto(const v1::Status& message) {
  if (message.code() == 0) return OkStatus();
  const bool is_known = message.code() > 0 && message.code() <= static_cast<int>(StatusCode::kDataLoss);
  return Status(is_known ? static_cast<StatusCode>(message.code()) : StatusCode::kUnknown, message.message());
}

void ToProto(const TaskStatistics& statistics, v1::TaskStatistics& message) {
  message.set_records_in(statistics.records_in);
  message.set_records_out(statistics.records_out);
  message.set_bytes_read(statistics.bytes_read);
  message.set_bytes_total(statistics.bytes_total);
  message.set_watermark(statistics.watermark);
  message.set_busy_ns(statistics.busy_ns);
  message.set_idle_ns(statistics.idle_ns);
  message.set_backpressured_ns(statistics.backpressured_ns);
  message.set_bytes_in(statistics.bytes_in);
  message.set_bytes_out(statistics.bytes_out);
}

TaskStatistics FromProto(const v1::TaskStatistics& message) {
  return {.records_in = message.records_in(),
          .records_out = message.records_out(),
          .bytes_read = message.bytes_read(),
          .bytes_total = message.bytes_total(),
          .watermark = message.watermark(),
          .busy_ns = message.busy_ns(),
          .idle_ns = message.idle_ns(),
          .backpressured_ns = message.backpressured_ns(),
          .bytes_in = message.bytes_in(),
          .bytes_out = message.bytes_out()};
}

void ToProto(const JobSubmission& submission, v1::SubmitJobRequest& message) {
  ToProto(*submission.graph, *message.mutable_graph());
  message.mutable_graph()->set_job_id(IdBytes(submission.job_id));
  message.clear_configuration();
  for (const ConfigEntry& entry : submission.configuration->entries()) {
    v1::ConfigurationEntry& stored = *message.add_configuration();
    stored.set_key(entry.key);
    stored.set_value(entry.value);
  }
}

StatusOr<JobSubmission> FromProto(const v1::SubmitJobRequest& message) {
  WEIR_ASSIGN_OR_RETURN(JobGraph graph, FromProto(message.graph()));
  if (graph.id == JobId()) return InvalidArgumentError("job \"" + graph.name + "\" was submitted without an id");
  Configuration configuration;
  for (const v1::ConfigurationEntry& entry : message.configuration()) {
    configuration.SetText(entry.key(), entry.value(), "the job");
  }
  const JobId id = graph.id;
  return JobSubmission{.job_id = id,
                       .graph = std::make_shared<const JobGraph>(std::move(graph)),
                       .configuration = std::make_shared<const Configuration>(std::move(configuration))};
}

void ToProto(const SavepointRequest& request, v1::SavepointRequest& message) {
  message.set_directory(request.directory);
  message.set_is_native(request.format == SnapshotFormat::kNative);
  message.set_stops(request.stops);
  message.set_drains(request.drains);
  message.set_is_detached(request.is_detached);
}

SavepointRequest FromProto(const v1::SavepointRequest& message) {
  return {.directory = message.directory(),
          .format = message.is_native() ? SnapshotFormat::kNative : SnapshotFormat::kCanonical,
          .stops = message.stops(),
          .drains = message.drains(),
          .is_detached = message.is_detached()};
}

void ToProto(const JobOverview& overview, v1::JobOverview& message) {
  message.set_job_id(IdBytes(overview.job_id));
  message.set_name(overview.job_name);
  message.set_status(static_cast<v1::JobStatus>(static_cast<int>(overview.status) + 1));
  message.set_start_ms(ToEventTime(overview.start_time));
  message.set_end_ms(ToEventTime(overview.end_time));
}

JobOverview FromProto(const v1::JobOverview& message) {
  return {.job_id = IdFrom<JobId>(message.job_id()),
          .job_name = message.name(),
          .status = RestoreJobStatus(message.status()),
          .start_time = FromEventTime(message.start_ms()),
          .end_time = FromEventTime(message.end_ms())};
}

void ToProto(const JobResult& result, v1::JobResult& message) {
  message.set_job_id(IdBytes(result.job_id));
  message.set_name(result.job_name);
  message.set_status(static_cast<v1::JobStatus>(static_cast<int>(result.status) + 1));
  ToProto(result.error, *message.mutable_error());
  message.clear_accumulators();
  StoreAccumulators(result.accumulators, message);
  message.set_start_ms(ToEventTime(result.start_time));
  message.set_end_ms(ToEventTime(result.end_time));
}

JobResult FromProto(const v1::JobResult& message) {
  return {.job_id = IdFrom<JobId>(message.job_id()),
          .job_name = message.name(),
          .status = RestoreJobStatus(message.status()),
          .error = FromProto(message.error()),
          .accumulators = RestoreAccumulators(message),
          .start_time = FromEventTime(message.start_ms()),
          .end_time = FromEventTime(message.end_ms())};
}

void ToProto(const JobDetails& details, v1::JobDetails& message) {
  message.Clear();
  ToProto(details.overview, *message.mutable_overview());
  ToProto(details.error, *message.mutable_error());
  message.set_restarts(details.restarts);
  message.set_waiting_for(details.waiting_for);
  for (const VertexDetails& vertex : details.vertices) StoreVertex(vertex, *message.add_vertices());
  StoreAccumulators(details.accumulators, message);
  if (details.checkpoints != nullptr) StoreCheckpoints(*details.checkpoints, *message.mutable_checkpoints());
}

JobDetails FromProto(const v1::JobDetails& message) {
  JobDetails details{.overview = FromProto(message.overview()),
                     .error = FromProto(message.error()),
                     .restarts = message.restarts(),
                     .waiting_for = message.waiting_for()};
  for (const v1::VertexDetails& vertex : message.vertices()) details.vertices.push_back(RestoreVertex(vertex));
  details.accumulators = RestoreAccumulators(message);
  details.checkpoints = RestoreCheckpoints(message.checkpoints());
  return details;
}

}  // namespace weir
