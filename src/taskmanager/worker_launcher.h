// How a TaskExecutor gets a worker for a job: in its own process when embedded, a process of its own on a cluster.
#pragma once

#include <memory>

#include "weir/base/ids.h"
#include "weir/base/status.h"
#include "weir/runtime/worker/worker.h"

namespace weir {

class WorkerLauncher {
 public:
  virtual ~WorkerLauncher() = default;
  // A worker for the tasks of `job_id` on this machine, with `slots` step executors. `listener` outlives it.
  virtual StatusOr<std::unique_ptr<Worker>> Launch(JobId job_id, int slots, WorkerListener* listener) = 0;
};

}  // namespace weir
