#include "weir/jobmanager/checkpoint/restored_job.h"

#include <string>
#include <utility>

#include "weir/base/logging.h"
#include "weir/config/checkpoint_options.h"
#include "weir/config/configuration.h"
#include "weir/graph/job/job_graph.h"
#include "weir/jobmanager/checkpoint/snapshot_metadata.h"
#include "weir/state/storage/checkpoint_storage.h"

namespace weir {

namespace {

RestoreMode ModeOf(RestoreClaimMode mode) {
  switch (mode) {
    case RestoreClaimMode::kClaim:
      return RestoreMode::kClaim;
    case RestoreClaimMode::kLegacy:
      return RestoreMode::kLegacy;
    case RestoreClaimMode::kNoClaim:
      break;
  }
  return RestoreMode::kNoClaim;
}

// Null: there is no checkpoint.
StatusOr<std::shared_ptr<RestoredSnapshot>> LoadLatest(FileSystem& files, const JobSubmission& submission) {
  const std::string directory = submission.configuration->Find(kCheckpointDir).value_or("");
  if (directory.empty()) {
    return InvalidArgumentError(
        "\"latest\" needs the folder in which the checkpoints are: set execution.checkpointing.dir");
  }
  WEIR_ASSIGN_OR_RETURN(LatestCheckpoint latest,
                        FindLatestCheckpoint(files, directory, submission.graph->name, SnapshotCheck::kSizes));
  for (const Status& damage : latest.damaged)
    WEIR_LOG(kWarning, "a damaged checkpoint is passed over: {}", damage.message());
  if (!latest.found) {
    WEIR_LOG(kInfo, "no checkpoint of job \"{}\" is in {}: it starts from the beginning", submission.graph->name,
             directory);
    return std::shared_ptr<RestoredSnapshot>();
  }
  return std::make_shared<RestoredSnapshot>(
      RestoredSnapshot{.snapshot = std::move(latest.snapshot), .mode = RestoreMode::kClaim});
}

StatusOr<std::shared_ptr<RestoredSnapshot>> LoadNamed(FileSystem& files, const std::string& path,
                                                      RestoreClaimMode mode) {
  WEIR_ASSIGN_OR_RETURN(CompletedSnapshot snapshot, LoadSnapshot(files, path, SnapshotCheck::kSizes));
  return std::make_shared<RestoredSnapshot>(RestoredSnapshot{.snapshot = std::move(snapshot), .mode = ModeOf(mode)});
}

}  // namespace

JobId FindJobToContinue(FileSystem& files, const Configuration& configuration, const std::string& job_name) {
  const std::string directory = configuration.Find(kCheckpointDir).value_or("");
  if (directory.empty()) return JobId();
  const StatusOr<LatestCheckpoint> latest = FindLatestCheckpoint(files, directory, job_name, SnapshotCheck::kSizes);
  return latest.ok() && latest->found ? latest->snapshot.metadata.job_id : JobId();
}

StatusOr<RestoredJob> LoadRestoredJob(FileSystem& files, JobSubmission submission) {
  const Configuration& configuration = *submission.configuration;
  const std::string path = *configuration.Find(kRestorePath);
  const bool is_latest = path == kLatestCheckpoint;
  StatusOr<std::shared_ptr<RestoredSnapshot>> restored =
      is_latest ? LoadLatest(files, submission) : LoadNamed(files, path, configuration.Get(kRestoreClaimMode));
  const std::string where = "job \"" + submission.graph->name + "\" cannot be restored from " + path;
  if (!restored.ok()) return restored.status().Annotate(where);
  RestoredJob job{.submission = std::move(submission), .restored = *restored};
  if (*restored == nullptr) return job;
  const CheckpointMetadata& metadata = (*restored)->snapshot.metadata;
  JobGraph graph = *job.submission.graph;
  const Status fits = FitGraphToSnapshot(metadata, configuration.Get(kAllowNonRestoredState), graph);
  if (!fits.ok()) return fits.Annotate(where);
  job.submission.graph = std::make_shared<const JobGraph>(std::move(graph));
  WEIR_LOG(kInfo, "job \"{}\" starts from {}", metadata.job_name, (*restored)->snapshot.directory);
  return job;
}

}  // namespace weir
