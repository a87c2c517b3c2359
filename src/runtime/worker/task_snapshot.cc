#include "weir/runtime/worker/task_snapshot.h"

#include <utility>

#include "weir/state/storage/operator_state_files.h"
#include "weir/state/storage/snapshot_writer.h"
#include "weir/types/key_group.h"

namespace weir {

StatusOr<std::vector<OperatorSubtaskState>> WriteTaskSnapshot(FileSystem& files, const SnapshotLocation& location,
                                                              const TaskDeploymentDescriptor& task,
                                                              const JobVertex& vertex,
                                                              const std::vector<OperatorStateParts>& state) {
  SnapshotWriter writer(files, location, task.attempt_id.ToHex());
  const KeyGroupRange own = KeyGroupRangeOf(task.subtask_index, task.parallelism, task.max_parallelism);
  std::vector<OperatorSubtaskState> written;
  for (size_t i = 0; i < state.size(); ++i) {
    const JobOperator& op = vertex.operators[i];
    const KeyGroupRange key_groups = state[i].keyed.empty() ? KeyGroupRange() : own;
    StatusOr<OperatorSubtaskState> one = WriteOperatorState(writer, op.id, task.subtask_index, key_groups, state[i]);
    if (!one.ok()) return one.status().Annotate("operator \"" + op.name + "\"");
    written.push_back(*std::move(one));
  }
  WEIR_RETURN_IF_ERROR(writer.Commit());
  return written;
}

}  // namespace weir
