#include "weir/jobmanager/checkpoint/checkpoint_settings.h"

#include <algorithm>
#include <string>

#include "weir/base/file/file_path.h"
#include "weir/base/logging.h"
#include "weir/config/configuration.h"
#include "weir/config/rest_options.h"

namespace weir {

CheckpointSettings CheckpointSettingsOf(const Configuration& configuration) {
  CheckpointSettings settings;
  settings.policy.timeout = configuration.Get(kCheckpointTimeout);
  settings.policy.min_pause = configuration.Get(kCheckpointMinPause);
  settings.policy.max_concurrent = configuration.Get(kMaxConcurrentCheckpoints);
  settings.policy.tolerable_failures = configuration.Get(kTolerableFailedCheckpoints);
  settings.policy.retained = configuration.Get(kRetainedCheckpoints);
  if (const auto interval = configuration.Find(kCheckpointInterval); interval && *interval > Duration(0)) {
    settings.is_periodic = true;
    settings.policy.interval = *interval;
  }
  // Exactly once only: at least once no channel waits, so there is nothing to overtake.
  settings.is_unaligned = configuration.Get(kUnalignedCheckpoints) &&
                          configuration.Get(kCheckpointingMode) == CheckpointingMode::kExactlyOnce;
  settings.aligned_timeout = configuration.Get(kAlignedCheckpointTimeout);
  settings.policy.one_at_a_time = settings.is_unaligned;
  settings.history = static_cast<size_t>(std::max(0, configuration.Get(kCheckpointHistory)));
  settings.retention = configuration.Get(kCheckpointRetention);
  settings.storage.checkpoint_directory = configuration.Find(kCheckpointDir).value_or("");
  settings.storage.savepoint_directory = configuration.Find(kSavepointDir).value_or("");
  // Without a folder the JobManager's memory is all there is.
  settings.storage.in_memory = configuration.Get(kCheckpointStorage) == CheckpointStorageType::kJobManager ||
                               settings.storage.checkpoint_directory.empty();
  settings.storage.incremental = configuration.Get(kIncrementalCheckpoints);
  settings.storage.memory_threshold = static_cast<uint64_t>(configuration.Get(kStateMemoryThreshold).bytes());
  return settings;
}

Status CheckCheckpointSettings(const Configuration& configuration, std::string_view job_name) {
  for (const ConfigOption<std::string>* folder : {&kCheckpointDir, &kSavepointDir}) {
    const Status is_path = PathFromUri(configuration.Find(*folder).value_or("")).status();
    if (!is_path.ok()) return is_path.Annotate(std::string(folder->key()));
  }
  if (!configuration.Get(kUnalignedCheckpoints)) return OkStatus();
  if (configuration.Get(kCheckpointingMode) == CheckpointingMode::kAtLeastOnce) {
    WEIR_LOG(kWarning, "job \"{}\": {} has no effect with {}: AT_LEAST_ONCE, where no channel waits for a barrier",
             job_name, kUnalignedCheckpoints.key(), kCheckpointingMode.key());
    return OkStatus();
  }
  const int concurrent = configuration.Get(kMaxConcurrentCheckpoints);
  if (concurrent <= 1) return OkStatus();
  return InvalidArgumentError(std::string(kMaxConcurrentCheckpoints.key()) + " is " + std::to_string(concurrent) +
                              " and " + std::string(kUnalignedCheckpoints.key()) +
                              " is true: unaligned checkpoints are taken one at a time. Set the first to 1, or the "
                              "second to false");
}

bool KeepsCheckpoints(CheckpointRetention retention, JobStatus status) {
  switch (status) {
    case JobStatus::kFinished:
      return false;
    case JobStatus::kCanceled:
      return retention == CheckpointRetention::kRetainOnCancellation;
    case JobStatus::kFailed:
      return retention != CheckpointRetention::kNone;
    default:
      return true;  // it goes on somewhere
  }
}

}  // namespace weir
