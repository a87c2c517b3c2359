// /jobs/:jobid/checkpoints: statistics of a job's checkpoints and savepoints.
#include <algorithm>
#include <limits>

#include <nlohmann/json.hpp>

#include "weir/config/checkpoint_options.h"
#include "weir/config/configuration.h"
#include "weir/jobmanager/checkpoint/checkpoint_settings.h"
#include "weir/jobmanager/rest/rest_context.h"
#include "weir/jobmanager/rest/rest_resources.h"
#include "weir/jobmanager/rest/task_json.h"
#include "weir/rpc/checkpoint_statistics.h"

namespace weir {

namespace {

using nlohmann::json;

// Flink's for a job that only takes checkpoints when it is told to.
constexpr int64_t kNoInterval = std::numeric_limits<int64_t>::max();

json SummaryJson(const ValueSummary& summary) {
  return {{"min", summary.min}, {"max", summary.max}, {"avg", summary.average}, {"p50", summary.p50},
          {"p90", summary.p90}, {"p95", summary.p95}, {"p99", summary.p99},     {"p999", summary.p999}};
}

const char* TypeOf(const CheckpointRecord& record) {
  if (record.kind == SnapshotKind::kSavepoint) return record.stops ? "SYNC_SAVEPOINT" : "SAVEPOINT";
  return record.is_unaligned ? "UNALIGNED_CHECKPOINT" : "CHECKPOINT";
}

const char* ClassOf(CheckpointStatus status) {
  switch (status) {
    case CheckpointStatus::kInProgress:
      return "in_progress";
    case CheckpointStatus::kCompleted:
      return "completed";
    case CheckpointStatus::kFailed:
      break;
  }
  return "failed";
}

// -1 where Flink has it: nothing has been acknowledged yet.
int64_t LatestAck(const CheckpointTotals& totals) { return totals.latest_ack_ms == 0 ? -1 : totals.latest_ack_ms; }

json TotalsJson(const CheckpointTotals& totals) {
  return {{"latest_ack_timestamp", LatestAck(totals)},
          {"state_size", totals.state_bytes},
          {"checkpointed_size", totals.checkpointed_bytes},
          {"end_to_end_duration", totals.duration_ms},
          // As Flink, which keeps the field and measures it no more.
          {"alignment_buffered", 0},
          {"processed_data", totals.processed_bytes},
          {"persisted_data", totals.persisted_bytes},
          {"num_subtasks", totals.subtasks},
          {"num_acknowledged_subtasks", totals.acknowledged}};
}

CheckpointStatus StatusOf(const CheckpointRecord& record, const CheckpointTotals& totals) {
  if (record.status == CheckpointStatus::kFailed) return record.status;
  return totals.acknowledged == totals.subtasks ? CheckpointStatus::kCompleted : CheckpointStatus::kInProgress;
}

json TaskJson(const CheckpointRecord& record, const VertexCheckpointStatistics& vertex) {
  const CheckpointTotals totals = vertex.Totals();
  json shown = TotalsJson(totals);
  shown["id"] = record.id.value();
  shown["status"] = CheckpointStatusName(StatusOf(record, totals));
  return shown;
}

json RecordJson(const CheckpointRecord& record, bool with_tasks) {
  json shown = TotalsJson(record.totals);
  shown["className"] = ClassOf(record.status);
  shown["id"] = record.id.value();
  shown["status"] = CheckpointStatusName(record.status);
  shown["is_savepoint"] = record.kind == SnapshotKind::kSavepoint;
  shown["savepointFormat"] = nullptr;
  if (record.kind == SnapshotKind::kSavepoint) {
    shown["savepointFormat"] = record.format == SnapshotFormat::kCanonical ? "CANONICAL" : "NATIVE";
  }
  shown["trigger_timestamp"] = record.trigger_time_ms;
  shown["checkpoint_type"] = TypeOf(record);
  shown["tasks"] = json::object();
  if (with_tasks) {
    for (const VertexCheckpointStatistics& vertex : record.vertices)
      shown["tasks"][vertex.vertex_id.ToHex()] = TaskJson(record, vertex);
  }
  if (record.status == CheckpointStatus::kCompleted) {
    shown["external_path"] = record.path.empty() ? "<checkpoint-not-externally-addressable>" : record.path;
    shown["discarded"] = record.is_discarded;
  } else if (record.status == CheckpointStatus::kFailed) {
    shown["failure_timestamp"] = record.end_time_ms;
    shown["failure_message"] = record.failure;
  }
  return shown;
}

json LatestJson(const CheckpointStatistics::Record& record) {
  return record == nullptr ? json(nullptr) : RecordJson(*record, false);
}

json RestoredJson(const std::optional<RestoredCheckpoint>& restored) {
  if (!restored.has_value()) return nullptr;
  return {{"id", restored->id.value()},
          {"restore_timestamp", restored->time_ms},
          {"is_savepoint", restored->kind == SnapshotKind::kSavepoint},
          {"external_path", restored->path}};
}

struct JobAndRecord {
  JobDetails job;
  CheckpointStatistics::Record record;
};

StatusOr<JobAndRecord> RecordIn(const RestRequest& request, const RestContext& context) {
  WEIR_ASSIGN_OR_RETURN(JobDetails job, context.Job(request));
  WEIR_ASSIGN_OR_RETURN(const int64_t id, WholeNumberIn("checkpointid", request.Parameter("checkpointid")));
  CheckpointStatistics::Record record = job.checkpoints == nullptr ? nullptr : job.checkpoints->Find(CheckpointId(id));
  if (record == nullptr)
    return NotFoundError("Could not find checkpointing statistics for checkpoint " + std::to_string(id) + ".");
  return JobAndRecord{std::move(job), std::move(record)};
}

json SubtaskJson(const CheckpointRecord& record, const SubtaskCheckpointStatistics& subtask) {
  if (!subtask.is_acknowledged) {
    return {{"className", "pending"}, {"index", subtask.subtask_index}, {"status", "pending_or_failed"}};
  }
  const CheckpointMetrics& metrics = subtask.metrics;
  return {{"className", "completed"},
          {"index", subtask.subtask_index},
          {"status", "completed"},
          {"ack_timestamp", subtask.ack_time_ms},
          {"end_to_end_duration", subtask.duration_ms},
          {"state_size", subtask.state_bytes},
          {"checkpointed_size", metrics.checkpointed_bytes},
          {"checkpoint", {{"sync", metrics.sync_ms}, {"async", metrics.async_ms}}},
          {"alignment",
           {{"buffered", 0},
            {"processed", metrics.processed_bytes},
            {"persisted", metrics.persisted_bytes},
            {"duration", metrics.alignment_ms}}},
          {"start_delay", metrics.start_delay_ms},
          {"unaligned_checkpoint", metrics.is_unaligned},
          {"aborted", record.status == CheckpointStatus::kFailed}};
}

// The distribution over the subtasks that have acknowledged.
template <class F>
json SubtaskSummary(const VertexCheckpointStatistics& vertex, F&& number) {
  std::vector<int64_t> values;
  for (const SubtaskCheckpointStatistics& subtask : vertex.subtasks) {
    if (subtask.is_acknowledged && !subtask.is_finished) values.push_back(number(subtask));
  }
  return SummaryJson(Summarize(std::move(values)));
}

json SubtasksSummary(const VertexCheckpointStatistics& vertex) {
  using Subtask = SubtaskCheckpointStatistics;
  const auto of = [&](int64_t CheckpointMetrics::* number) {
    return SubtaskSummary(vertex, [number](const Subtask& subtask) { return subtask.metrics.*number; });
  };
  return {
      {"checkpointed_size", of(&CheckpointMetrics::checkpointed_bytes)},
      {"state_size", SubtaskSummary(vertex, [](const Subtask& subtask) { return subtask.state_bytes; })},
      {"end_to_end_duration", SubtaskSummary(vertex, [](const Subtask& subtask) { return subtask.duration_ms; })},
      {"checkpoint_duration", {{"sync", of(&CheckpointMetrics::sync_ms)}, {"async", of(&CheckpointMetrics::async_ms)}}},
      {"alignment",
       {{"buffered", SummaryJson({})},
        {"processed", of(&CheckpointMetrics::processed_bytes)},
        {"persisted", of(&CheckpointMetrics::persisted_bytes)},
        {"duration", of(&CheckpointMetrics::alignment_ms)}}},
      {"start_delay", of(&CheckpointMetrics::start_delay_ms)}};
}

}  // namespace

StatusOr<RestResponse> GetCheckpoints(const RestRequest& request, const RestContext& context) {
  WEIR_ASSIGN_OR_RETURN(const JobDetails job, context.Job(request));
  const CheckpointStatistics statistics = job.checkpoints == nullptr ? CheckpointStatistics() : *job.checkpoints;
  json history = json::array();
  for (const auto& record : statistics.history) history.push_back(RecordJson(*record, true));
  const CheckpointSummary& summary = statistics.summary;
  return JsonResponse({{"counts",
                        {{"restored", statistics.counts.restored},
                         {"total", statistics.counts.total},
                         {"in_progress", statistics.counts.in_progress},
                         {"completed", statistics.counts.completed},
                         {"failed", statistics.counts.failed}}},
                       {"summary",
                        {{"checkpointed_size", SummaryJson(summary.checkpointed_bytes)},
                         {"state_size", SummaryJson(summary.state_bytes)},
                         {"end_to_end_duration", SummaryJson(summary.duration_ms)},
                         {"alignment_buffered", SummaryJson({})},
                         {"processed_data", SummaryJson(summary.processed_bytes)},
                         {"persisted_data", SummaryJson(summary.persisted_bytes)}}},
                       {"latest",
                        {{"completed", LatestJson(statistics.latest_completed)},
                         {"savepoint", LatestJson(statistics.latest_savepoint)},
                         {"failed", LatestJson(statistics.latest_failed)},
                         {"restored", RestoredJson(statistics.latest_restored)}}},
                       {"history", history}});
}

StatusOr<RestResponse> GetCheckpointConfig(const RestRequest& request, const RestContext& context) {
  WEIR_ASSIGN_OR_RETURN(const JobDetails job, context.Job(request));
  const CheckpointSettings settings = CheckpointSettingsOf(*job.configuration);
  const bool is_at_least_once = job.configuration->Get(kCheckpointingMode) == CheckpointingMode::kAtLeastOnce;
  const ConfigEntry* const backend = job.configuration->FindEntry("state.backend.type");
  return JsonResponse({{"mode", is_at_least_once ? "at_least_once" : "exactly_once"},
                       {"interval", settings.is_periodic ? settings.policy.interval.count() : kNoInterval},
                       {"timeout", settings.policy.timeout.count()},
                       {"min_pause", settings.policy.min_pause.count()},
                       {"max_concurrent", settings.policy.max_concurrent},
                       {"externalization",
                        {{"enabled", settings.retention != CheckpointRetention::kNone},
                         {"delete_on_cancellation", settings.retention == CheckpointRetention::kDeleteOnCancellation}}},
                       {"state_backend", backend == nullptr ? "hashmap" : backend->value},
                       {"checkpoint_storage",
                        settings.storage.in_memory ? "JobManagerCheckpointStorage" : "FileSystemCheckpointStorage"},
                       {"unaligned_checkpoints", settings.is_unaligned},
                       {"tolerable_failed_checkpoints", settings.policy.tolerable_failures},
                       {"aligned_checkpoint_timeout", settings.aligned_timeout.count()},
                       {"checkpoints_after_tasks_finish", true},
                       {"state_changelog_enabled", false},
                       {"changelog_storage", nullptr},
                       {"changelog_periodic_materialization_interval", nullptr}});
}

StatusOr<RestResponse> GetCheckpointDetails(const RestRequest& request, const RestContext& context) {
  WEIR_ASSIGN_OR_RETURN(const JobAndRecord found, RecordIn(request, context));
  return JsonResponse(RecordJson(*found.record, true));
}

StatusOr<RestResponse> GetCheckpointSubtasks(const RestRequest& request, const RestContext& context) {
  WEIR_ASSIGN_OR_RETURN(const JobAndRecord found, RecordIn(request, context));
  WEIR_RETURN_IF_ERROR(context.Vertex(request).status());
  const std::string& id = request.Parameter("vertexid");
  for (const VertexCheckpointStatistics& vertex : found.record->vertices) {
    if (vertex.vertex_id.ToHex() != id) continue;
    json shown = TaskJson(*found.record, vertex);
    shown["summary"] = SubtasksSummary(vertex);
    shown["subtasks"] = json::array();
    for (const SubtaskCheckpointStatistics& subtask : vertex.subtasks)
      shown["subtasks"].push_back(SubtaskJson(*found.record, subtask));
    return JsonResponse(shown);
  }
  return NotFoundError("There is no statistics of checkpoint " + found.record->id.ToString() + " for vertex " + id +
                       ".");
}

}  // namespace weir
