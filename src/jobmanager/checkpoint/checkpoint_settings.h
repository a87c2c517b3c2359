// What a job's configuration says about its checkpoints.
#pragma once

#include <string_view>

#include "weir/base/status.h"
#include "weir/base/time.h"
#include "weir/config/checkpoint_options.h"
#include "weir/jobmanager/checkpoint/checkpoint_decisions.h"
#include "weir/rpc/job_status.h"
#include "weir/state/storage/checkpoint_storage.h"

namespace weir {

class Configuration;

struct CheckpointSettings {
  bool is_periodic = false;  // execution.checkpointing.interval is set
  CheckpointPolicy policy = {};
  CheckpointStorageOptions storage = {};
  CheckpointRetention retention = CheckpointRetention::kNone;
  bool is_unaligned = false;               // barriers may overtake data
  Duration aligned_timeout = Duration(0);  // with is_unaligned: for so long they align first
  size_t history = 10;                     // checkpoints that are remembered for those who ask
};

CheckpointSettings CheckpointSettingsOf(const Configuration& configuration);
// Refuses folders of no known file system, and settings that contradict each other, as Flink does; values are right one by one. What has no
// effect is logged, with the job's name.
Status CheckCheckpointSettings(const Configuration& configuration, std::string_view job_name);

// Whether the checkpoints of a job that ends as `status` stay: those of a finished one never do.
bool KeepsCheckpoints(CheckpointRetention retention, JobStatus status);

}  // namespace weir
