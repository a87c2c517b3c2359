#include "weir/jobmanager/checkpoint/checkpoint_tracker.h"

#include <algorithm>
#include <utility>

namespace weir {

namespace {

// What percentiles are taken from: enough for p99.9, and 40 KB for a job.
constexpr size_t kSeriesLength = 1000;

void Append(std::deque<int64_t>& series, int64_t value) {
  series.push_back(value);
  if (series.size() > kSeriesLength) series.pop_front();
}

ValueSummary SummaryOf(const std::deque<int64_t>& series) { return Summarize({series.begin(), series.end()}); }

SubtaskCheckpointStatistics* SubtaskOf(CheckpointRecord& record, const SubtaskPlace& place) {
  return &record.vertices[static_cast<size_t>(place.vertex)].subtasks[static_cast<size_t>(place.subtask)];
}

void SumUp(CheckpointRecord& record) {
  CheckpointTotals sum;
  for (const VertexCheckpointStatistics& vertex : record.vertices) {
    const CheckpointTotals part = vertex.Totals();
    sum.subtasks += part.subtasks;
    sum.acknowledged += part.acknowledged;
    sum.latest_ack_ms = std::max(sum.latest_ack_ms, part.latest_ack_ms);
    sum.duration_ms = std::max(sum.duration_ms, part.duration_ms);
    sum.state_bytes += part.state_bytes;
    sum.checkpointed_bytes += part.checkpointed_bytes;
    sum.processed_bytes += part.processed_bytes;
    sum.persisted_bytes += part.persisted_bytes;
  }
  record.totals = sum;
}

}  // namespace

CheckpointTracker::CheckpointTracker(std::shared_ptr<const JobGraph> graph, size_t history, bool is_unaligned)
    : graph_(std::move(graph)), history_(history), is_unaligned_(is_unaligned) {}

CheckpointRecord* CheckpointTracker::Find(CheckpointId id) {
  const auto found = pending_.find(id);
  return found == pending_.end() ? nullptr : &found->second;
}

void CheckpointTracker::Began(CheckpointId id, SnapshotKind kind, const std::vector<SubtaskPlace>& living,
                              int64_t now_ms) {
  CheckpointRecord record{.id = id, .kind = kind, .trigger_time_ms = now_ms};
  record.is_unaligned = is_unaligned_ && kind == SnapshotKind::kCheckpoint;
  for (const JobVertex& vertex : graph_->vertices) {
    VertexCheckpointStatistics& shown = record.vertices.emplace_back();
    shown.vertex_id = vertex.id;
    shown.name = vertex.name;
    for (int subtask = 0; subtask < vertex.parallelism; ++subtask)
      shown.subtasks.push_back({.subtask_index = subtask, .is_acknowledged = true, .is_finished = true});
  }
  for (const SubtaskPlace& place : living)
    *SubtaskOf(record, place) = {.subtask_index = static_cast<int32_t>(place.subtask)};
  SumUp(record);
  pending_[id] = std::move(record);
  ++counts_.total;
  ++counts_.in_progress;
  Changed();
}

void CheckpointTracker::Triggered(const CheckpointTrigger& trigger) {
  CheckpointRecord* const record = Find(trigger.id);
  if (record == nullptr) return;
  record->format = trigger.location.format;
  record->stops = trigger.stops;
  Changed();
}

void CheckpointTracker::Acknowledged(CheckpointId id, const SubtaskPlace& place, const CheckpointMetrics& metrics,
                                     int64_t state_bytes, int64_t now_ms) {
  CheckpointRecord* const record = Find(id);
  if (record == nullptr) return;
  *SubtaskOf(*record, place) = {.subtask_index = static_cast<int32_t>(place.subtask),
                                .is_acknowledged = true,
                                .ack_time_ms = now_ms,
                                .duration_ms = std::max<int64_t>(0, now_ms - record->trigger_time_ms),
                                .state_bytes = state_bytes,
                                .metrics = metrics};
  SumUp(*record);
  Changed();
}

void CheckpointTracker::Finished(CheckpointId id, const SubtaskPlace& place) {
  CheckpointRecord* const record = Find(id);
  if (record == nullptr) return;
  *SubtaskOf(*record, place) = {
      .subtask_index = static_cast<int32_t>(place.subtask), .is_acknowledged = true, .is_finished = true};
  SumUp(*record);
  Changed();
}

CheckpointTracker::Record CheckpointTracker::End(CheckpointId id, CheckpointStatus status, int64_t now_ms) {
  const auto found = pending_.find(id);
  if (found == pending_.end()) return nullptr;
  found->second.status = status;
  found->second.end_time_ms = now_ms;
  Record record = std::make_shared<const CheckpointRecord>(std::move(found->second));
  pending_.erase(found);
  --counts_.in_progress;
  ended_[id] = record;
  while (ended_.size() > history_) ended_.erase(ended_.begin());
  Changed();
  return record;
}

void CheckpointTracker::Completed(CheckpointId id, std::string path, int64_t now_ms) {
  if (CheckpointRecord* const record = Find(id)) record->path = std::move(path);
  const Record record = End(id, CheckpointStatus::kCompleted, now_ms);
  if (record == nullptr) return;
  ++counts_.completed;
  (record->kind == SnapshotKind::kSavepoint ? latest_savepoint_ : latest_completed_) = record;
  Append(series_.state_bytes, record->totals.state_bytes);
  Append(series_.checkpointed_bytes, record->totals.checkpointed_bytes);
  Append(series_.duration_ms, record->totals.duration_ms);
  Append(series_.processed_bytes, record->totals.processed_bytes);
  Append(series_.persisted_bytes, record->totals.persisted_bytes);
}

void CheckpointTracker::Failed(CheckpointId id, const Status& cause, int64_t now_ms) {
  if (CheckpointRecord* const record = Find(id)) record->failure = std::string(cause.message());
  const Record record = End(id, CheckpointStatus::kFailed, now_ms);
  if (record == nullptr) return;
  ++counts_.failed;
  latest_failed_ = record;
}

void CheckpointTracker::Discarded(CheckpointId id) {
  const auto mark = [id](Record& record) {
    if (record == nullptr || record->id != id) return;
    auto discarded = std::make_shared<CheckpointRecord>(*record);
    discarded->is_discarded = true;
    record = std::move(discarded);
  };
  if (const auto found = ended_.find(id); found != ended_.end()) mark(found->second);
  mark(latest_completed_);
  mark(latest_savepoint_);
  Changed();
}

void CheckpointTracker::Restored(RestoredCheckpoint restored) {
  ++counts_.restored;
  latest_restored_ = std::move(restored);
  Changed();
}

std::shared_ptr<const CheckpointStatistics> CheckpointTracker::Statistics() const {
  if (statistics_ != nullptr) return statistics_;
  auto made = std::make_shared<CheckpointStatistics>();
  made->counts = counts_;
  made->summary = {.state_bytes = SummaryOf(series_.state_bytes),
                   .checkpointed_bytes = SummaryOf(series_.checkpointed_bytes),
                   .duration_ms = SummaryOf(series_.duration_ms),
                   .processed_bytes = SummaryOf(series_.processed_bytes),
                   .persisted_bytes = SummaryOf(series_.persisted_bytes)};
  made->latest_completed = latest_completed_;
  made->latest_savepoint = latest_savepoint_;
  made->latest_failed = latest_failed_;
  made->latest_restored = latest_restored_;
  for (const auto& [id, record] : pending_) made->history.push_back(std::make_shared<const CheckpointRecord>(record));
  for (const auto& [id, record] : ended_) made->history.push_back(record);
  std::ranges::sort(made->history, [](const auto& a, const auto& b) { return a->id > b->id; });
  // Those under way are always shown.
  if (made->history.size() > std::max(history_, pending_.size()))
    made->history.resize(std::max(history_, pending_.size()));
  statistics_ = std::move(made);
  return statistics_;
}

}  // namespace weir
