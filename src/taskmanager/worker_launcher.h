// How a TaskExecutor gets a worker for a job: in its own process when embedded, a process of its own on a cluster.
#pragma once

#include <memory>

#include "weir/base/ids.h"
#include "weir/base/status.h"
#include "weir/runtime/worker/worker.h"

namespace weir {

// A worker for the tasks of a job on this machine.
struct WorkerRequest {
  JobId job_id;
  int slots = 1;            // of the TaskManager
  double memory_share = 1;  // of its memory: the job's slots over all of them
  std::shared_ptr<const JobGraph> graph;
};

class WorkerLauncher {
 public:
  virtual ~WorkerLauncher() = default;
  // `listener` outlives the worker.
  virtual StatusOr<std::unique_ptr<Worker>> Launch(WorkerRequest request, WorkerListener* listener) = 0;
};

}  // namespace weir
