// What a JobMaster tells a TaskManager so that it runs one subtask.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "weir/base/ids.h"
#include "weir/base/status.h"
#include "weir/rpc/deployed_region.h"
#include "weir/rpc/execution_state.h"
#include "weir/state/storage/checkpoint_metadata.h"

namespace weir {

// One incoming JobEdge of a subtask: the channels to all upstream subtasks that feed it.
struct InputGateDeployment {
  int32_t edge = 0;  // number of the JobEdge among the vertex' inputs
  ChannelRange channels = {};
};

// One outgoing JobEdge of a subtask: its channels in the order of the partitioner's channel numbers.
struct ResultPartitionDeployment {
  int32_t result = 0;  // number of the JobEdge among the vertex' outputs
  ChannelRange channels = {};
};

struct TaskDeploymentDescriptor {
  JobId job_id;
  std::string job_name;
  VertexId vertex_id;
  ExecutionAttemptId attempt_id;
  int32_t subtask_index = 0;
  int32_t parallelism = 1;
  int32_t max_parallelism = 128;
  int32_t attempt_number = 0;
  int32_t slot = 0;  // of the TaskManager; its tasks share one step executor
  std::vector<InputGateDeployment> inputs = {};
  std::vector<ResultPartitionDeployment> outputs = {};
  // What its channels refer to.
  std::shared_ptr<const DeployedRegion> region = {};
  // The checkpoint or savepoint that the task starts from; none: it starts afresh.
  CheckpointId restored_checkpoint = CheckpointId::None();
  // State to restore, per operator of the chain, as it has been dealt out to this subtask. Empty: start afresh.
  std::vector<OperatorSubtaskState> restored_state = {};
  // The in-flight data in it comes from channels that are others now: rows that do not belong to this subtask are to be left out.
  bool redistributes_in_flight = false;
};

// Numbers of one subtask, for progress, REST and metrics.
struct TaskStatistics {
  int64_t records_in = 0;
  int64_t records_out = 0;   // to other tasks, and by sinks to the outside world
  int64_t bytes_read = 0;    // of a source's input
  int64_t bytes_total = -1;  // -1: unknown
  int64_t watermark = INT64_MIN;
  int64_t busy_ns = 0;
  int64_t idle_ns = 0;
  int64_t backpressured_ns = 0;
  // From and to other tasks: rows times the size of a row. Text that rows point to is not in it, and within a process nothing is serialized.
  int64_t bytes_in = 0;
  int64_t bytes_out = 0;
};

// What a subtask of an aligned source reports of itself.
struct WatermarkReport {
  std::string group = {};    // of sources that keep step
  int64_t max_drift_ms = 0;  // how far it may be ahead of the last one of them
  int64_t watermark = INT64_MIN;
};

// What a TaskManager reports about one attempt.
struct TaskStateUpdate {
  JobId job_id;
  ExecutionAttemptId attempt_id;
  ExecutionState state = ExecutionState::kCreated;
  Status error;                                               // kFailed: the cause
  std::vector<std::pair<std::string, int64_t>> accumulators;  // terminal states
  TaskStatistics statistics;                                  // terminal states
};

}  // namespace weir
