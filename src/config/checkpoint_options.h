// State and its checkpoints.
#pragma once

#include <string>

#include "weir/config/config_option.h"
#include "weir/config/memory_size.h"

namespace weir {

enum class StateBackendType { kHashMap, kRocksDb };

template <>
struct ConfigEnum<StateBackendType> {
  // The third and fourth are Flink 1.x's, which said where checkpoints lie, too.
  static constexpr EnumName<StateBackendType> kNames[] = {{"hashmap", StateBackendType::kHashMap},
                                                          {"rocksdb", StateBackendType::kRocksDb},
                                                          {"filesystem", StateBackendType::kHashMap},
                                                          {"jobmanager", StateBackendType::kHashMap}};
};

enum class CheckpointingMode { kExactlyOnce, kAtLeastOnce };

template <>
struct ConfigEnum<CheckpointingMode> {
  static constexpr EnumName<CheckpointingMode> kNames[] = {{"EXACTLY_ONCE", CheckpointingMode::kExactlyOnce},
                                                           {"AT_LEAST_ONCE", CheckpointingMode::kAtLeastOnce}};
};

enum class CheckpointRetention { kNone, kDeleteOnCancellation, kRetainOnCancellation };

template <>
struct ConfigEnum<CheckpointRetention> {
  static constexpr EnumName<CheckpointRetention> kNames[] = {
      {"NO_EXTERNALIZED_CHECKPOINTS", CheckpointRetention::kNone},
      {"DELETE_ON_CANCELLATION", CheckpointRetention::kDeleteOnCancellation},
      {"RETAIN_ON_CANCELLATION", CheckpointRetention::kRetainOnCancellation}};
};

enum class CheckpointStorageType { kJobManager, kFilesystem };

template <>
struct ConfigEnum<CheckpointStorageType> {
  static constexpr EnumName<CheckpointStorageType> kNames[] = {{"jobmanager", CheckpointStorageType::kJobManager},
                                                               {"filesystem", CheckpointStorageType::kFilesystem}};
};

// To whom the snapshot belongs that a job is started from.
enum class RestoreClaimMode { kNoClaim, kClaim, kLegacy };

template <>
struct ConfigEnum<RestoreClaimMode> {
  static constexpr EnumName<RestoreClaimMode> kNames[] = {{"NO_CLAIM", RestoreClaimMode::kNoClaim},
                                                          {"CLAIM", RestoreClaimMode::kClaim},
                                                          {"LEGACY", RestoreClaimMode::kLegacy}};
};

// The value of kRestorePath that means the newest checkpoint in kCheckpointDir.
inline constexpr char kLatestCheckpoint[] = "latest";

extern const ConfigOption<StateBackendType> kStateBackend;
extern const ConfigOption<Duration> kCheckpointInterval;
extern const ConfigOption<CheckpointingMode> kCheckpointingMode;
extern const ConfigOption<Duration> kCheckpointTimeout;
extern const ConfigOption<Duration> kCheckpointMinPause;
extern const ConfigOption<int> kMaxConcurrentCheckpoints;
extern const ConfigOption<int> kTolerableFailedCheckpoints;
extern const ConfigOption<std::string> kCheckpointDir;
extern const ConfigOption<std::string> kSavepointDir;
extern const ConfigOption<int> kRetainedCheckpoints;
extern const ConfigOption<CheckpointRetention> kCheckpointRetention;
extern const ConfigOption<bool> kIncrementalCheckpoints;
extern const ConfigOption<bool> kUnalignedCheckpoints;
extern const ConfigOption<Duration> kAlignedCheckpointTimeout;
extern const ConfigOption<CheckpointStorageType> kCheckpointStorage;
extern const ConfigOption<MemorySize> kStateMemoryThreshold;
extern const ConfigOption<std::string> kRestorePath;
extern const ConfigOption<RestoreClaimMode> kRestoreClaimMode;
extern const ConfigOption<bool> kAllowNonRestoredState;

}  // namespace weir
