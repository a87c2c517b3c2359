// The snapshot of one task, on its way to files: docs/checkpointing.md, step 6.
#pragma once

#include <vector>

#include "weir/base/file/file_system.h"
#include "weir/base/status.h"
#include "weir/graph/job/job_graph.h"
#include "weir/rpc/task_deployment.h"
#include "weir/state/snapshot/operator_state_parts.h"
#include "weir/state/storage/checkpoint_metadata.h"
#include "weir/state/storage/snapshot_location.h"

namespace weir {

// Writes and syncs it; nothing stays after an error. `state`: by operator of the vertex' chain. Waits for the disk. Threads: any.
StatusOr<std::vector<OperatorSubtaskState>> WriteTaskSnapshot(FileSystem& files, const SnapshotLocation& location,
                                                              const TaskDeploymentDescriptor& task,
                                                              const JobVertex& vertex,
                                                              const std::vector<OperatorStateParts>& state);

}  // namespace weir
