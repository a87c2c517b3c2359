// What clients, REST and the JobManager tell each other about jobs.
#pragma once

#include <array>
#include <cstdint>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "weir/base/ids.h"
#include "weir/base/status.h"
#include "weir/base/time.h"
#include "weir/base/unique_function.h"
#include "weir/rpc/execution_state.h"
#include "weir/rpc/job_status.h"
#include "weir/rpc/task_deployment.h"

namespace weir {

class Configuration;
struct CheckpointStatistics;
struct JobGraph;

// Answers a request, exactly once, on the event loop of whoever answers; it must not block.
template <class T>
using Reply = UniqueFunction<void(StatusOr<T>)>;
using StatusReply = UniqueFunction<void(Status)>;

// Sums by name, sorted by name.
using AccumulatorTotals = std::vector<std::pair<std::string, int64_t>>;

// A job to run. The graph and the configuration never change from here on and are shared.
struct JobSubmission {
  JobId job_id;
  std::shared_ptr<const JobGraph> graph;
  std::shared_ptr<const Configuration> configuration;
  // An earlier JobManager had accepted it: it goes on from its own last checkpoint. Never on the wire.
  bool recovers = false;
};

// What remains of a job that has ended.
struct JobResult {
  JobId job_id;
  std::string job_name;
  JobStatus status = JobStatus::kInitializing;
  Status error;  // FAILED: the first cause, with operator, subtask and position
  AccumulatorTotals accumulators;
  Timestamp start_time;
  Timestamp end_time;
};

// One line of `weir list`.
struct JobOverview {
  JobId job_id;
  std::string job_name;
  JobStatus status = JobStatus::kInitializing;
  Timestamp start_time;
  Timestamp end_time;  // of a job that has ended; else the time of the answer
};

// The present attempt of one subtask.
struct SubtaskDetails {
  ExecutionAttemptId attempt_id;
  int32_t attempt_number = 0;
  ExecutionState state = ExecutionState::kCreated;
  TaskManagerId task_manager;  // empty before it has a slot
  TaskStatistics statistics;   // the latest that were reported
  TaskStatistics earlier;      // those reported before
  // Wall time at which each state was entered, by ExecutionState; kNoEventTime: not yet.
  std::array<EventTime, kExecutionStates> entered = {};
};

struct VertexDetails {
  VertexId vertex_id;
  std::string name;
  bool is_source = false;
  bool is_sink = false;  // nothing comes behind it
  std::vector<SubtaskDetails> subtasks = {};
};

// What began one failover, or ended the job.
struct JobFailure {
  Timestamp time;
  Status cause;
  std::string task = {};            // "Map (2/4)"; empty: not one task's failure
  int32_t attempt = 0;              // of the task
  TaskManagerId task_manager = {};  // where it ran
  // Of other tasks, before the failover was over; no more than are kept.
  std::vector<JobFailure> concurrent = {};
};

// Everything about one job: the job page, `weir status`, the progress line.
struct JobDetails {
  JobOverview overview;
  Status error = {};                         // the first cause, once the job fails or while it restarts
  int32_t restarts = 0;                      // regions or the whole job, each counts once
  std::string waiting_for = {};              // "2 of 4 slots", or empty
  std::vector<VertexDetails> vertices = {};  // in topological order
  AccumulatorTotals accumulators = {};
  std::vector<std::pair<JobStatus, Timestamp>> status_times = {};  // when each was last entered, in that order
  std::vector<JobFailure> failures = {};                           // the latest first; no more than are kept
  std::shared_ptr<const JobGraph> graph = nullptr;
  std::shared_ptr<const Configuration> configuration = nullptr;
  std::shared_ptr<const CheckpointStatistics> checkpoints = nullptr;  // never null in an answer
};

}  // namespace weir
