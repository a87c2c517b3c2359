#include "weir/config/state_options.h"

namespace weir {

const ConfigOption<MemorySize> kManagedMemory{
    {.key = "taskmanager.memory.managed.size",
     .doc =
         "What keyed state may use, all slots of a TaskManager together: RocksDB for rows, write buffers and blocks, "
         "the heap for its tables, which fail the job beyond it. A job has the shares of its slots. Not set: "
         "taskmanager.memory.managed.fraction of the process's memory, and no limit for the heap if "
         "taskmanager.memory.process.size is not set either."}};

const ConfigOption<double> kManagedMemoryFraction{
    {.key = "taskmanager.memory.managed.fraction",
     .doc = "The share of taskmanager.memory.process.size that is managed memory, where its size is not set."},
    0.4,
    {.at_least = 0.01, .at_most = 0.9}};

const ConfigOption<std::vector<std::string>> kRocksDbLocalDirs{
    {.key = "state.backend.rocksdb.localdir",
     .doc =
         "Folders for the files of the backend rocksdb, best on different local disks: each operator takes the next. "
         "Its files are removed when it ends. Not set: io.tmp.dirs."}};

const ConfigOption<bool> kLocalBackup{
    {.key = "execution.checkpointing.local-backup.enabled",
     .doc = "Whether each machine keeps copies of the files that its tasks have written for the last checkpoint."},
    false};

const ConfigOption<std::vector<std::string>> kLocalBackupDirs{
    {.key = "execution.checkpointing.local-backup.dirs",
     .doc = "The folder for these copies, the first if there are several. Not set: io.tmp.dirs.",
     .deprecated_keys = {"taskmanager.state.local.root-dirs"}}};

const ConfigOption<bool> kLocalRecovery{
    {.key = "execution.state-recovery.from-local",
     .doc = "Whether tasks that restart on the machine where they ran read its copies (which are kept then) instead of "
            "the checkpoint's files. What is missing or damaged comes from the checkpoint.",
     .deprecated_keys = {"state.backend.local-recovery"}},
    false};

}  // namespace weir
