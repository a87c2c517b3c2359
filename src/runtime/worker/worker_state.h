// The state backends of one worker: each is made when a task first needs it, so that jobs pay only for what they use.
#pragma once

#include <map>
#include <memory>
#include <string>
#include <utility>

#include "weir/base/mutex.h"
#include "weir/base/status.h"
#include "weir/config/configuration.h"
#include "weir/graph/job/job_graph.h"
#include "weir/state/state_backend.h"

namespace weir {

// Threads: any.
class WorkerState {
 public:
  // `configuration`: the process's; what the job sets goes before it.
  explicit WorkerState(Configuration configuration) : configuration_(std::move(configuration)) {}

  // The backend that the job wants; lives as long as this.
  StatusOr<StateBackend*> BackendFor(const JobGraph& graph);

 private:
  const Configuration configuration_;
  Mutex mutex_;
  std::map<std::string, std::unique_ptr<StateBackend>> backends_ WEIR_GUARDED_BY(mutex_);
};

}  // namespace weir
