#include "weir/jobmanager/checkpoint/restored_job.h"

#include <string>
#include <utility>

#include "weir/base/logging.h"
#include "weir/config/checkpoint_options.h"
#include "weir/config/configuration.h"
#include "weir/graph/job/job_graph.h"
#include "weir/jobmanager/checkpoint/checkpoint_settings.h"
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

// Null: it has none.
StatusOr<std::shared_ptr<RestoredSnapshot>> LoadOwn(FileSystem& files, const JobSubmission& submission) {
  const CheckpointStorageOptions options = CheckpointSettingsOf(*submission.configuration).storage;
  if (options.in_memory) return std::shared_ptr<RestoredSnapshot>();
  WEIR_ASSIGN_OR_RETURN(CheckpointStorage storage, CheckpointStorage::Of(files, submission.job_id, options));
  WEIR_ASSIGN_OR_RETURN(std::vector<FoundCheckpoint> found, storage.List(SnapshotCheck::kSizes));
  Status damage;
  for (FoundCheckpoint& checkpoint : found) {
    if (checkpoint.damage.ok()) {
      return std::make_shared<RestoredSnapshot>(
          RestoredSnapshot{.snapshot = {.metadata = std::move(checkpoint.metadata), .directory = checkpoint.directory},
                           .mode = RestoreMode::kClaim});
    }
    if (checkpoint.damage.code() == StatusCode::kNotFound) continue;  // it never was complete
    WEIR_LOG(kWarning, "a damaged checkpoint is passed over: {}", checkpoint.damage.message());
    damage.Update(checkpoint.damage);
  }
  if (!damage.ok()) return damage.Annotate("none of its checkpoints is intact");
  return std::shared_ptr<RestoredSnapshot>();
}

std::string CannotRestore(const JobSubmission& submission, const std::string& path) {
  return "job \"" + submission.graph->name + "\" cannot be restored from " + path;
}

// The job with what it starts from, null: nothing.
StatusOr<RestoredJob> Fit(JobSubmission submission, std::shared_ptr<RestoredSnapshot> restored,
                          const std::string& path) {
  RestoredJob job{.submission = std::move(submission), .restored = restored};
  if (restored == nullptr) return job;
  const CheckpointMetadata& metadata = restored->snapshot.metadata;
  JobGraph graph = *job.submission.graph;
  const bool allows_non_restored = job.submission.configuration->Get(kAllowNonRestoredState);
  const Status fits = FitGraphToSnapshot(metadata, allows_non_restored, graph);
  if (!fits.ok()) return fits.Annotate(CannotRestore(job.submission, path));
  job.submission.graph = std::make_shared<const JobGraph>(std::move(graph));
  WEIR_LOG(kInfo, "job \"{}\" starts from {}", metadata.job_name, restored->snapshot.directory);
  return job;
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
  if (!restored.ok()) return restored.status().Annotate(CannotRestore(submission, path));
  return Fit(std::move(submission), *std::move(restored), path);
}

StatusOr<RestoredJob> LoadRecoveredJob(FileSystem& files, JobSubmission submission) {
  StatusOr<std::shared_ptr<RestoredSnapshot>> own = LoadOwn(files, submission);
  if (!own.ok()) return own.status().Annotate(CannotRestore(submission, "its last checkpoint"));
  if (*own != nullptr) {
    const std::string directory = (*own)->snapshot.directory;
    return Fit(std::move(submission), *std::move(own), directory);
  }
  if (submission.configuration->Find(kRestorePath).has_value()) return LoadRestoredJob(files, std::move(submission));
  return RestoredJob{.submission = std::move(submission)};
}

}  // namespace weir
