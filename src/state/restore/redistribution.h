// How the state of an operator is spread over its subtasks when a job starts from a snapshot, at the same parallelism or another. Pure: handles are cut
// and dealt out, no byte is read.
//
//   keyed state      each subtask gets what was written for its key groups
//   list, split      at the same parallelism as it was; else dealt out in even runs, names one after the other (as Flink does)
//   list, union      every subtask gets all elements of all
//   broadcast        subtask i gets those of subtask i mod the old parallelism
//
// In-flight data stays where it was, and is left out at another parallelism: dealing that out takes the job graph (jobmanager/checkpoint/snapshot_metadata.h).
#pragma once

#include <vector>

#include "weir/state/storage/checkpoint_metadata.h"

namespace weir {

// The state of subtasks 0 .. parallelism - 1, under the id that the operator has now. `stored.max_parallelism` must be that of the job, and not below
// `parallelism`.
std::vector<OperatorSubtaskState> Redistribute(const OperatorSnapshot& stored, const OperatorId& now, int parallelism);

// Every subtask had read all its input and closed: a job that starts from the snapshot need not run it.
bool IsFullyFinished(const OperatorSnapshot& stored);

}  // namespace weir
