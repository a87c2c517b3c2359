// The in-flight data of unaligned checkpoints, between a task's gates and the files of a snapshot: docs/formats/in_flight_data.md.
#pragma once

#include <memory>
#include <vector>

#include "weir/base/file/file_system.h"
#include "weir/base/status.h"
#include "weir/graph/job/job_graph.h"
#include "weir/rpc/task_deployment.h"
#include "weir/runtime/network/input_gate.h"
#include "weir/runtime/task/operator_chain.h"
#include "weir/state/storage/snapshot_writer.h"

namespace weir {

// Writes it, and hangs it on `state`, that of the task's first operator. Few bytes go inline; else all channels share a file. Waits for the disk.
Status WriteInFlight(SnapshotWriter& writer, const std::vector<CapturedChannel>& channels, OperatorSubtaskState& state);

// Gives every gate what the checkpoint held for it. When the channels are others than they were (TaskDeploymentDescriptor::redistributes_in_flight), rows of
// a hash edge go by their keys; `deployment` then holds the data of every former subtask that may have some. Waits for the disk.
Status RestoreInFlight(FileSystem& files, const TaskDeploymentDescriptor& deployment, const JobGraph& graph,
                       std::vector<std::unique_ptr<InputGate>>& gates);

// Gives the operators behind the head what the checkpoint held for them: they had channels when it was taken, and are chained now. It is processed before
// anything new, the last operator's first. Waits for the disk.
Status RestoreChainedInFlight(FileSystem& files, const TaskDeploymentDescriptor& deployment, const JobVertex& vertex,
                              OperatorChain& chain);

}  // namespace weir
