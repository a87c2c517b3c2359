// What is told of the checkpoints of one job: counts, a summary, the latest ones, and the last few in full.
//
// Plain values; those who ask get one that never changes (JobDetails::checkpoints). jobmanager/checkpoint/checkpoint_tracker.h keeps them up to date.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "weir/base/ids.h"
#include "weir/rpc/checkpoint_messages.h"

namespace weir {

enum class CheckpointStatus : uint8_t { kInProgress, kCompleted, kFailed };

// "IN_PROGRESS", "COMPLETED", "FAILED": Flink's names.
const char* CheckpointStatusName(CheckpointStatus status);

// What one subtask contributed.
struct SubtaskCheckpointStatistics {
  int32_t subtask_index = 0;
  bool is_acknowledged = false;
  bool is_finished = false;  // it had ended before: it counts as acknowledged and contributes nothing
  int64_t ack_time_ms = 0;   // wall time at the JobManager; 0: not yet
  int64_t duration_ms = 0;   // from the trigger to the acknowledgement
  int64_t state_bytes = 0;
  CheckpointMetrics metrics = {};
};

// Sums over some subtasks.
struct CheckpointTotals {
  int32_t subtasks = 0;
  int32_t acknowledged = 0;
  int64_t latest_ack_ms = 0;  // wall time; 0: none
  int64_t duration_ms =
      0;  // from the trigger to the last acknowledgement; while it is under way, to the last that came
  int64_t state_bytes = 0;
  int64_t checkpointed_bytes = 0;  // of these: written for this checkpoint alone
  int64_t processed_bytes = 0;     // read while barriers were awaited
  int64_t persisted_bytes = 0;     // in-flight data that was stored
};

struct VertexCheckpointStatistics {
  VertexId vertex_id;
  std::string name = {};
  std::vector<SubtaskCheckpointStatistics> subtasks = {};  // by index

  CheckpointTotals Totals() const;
};

// One checkpoint or savepoint.
struct CheckpointRecord {
  CheckpointId id;
  CheckpointStatus status = CheckpointStatus::kInProgress;
  SnapshotKind kind = SnapshotKind::kCheckpoint;
  SnapshotFormat format = SnapshotFormat::kNative;
  bool stops = false;            // a savepoint that the job stops with
  bool is_unaligned = false;     // barriers may overtake data
  int64_t trigger_time_ms = 0;   // wall time
  int64_t end_time_ms = 0;       // wall time of its completion or failure; 0: under way
  std::string path = {};         // completed: where its `_metadata` is; empty: in the JobManager's memory
  bool is_discarded = false;     // completed, and deleted since
  std::string failure = {};      // failed: why
  CheckpointTotals totals = {};  // over all vertices
  std::vector<VertexCheckpointStatistics> vertices = {};  // in topological order
};

// What a series of numbers comes to. All zero if there are none.
struct ValueSummary {
  int64_t min = 0, max = 0, average = 0;
  double p50 = 0, p90 = 0, p95 = 0, p99 = 0, p999 = 0;
};
// Percentiles lie between the two nearest values, as in Flink's summaries.
ValueSummary Summarize(std::vector<int64_t> values);

// Over completed checkpoints and savepoints.
struct CheckpointSummary {
  ValueSummary state_bytes = {};
  ValueSummary checkpointed_bytes = {};
  ValueSummary duration_ms = {};
  ValueSummary processed_bytes = {};
  ValueSummary persisted_bytes = {};
};

struct CheckpointCounts {
  int64_t total = 0;  // that have begun
  int64_t in_progress = 0;
  int64_t completed = 0;
  int64_t failed = 0;
  int64_t restored = 0;
};

// The snapshot from which the tasks began last.
struct RestoredCheckpoint {
  CheckpointId id;
  SnapshotKind kind = SnapshotKind::kCheckpoint;
  int64_t time_ms = 0;  // wall time of the restore
  std::string path = {};
};

struct CheckpointStatistics {
  using Record = std::shared_ptr<const CheckpointRecord>;

  CheckpointCounts counts = {};
  CheckpointSummary summary = {};
  Record latest_completed = nullptr;  // a checkpoint; null: none
  Record latest_savepoint = nullptr;  // complete
  Record latest_failed = nullptr;
  std::optional<RestoredCheckpoint> latest_restored = {};
  std::vector<Record> history = {};  // the newest first: web.checkpoints.history of them

  // Null: it is not remembered any more, or never was.
  Record Find(CheckpointId id) const;
};

}  // namespace weir
