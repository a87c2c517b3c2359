// What the rules look at: plain numbers of one moment, put together from what the JobMaster knows and what processes report.
#pragma once

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "weir/metrics/metric_snapshot.h"
#include "weir/rpc/job_messages.h"

namespace weir {

struct OperatorFacts {
  std::string name;
  bool is_sink = false;
  double self_share = 0;  // of a second spent in it, 0 to 1
  // Keys that come most often and their shares of the input, those first; empty: not keyed, or too little seen.
  std::vector<std::pair<std::string, double>> hot_keys = {};
};

// The split of a source that is behind all others of its subtask.
struct SplitFacts {
  bool is_known = false;
  int64_t split = 0;
  int64_t watermark = 0;
  int64_t furthest = 0;  // of the split that is ahead
  int64_t silent_ms = 0;
};

struct SubtaskFacts {
  bool is_measured = false;  // it runs, and a process reports it
  double busy = 0;           // shares of the last seconds, 0 to 1
  double idle = 0;
  double backpressured = 0;
  int64_t records_in = 0;
  int64_t watermark = INT64_MIN;
  double process_cores = -1;  // that its whole process uses, or waits for because others have them; -1: unknown
  std::vector<OperatorFacts> operators = {};
  SplitFacts slowest_split = {};
};

struct VertexFacts {
  VertexId id;
  std::string name;
  bool is_source = false;
  std::vector<int> inputs = {};  // vertices it reads from
  std::vector<SubtaskFacts> subtasks = {};
};

// Flink's threshold between low and high back-pressure.
inline constexpr double kHeldBack = 0.5;
// Of the subtask that has most, 0 to 1.
double MostBackPressured(const VertexFacts& vertex);
inline bool IsHeldBack(const VertexFacts& vertex) { return MostBackPressured(vertex) >= kHeldBack; }

struct FailureFacts {
  bool is_known = false;
  int64_t age_ms = 0;
  std::string cause = {};
  std::string task = {};  // empty: not one task's
  int restarts = 0;
  bool has_ended_job = false;
};

// The oldest checkpoint that is under way, and those before it.
struct CheckpointFacts {
  bool is_pending = false;
  int64_t id = 0;
  int64_t age_ms = 0;
  int64_t usual_ms = 0;                        // of completed ones; 0: there is none
  std::vector<std::vector<int>> missing = {};  // by vertex: subtasks that have not acknowledged
  int failed_in_a_row = 0;
  std::string last_failure = {};
};

struct JobFacts {
  std::string name;
  JobStatus status = JobStatus::kRunning;
  int64_t now_ms = 0;
  int64_t uptime_ms = 0;
  std::string waiting_for = {};
  std::vector<VertexFacts> vertices;  // in topological order
  FailureFacts failure;
  CheckpointFacts checkpoint;
};

JobFacts FactsOf(const JobDetails& job, const std::vector<MetricReport>& reports, int64_t now_ms);

}  // namespace weir
