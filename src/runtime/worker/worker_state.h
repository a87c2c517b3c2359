// The state backends of one worker, and its copies of snapshot files: each is made when a task first needs it, so that jobs pay only for what they use.
#pragma once

#include <map>
#include <memory>
#include <string>
#include <utility>

#include "weir/base/ids.h"
#include "weir/base/mutex.h"
#include "weir/base/status.h"
#include "weir/config/configuration.h"
#include "weir/graph/job/job_graph.h"
#include "weir/state/state_backend.h"

namespace weir {

class FileSystem;
class LocalCopies;

// What the job wants of copies on this machine's disk.
struct LocalRecovery {
  LocalCopies* copies = nullptr;  // null: none are kept
  bool is_used = false;           // restarted tasks read them
};

// Threads: any.
class WorkerState {
 public:
  // `configuration`: the process's; what the job sets goes before it. `owns_process`: another process started this one, and will start the next.
  // `memory_share`: see worker_memory.h.
  WorkerState(Configuration configuration, FileSystem* files, bool owns_process, double memory_share);
  ~WorkerState();

  // The backend that the job wants; lives as long as this.
  StatusOr<StateBackend*> BackendFor(const JobGraph& graph);
  // Lives as long as this.
  StatusOr<LocalRecovery> LocalRecoveryOf(const JobGraph& graph, const JobId& job);
  // The worker has no more tasks: there will be no other in its place.
  void RemoveCopies();

 private:
  Configuration All(const JobGraph& graph) const;

  const Configuration configuration_;
  FileSystem* const files_;
  const bool owns_process_;
  const double memory_share_;
  Mutex mutex_;
  std::map<std::string, std::unique_ptr<StateBackend>> backends_ WEIR_GUARDED_BY(mutex_);
  std::unique_ptr<LocalCopies> copies_ WEIR_GUARDED_BY(mutex_);
};

}  // namespace weir
