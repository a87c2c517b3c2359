#include "weir/config/checkpoint_options.h"

namespace weir {

using std::chrono_literals::operator""min;
using std::chrono_literals::operator""ms;

const ConfigOption<StateBackendType> kStateBackend{
    {.key = "state.backend.type",
     .doc = "Where keyed state lives: in memory (hashmap), or on the local disk with a cache in memory (rocksdb).",
     .deprecated_keys = {"state.backend"}},
    StateBackendType::kHashMap};

const ConfigOption<Duration> kCheckpointInterval{
    {.key = "execution.checkpointing.interval",
     .doc = "Time from the start of one checkpoint to the start of the next. Not set: no checkpoints."}};

const ConfigOption<CheckpointingMode> kCheckpointingMode{
    {.key = "execution.checkpointing.mode",
     .doc = "EXACTLY_ONCE: every record counts once in the state, whatever fails. AT_LEAST_ONCE: some may count twice "
            "after a failure; barriers never block a channel."},
    CheckpointingMode::kExactlyOnce};

const ConfigOption<Duration> kCheckpointTimeout{
    {.key = "execution.checkpointing.timeout", .doc = "A checkpoint that takes longer is aborted."},
    10min,
    {.at_least = 1ms}};

const ConfigOption<Duration> kCheckpointMinPause{
    {.key = "execution.checkpointing.min-pause",
     .doc = "Least time between the end of one checkpoint and the start of the next."},
    0ms,
    {.at_least = 0ms}};

const ConfigOption<int> kMaxConcurrentCheckpoints{
    {.key = "execution.checkpointing.max-concurrent-checkpoints", .doc = "Checkpoints that may be under way at once."},
    1,
    {.at_least = 1}};

const ConfigOption<int> kTolerableFailedCheckpoints{
    {.key = "execution.checkpointing.tolerable-failed-checkpoints",
     .doc = "Checkpoints that may fail one after the other before the job fails."},
    0,
    {.at_least = 0}};

const ConfigOption<std::string> kCheckpointDir{{.key = "execution.checkpointing.dir",
                                                .doc = "The folder for checkpoints, as all processes see it.",
                                                .deprecated_keys = {"state.checkpoints.dir"}}};

const ConfigOption<std::string> kSavepointDir{{.key = "execution.checkpointing.savepoint-dir",
                                               .doc = "The folder for savepoints for which no other is given.",
                                               .deprecated_keys = {"state.savepoints.dir"}}};

const ConfigOption<int> kRetainedCheckpoints{{.key = "execution.checkpointing.num-retained",
                                              .doc = "Completed checkpoints that are kept.",
                                              .deprecated_keys = {"state.checkpoints.num-retained"}},
                                             1,
                                             {.at_least = 1}};

const ConfigOption<CheckpointRetention> kCheckpointRetention{
    {.key = "execution.checkpointing.externalized-checkpoint-retention",
     .doc = "What becomes of the last checkpoint when the job is cancelled."},
    CheckpointRetention::kNone};

const ConfigOption<bool> kIncrementalCheckpoints{
    {.key = "execution.checkpointing.incremental",
     .doc = "Whether a checkpoint holds only what has changed since the last.",
     .deprecated_keys = {"state.backend.incremental"}},
    true};

const ConfigOption<bool> kUnalignedCheckpoints{
    {.key = "execution.checkpointing.unaligned.enabled",
     .doc = "Whether barriers overtake the records in flight, which are then part of the checkpoint. Keeps checkpoints "
            "short under back-pressure.",
     .deprecated_keys = {"execution.checkpointing.unaligned"}},
    false};

const ConfigOption<Duration> kAlignedCheckpointTimeout{
    {.key = "execution.checkpointing.aligned-checkpoint-timeout",
     .doc = "With unaligned checkpoints: how long a checkpoint first tries to align."},
    0ms,
    {.at_least = 0ms}};

const ConfigOption<CheckpointStorageType> kCheckpointStorage{
    {.key = "execution.checkpointing.storage",
     .doc =
         "Where checkpoints are kept: in files below execution.checkpointing.dir, or in the JobManager's memory, from "
         "where they serve restarts and nothing else. Without a folder it is always the memory.",
     .deprecated_keys = {"state.checkpoint-storage"}},
    CheckpointStorageType::kFilesystem};

const ConfigOption<MemorySize> kStateMemoryThreshold{
    {.key = "state.storage.fs.memory-threshold",
     .doc = "State no larger than this is part of the checkpoint's _metadata and gets no file of its own.",
     .deprecated_keys = {"state.backend.fs.memory-threshold"}},
    MemorySize{20 << 10}};

const ConfigOption<std::string> kRestorePath{
    {.key = "execution.state-recovery.path",
     .doc =
         "The savepoint or checkpoint that the job starts from. latest: the newest intact checkpoint of a job of this "
         "name in execution.checkpointing.dir, which is then continued; a fresh start if there is none. The option "
         "-s, --restore or --fromSavepoint of a program.",
     .deprecated_keys = {"execution.savepoint.path"}}};

const ConfigOption<RestoreClaimMode> kRestoreClaimMode{
    {.key = "execution.state-recovery.claim-mode",
     .doc = "To whom the snapshot belongs that the job starts from. NO_CLAIM: to you; after the job's first checkpoint "
            "it may be deleted. CLAIM: to the job, which deletes it when it is not needed any more. LEGACY: to you, as "
            "long as checkpoints of the job refer to it.",
     .deprecated_keys = {"execution.savepoint-restore-mode"}},
    RestoreClaimMode::kNoClaim};

const ConfigOption<bool> kAllowNonRestoredState{
    {.key = "execution.state-recovery.ignore-unclaimed-state",
     .doc =
         "Whether state of operators that the job does not have is left behind, instead of being an error. The option "
         "--allowNonRestoredState of a program.",
     .deprecated_keys = {"execution.savepoint.ignore-unclaimed-state"}},
    false};

}  // namespace weir
