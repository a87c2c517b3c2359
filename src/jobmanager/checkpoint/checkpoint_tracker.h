// Keeps the statistics of a job's checkpoints: told by the coordinator what happens, asked by whoever shows it.
#pragma once

#include <cstdint>
#include <deque>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "weir/graph/job/job_graph.h"
#include "weir/jobmanager/checkpoint/checkpoint_decisions.h"
#include "weir/rpc/checkpoint_statistics.h"

namespace weir {

// Where an attempt belongs in the job graph.
struct SubtaskPlace {
  int vertex = 0;
  int subtask = 0;
};

// Times are wall times in milliseconds. Calls about a checkpoint that is not under way do nothing.
//
// Threads: the JobMaster's event loop.
class CheckpointTracker {
 public:
  // `history`: checkpoints that are remembered in full. `is_unaligned`: checkpoints (not savepoints) may overtake data.
  CheckpointTracker(std::shared_ptr<const JobGraph> graph, size_t history, bool is_unaligned);

  // `living`: who must acknowledge; the other subtasks have finished.
  void Began(CheckpointId id, SnapshotKind kind, const std::vector<SubtaskPlace>& living, int64_t now_ms);
  void Triggered(const CheckpointTrigger& trigger);
  void Acknowledged(CheckpointId id, const SubtaskPlace& place, const CheckpointMetrics& metrics, int64_t state_bytes,
                    int64_t now_ms);
  // It has ended before it took part.
  void Finished(CheckpointId id, const SubtaskPlace& place);
  void Completed(CheckpointId id, std::string path, int64_t now_ms);
  void Failed(CheckpointId id, const Status& cause, int64_t now_ms);
  // A complete one has been deleted.
  void Discarded(CheckpointId id);
  // Tasks begin from it.
  void Restored(RestoredCheckpoint restored);

  // What is known now; the same object until something happens.
  std::shared_ptr<const CheckpointStatistics> Statistics() const;

 private:
  // Numbers of completed checkpoints, the newest behind.
  struct Series {
    std::deque<int64_t> state_bytes, checkpointed_bytes, duration_ms, processed_bytes, persisted_bytes;
  };
  using Record = std::shared_ptr<const CheckpointRecord>;

  CheckpointRecord* Find(CheckpointId id);
  // It is under way no more.
  Record End(CheckpointId id, CheckpointStatus status, int64_t now_ms);
  void Changed() { statistics_ = nullptr; }

  const std::shared_ptr<const JobGraph> graph_;
  const size_t history_;
  const bool is_unaligned_;
  std::map<CheckpointId, CheckpointRecord> pending_;
  std::map<CheckpointId, Record> ended_;  // the last `history_` that have ended
  CheckpointCounts counts_;
  Series series_;
  Record latest_completed_, latest_savepoint_, latest_failed_;
  std::optional<RestoredCheckpoint> latest_restored_;
  mutable std::shared_ptr<const CheckpointStatistics> statistics_;  // null: to be made anew
};

}  // namespace weir
