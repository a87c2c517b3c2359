// Makes the task of one deployment from the plan.
#pragma once

#include <functional>
#include <memory>
#include <vector>

#include "weir/base/status.h"
#include "weir/functions/runtime_context.h"
#include "weir/graph/job/job_graph.h"
#include "weir/rpc/task_deployment.h"
#include "weir/runtime/task/stream_task.h"

namespace weir {

class LocalCopies;
class MetricGroup;
class StateBackend;
class WorkerChannels;
class WorkerMetrics;

// What a task needs from its worker.
struct TaskEnvironment {
  const Clock* clock = nullptr;
  FileSystem* file_system = nullptr;
  WorkerMetrics* metrics = nullptr;
  StateBackend* state_backend = nullptr;
  LocalCopies* copies = nullptr;  // that the task may be restored from; null: none
  std::string ship_directory;
  WorkerChannels* channels = nullptr;
  EventCount* executor = nullptr;
  TaskObserver* observer = nullptr;
};

// A task, the accumulators that its operators add to (which the task keeps too), and what it shows of itself.
struct BuiltTask {
  std::unique_ptr<StreamTask> task;
  std::vector<std::unique_ptr<MetricGroup>> metrics;  // must go first
  std::shared_ptr<Accumulators> accumulators;
};

// `graph` must outlive the task: its factories are used by it. Fails if user constructors throw, or the graph carries no code.
StatusOr<BuiltTask> BuildTask(const TaskDeploymentDescriptor& deployment, const JobGraph& graph,
                              const TaskEnvironment& environment);

}  // namespace weir
