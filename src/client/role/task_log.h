// What the log of a worker says about its tasks: each change of their states, by name.
#pragma once

#include <map>
#include <string>

#include "weir/base/mutex.h"
#include "weir/graph/job/job_graph.h"
#include "weir/rpc/task_deployment.h"

namespace weir {

// Threads: any.
class TaskLog {
 public:
  // Before the task's first state.
  void Add(const TaskDeploymentDescriptor& task, const JobGraph& graph);
  // "Map (2/4)#0 is RUNNING". An end forgets the task.
  void Write(const TaskStateUpdate& update);

 private:
  Mutex mutex_;
  std::map<ExecutionAttemptId, std::string> names_ WEIR_GUARDED_BY(mutex_);
};

}  // namespace weir
