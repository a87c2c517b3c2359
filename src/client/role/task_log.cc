#include "weir/client/role/task_log.h"

#include <algorithm>

#include "weir/base/logging.h"

namespace weir {

void TaskLog::Add(const TaskDeploymentDescriptor& task, const JobGraph& graph) {
  const auto vertex = std::ranges::find(graph.vertices, task.vertex_id, &JobVertex::id);
  const std::string vertex_name = vertex == graph.vertices.end() ? "a task" : vertex->name;
  // As Flink names an attempt.
  std::string name = vertex_name + " (" + std::to_string(task.subtask_index + 1) + "/" +
                     std::to_string(task.parallelism) + ")#" + std::to_string(task.attempt_number);
  const MutexLock lock(mutex_);
  names_[task.attempt_id] = std::move(name);
}

void TaskLog::Write(const TaskStateUpdate& update) {
  std::string name = "a task";
  {
    const MutexLock lock(mutex_);
    const auto found = names_.find(update.attempt_id);
    if (found != names_.end()) name = found->second;
    if (found != names_.end() && IsTerminal(update.state)) names_.erase(found);
  }
  const std::string_view state = ExecutionStateName(update.state);
  if (update.error.ok()) {
    WEIR_LOG(kInfo, "{} is {} (attempt {})", name, state, update.attempt_id.ToHex());
  } else {
    WEIR_LOG(kWarning, "{} is {} (attempt {}): {}", name, state, update.attempt_id.ToHex(), update.error.message());
  }
}

}  // namespace weir
