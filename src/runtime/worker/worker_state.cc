#include "weir/runtime/worker/worker_state.h"

#include <unistd.h>

#include <cstdlib>
#include <utility>
#include <vector>

#include "weir/config/checkpoint_options.h"
#include "weir/config/cluster_options.h"
#include "weir/config/state_options.h"
#include "weir/runtime/worker/worker_memory.h"
#include "weir/state/storage/local_copies.h"

namespace weir {

namespace {

// The folders that the option names; not set: those for temporary files. At least one.
StatusOr<std::vector<std::string>> LocalDirs(const Configuration& configuration,
                                             const ConfigOption<std::vector<std::string>>& wanted) {
  for (const auto* option : {&wanted, &kTemporaryDirs}) {
    if (configuration.FindEntry(option->key()) == nullptr) continue;
    WEIR_ASSIGN_OR_RETURN(const std::vector<std::string> folders, configuration.TryGet(*option));
    if (!folders.empty()) return folders;
  }
  const char* const system = std::getenv("TMPDIR");
  return std::vector<std::string>{system != nullptr && *system != '\0' ? system : "/tmp"};
}

}  // namespace

WorkerState::WorkerState(Configuration configuration, FileSystem* files, bool owns_process, double memory_share)
    : configuration_(std::move(configuration)),
      files_(files),
      owns_process_(owns_process),
      memory_share_(memory_share) {}

WorkerState::~WorkerState() = default;

Configuration WorkerState::All(const JobGraph& graph) const {
  Configuration all = configuration_;
  for (const auto& [key, value] : graph.configuration) all.SetText(key, value, "the job");
  return all;
}

StatusOr<LocalRecovery> WorkerState::LocalRecoveryOf(const JobGraph& graph, const JobId& job) {
  const Configuration all = All(graph);
  LocalRecovery local;
  WEIR_ASSIGN_OR_RETURN(local.is_used, all.TryGet(kLocalRecovery));
  WEIR_ASSIGN_OR_RETURN(const bool is_kept, all.TryGet(kLocalBackup));
  if (!is_kept && !local.is_used) return local;
  MutexLock lock(mutex_);
  if (copies_ == nullptr) {
    WEIR_ASSIGN_OR_RETURN(const std::vector<std::string> folders, LocalDirs(all, kLocalBackupDirs));
    // Copies must outlive a worker process that dies, but not the one that would start the next.
    const int owner = owns_process_ ? getppid() : getpid();
    WEIR_ASSIGN_OR_RETURN(copies_, LocalCopies::Open(*files_, folders[0], owner, job));
  }
  local.copies = copies_.get();
  return local;
}

void WorkerState::RemoveCopies() {
  MutexLock lock(mutex_);
  if (copies_ != nullptr) copies_->RemoveAll();
}

StatusOr<StateBackend*> WorkerState::BackendFor(const JobGraph& graph) {
  const Configuration all = All(graph);
  WEIR_ASSIGN_OR_RETURN(const StateBackendType type, all.TryGet(kStateBackend));
  const std::string name(ConfigValue<StateBackendType>::Format(type));
  MutexLock lock(mutex_);
  std::unique_ptr<StateBackend>& backend = backends_[name];
  if (backend == nullptr) {
    StateBackendOptions options;
    if (type == StateBackendType::kRocksDb) {
      WEIR_ASSIGN_OR_RETURN(options.rocksdb_directories, LocalDirs(all, kRocksDbLocalDirs));
      WEIR_ASSIGN_OR_RETURN(options.rocksdb_memory_bytes, ManagedMemoryBytes(all, memory_share_));
    } else if (HasMemorySize(all)) {
      WEIR_ASSIGN_OR_RETURN(options.heap_memory_bytes, ManagedMemoryBytes(all, memory_share_));
    }
    WEIR_ASSIGN_OR_RETURN(backend, NewStateBackend(name, options));
  }
  return backend.get();
}

}  // namespace weir
