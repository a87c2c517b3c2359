#include "weir/config/checkpoint_options.h"

namespace weir {

using std::chrono_literals::operator""min;
using std::chrono_literals::operator""ms;

namespace {
constexpr OptionStatus kNotYet = OptionStatus::kPlanned;
}  // namespace

const ConfigOption<StateBackendType> kStateBackend{
    {.key = "state.backend.type",
     .doc = "Where keyed state lives: in memory (hashmap), or on the local disk with a cache in memory (rocksdb).",
     .deprecated_keys = {"state.backend"}},
    StateBackendType::kHashMap};

const ConfigOption<Duration> kCheckpointInterval{
    {.key = "execution.checkpointing.interval",
     .doc = "Time from the start of one checkpoint to the start of the next. Not set: no checkpoints.",
     .status = kNotYet}};

const ConfigOption<CheckpointingMode> kCheckpointingMode{
    {.key = "execution.checkpointing.mode",
     .doc = "EXACTLY_ONCE: every record counts once in the state, whatever fails. AT_LEAST_ONCE: some may count twice "
            "after a failure; barriers never block a channel.",
     .status = kNotYet},
    CheckpointingMode::kExactlyOnce};

const ConfigOption<Duration> kCheckpointTimeout{
    {.key = "execution.checkpointing.timeout", .doc = "A checkpoint that takes longer is aborted.", .status = kNotYet},
    10min,
    {.at_least = 1ms}};

const ConfigOption<Duration> kCheckpointMinPause{
    {.key = "execution.checkpointing.min-pause",
     .doc = "Least time between the end of one checkpoint and the start of the next.",
     .status = kNotYet},
    0ms,
    {.at_least = 0ms}};

const ConfigOption<int> kMaxConcurrentCheckpoints{{.key = "execution.checkpointing.max-concurrent-checkpoints",
                                                   .doc = "Checkpoints that may be under way at once.",
                                                   .status = kNotYet},
                                                  1,
                                                  {.at_least = 1}};

const ConfigOption<int> kTolerableFailedCheckpoints{
    {.key = "execution.checkpointing.tolerable-failed-checkpoints",
     .doc = "Checkpoints that may fail one after the other before the job fails.",
     .status = kNotYet},
    0,
    {.at_least = 0}};

const ConfigOption<std::string> kCheckpointDir{{.key = "execution.checkpointing.dir",
                                                .doc = "The folder for checkpoints, as all processes see it.",
                                                .deprecated_keys = {"state.checkpoints.dir"},
                                                .status = kNotYet}};

const ConfigOption<std::string> kSavepointDir{{.key = "execution.checkpointing.savepoint-dir",
                                               .doc = "The folder for savepoints for which no other is given.",
                                               .deprecated_keys = {"state.savepoints.dir"},
                                               .status = kNotYet}};

const ConfigOption<int> kRetainedCheckpoints{{.key = "execution.checkpointing.num-retained",
                                              .doc = "Completed checkpoints that are kept.",
                                              .deprecated_keys = {"state.checkpoints.num-retained"},
                                              .status = kNotYet},
                                             1,
                                             {.at_least = 1}};

const ConfigOption<CheckpointRetention> kCheckpointRetention{
    {.key = "execution.checkpointing.externalized-checkpoint-retention",
     .doc = "What becomes of the last checkpoint when the job is cancelled.",
     .status = kNotYet},
    CheckpointRetention::kNone};

const ConfigOption<bool> kIncrementalCheckpoints{
    {.key = "execution.checkpointing.incremental",
     .doc = "Whether a checkpoint holds only what has changed since the last.",
     .deprecated_keys = {"state.backend.incremental"},
     .status = kNotYet},
    true};

const ConfigOption<bool> kUnalignedCheckpoints{
    {.key = "execution.checkpointing.unaligned.enabled",
     .doc = "Whether barriers overtake the records in flight, which are then part of the checkpoint. Keeps checkpoints "
            "short under back-pressure.",
     .deprecated_keys = {"execution.checkpointing.unaligned"},
     .status = kNotYet},
    false};

const ConfigOption<Duration> kAlignedCheckpointTimeout{
    {.key = "execution.checkpointing.aligned-checkpoint-timeout",
     .doc = "With unaligned checkpoints: how long a checkpoint first tries to align.",
     .status = kNotYet},
    0ms,
    {.at_least = 0ms}};

}  // namespace weir
