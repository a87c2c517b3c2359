#include "weir/runtime/worker/worker_state.h"

#include <unistd.h>

#include <cstdlib>
#include <utility>
#include <vector>

#include "weir/config/checkpoint_options.h"
#include "weir/config/cluster_options.h"
#include "weir/config/state_options.h"
#include "weir/state/storage/local_copies.h"

namespace weir {

namespace {

constexpr MemorySize kLeastManagedMemory = MemorySize::MiB(8);

// Bytes that the backends of one worker may take.
StatusOr<uint64_t> ManagedMemoryBytes(const Configuration& configuration) {
  if (const auto* entry = configuration.FindEntry(kManagedMemory.key()); entry != nullptr) {
    WEIR_ASSIGN_OR_RETURN(const MemorySize size, configuration.TryGet(kManagedMemory));
    if (size >= kLeastManagedMemory) return static_cast<uint64_t>(size.bytes());
    return InvalidArgumentError(entry->origin + ": taskmanager.memory.managed.size is " + entry->value +
                                "; expected at least 8 mb");
  }
  WEIR_ASSIGN_OR_RETURN(const MemorySize process, configuration.TryGet(kTaskManagerMemory));
  WEIR_ASSIGN_OR_RETURN(const double fraction, configuration.TryGet(kManagedMemoryFraction));
  return static_cast<uint64_t>(static_cast<double>(process.bytes()) * fraction);
}

// Whether anybody said how much memory there is. If not, state on the heap may take what the machine has.
bool HasMemorySize(const Configuration& configuration) {
  return configuration.FindEntry(kManagedMemory.key()) != nullptr ||
         configuration.FindEntry(kTaskManagerMemory.key()) != nullptr;
}

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

WorkerState::WorkerState(Configuration configuration, FileSystem* files, bool owns_process)
    : configuration_(std::move(configuration)), files_(files), owns_process_(owns_process) {}

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
      WEIR_ASSIGN_OR_RETURN(options.rocksdb_memory_bytes, ManagedMemoryBytes(all));
    } else if (HasMemorySize(all)) {
      WEIR_ASSIGN_OR_RETURN(options.heap_memory_bytes, ManagedMemoryBytes(all));
    }
    WEIR_ASSIGN_OR_RETURN(backend, NewStateBackend(name, options));
  }
  return backend.get();
}

}  // namespace weir
