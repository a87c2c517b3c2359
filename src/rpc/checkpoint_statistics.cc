#include "weir/rpc/checkpoint_statistics.h"

#include <algorithm>
#include <cmath>
#include <numeric>

namespace weir {

const char* CheckpointStatusName(CheckpointStatus status) {
  switch (status) {
    case CheckpointStatus::kInProgress:
      return "IN_PROGRESS";
    case CheckpointStatus::kCompleted:
      return "COMPLETED";
    case CheckpointStatus::kFailed:
      return "FAILED";
  }
  return "FAILED";
}

CheckpointTotals VertexCheckpointStatistics::Totals() const {
  CheckpointTotals totals{.subtasks = static_cast<int32_t>(subtasks.size())};
  for (const SubtaskCheckpointStatistics& subtask : subtasks) {
    if (!subtask.is_acknowledged) continue;
    ++totals.acknowledged;
    totals.latest_ack_ms = std::max(totals.latest_ack_ms, subtask.ack_time_ms);
    totals.duration_ms = std::max(totals.duration_ms, subtask.duration_ms);
    totals.state_bytes += subtask.state_bytes;
    totals.checkpointed_bytes += subtask.metrics.checkpointed_bytes;
    totals.processed_bytes += subtask.metrics.processed_bytes;
    totals.persisted_bytes += subtask.metrics.persisted_bytes;
  }
  return totals;
}

namespace {

// `values` ascending, not empty. The estimate of Apache Commons' Percentile, which Flink uses.
double Percentile(const std::vector<int64_t>& values, double share) {
  const double position = share * (static_cast<double>(values.size()) + 1);
  if (position < 1) return static_cast<double>(values.front());
  if (position >= static_cast<double>(values.size())) return static_cast<double>(values.back());
  const double whole = std::floor(position);
  const auto below = static_cast<size_t>(whole) - 1;
  const auto low = static_cast<double>(values[below]);
  return low + (position - whole) * (static_cast<double>(values[below + 1]) - low);
}

}  // namespace

ValueSummary Summarize(std::vector<int64_t> values) {
  if (values.empty()) return {};
  std::ranges::sort(values);
  const int64_t sum = std::accumulate(values.begin(), values.end(), int64_t{0});
  return {.min = values.front(),
          .max = values.back(),
          .average = sum / static_cast<int64_t>(values.size()),
          .p50 = Percentile(values, 0.5),
          .p90 = Percentile(values, 0.9),
          .p95 = Percentile(values, 0.95),
          .p99 = Percentile(values, 0.99),
          .p999 = Percentile(values, 0.999)};
}

CheckpointStatistics::Record CheckpointStatistics::Find(CheckpointId id) const {
  for (const Record& record : history) {
    if (record->id == id) return record;
  }
  for (const Record& record : {latest_completed, latest_savepoint, latest_failed}) {
    if (record != nullptr && record->id == id) return record;
  }
  return nullptr;
}

}  // namespace weir
