// From acknowledgements to metadata, and from metadata to what a task is restored from: pure functions.
#pragma once

#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "weir/base/ids.h"
#include "weir/base/status.h"
#include "weir/graph/job/job_graph.h"
#include "weir/rpc/checkpoint_messages.h"
#include "weir/state/storage/checkpoint_metadata.h"

namespace weir {

// Step 7: what `_metadata` will say. `sources`: the enumerators' states. Subtasks without an entry in `states` have finished. `is_last`: the others had read
// all their input when it began. kFailedPrecondition: an operator with union list state has finished in part, and its other subtasks, which go on, would get
// too little at a restore.
StatusOr<CheckpointMetadata> BuildMetadata(const JobGraph& graph, const JobId& job_id, const CheckpointTrigger& trigger,
                                           const std::vector<std::pair<OperatorId, std::string>>& sources,
                                           std::vector<OperatorSubtaskState> states, bool is_last);

// kDataLoss: these are not the states of that subtask of graph.vertices[vertex], one of each operator of its chain at most. They come from the job's own process.
Status CheckSubtaskStates(const JobGraph& graph, int vertex, int subtask,
                          const std::vector<OperatorSubtaskState>& states);

// Makes `graph` one that can be started from the snapshot: an unset max parallelism becomes that of the snapshot. An error says what does not fit, and what
// to do; `allows_non_restored`: state without a home is left behind.
Status FitGraphToSnapshot(const CheckpointMetadata& metadata, bool allows_non_restored, JobGraph& graph);

// The snapshot's operator whose state `op` gets: the one under its SetUidHash, else under its id; nullptr if there is none.
const OperatorSnapshot* SnapshotOf(const CheckpointMetadata& metadata, const JobOperator& op);

// What a task is restored from; see TaskDeploymentDescriptor.
struct RestoredTask {
  std::vector<OperatorSubtaskState> operators = {};  // of its chain; empty if the snapshot has nothing for it
  bool redistributes_in_flight = false;
};
// Of subtask `subtask` of graph.vertices[vertex].
RestoredTask StateOfSubtask(const CheckpointMetadata& metadata, const JobGraph& graph, int vertex, int subtask);

}  // namespace weir
