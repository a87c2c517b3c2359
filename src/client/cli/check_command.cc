// info, check: commands that look at a program's plan.
#include <cstdio>

#include "weir/base/file/file_system.h"
#include "weir/client/cli/command.h"
#include "weir/client/cli/program_plan.h"
#include "weir/config/checkpoint_options.h"
#include "weir/graph/job/plan_json.h"
#include "weir/jobmanager/checkpoint/restore_operators.h"
#include "weir/state/storage/checkpoint_storage.h"

namespace weir::cli {
namespace {

// The snapshot that -s names; "latest" is the newest one of a job with this name.
StatusOr<CompletedSnapshot> SnapshotFor(const Configuration& properties, const std::string& job_name) {
  LocalFileSystem files;
  const std::string path = *properties.Find(kRestorePath);
  if (path != kLatestCheckpoint) return LoadSnapshot(files, path, SnapshotCheck::kSizes);
  const std::string directory = properties.Find(kCheckpointDir).value_or("");
  if (directory.empty()) {
    return InvalidArgumentError(
        "-s latest needs the folder of the checkpoints: -Dexecution.checkpointing.dir=<folder>");
  }
  WEIR_ASSIGN_OR_RETURN(LatestCheckpoint latest,
                        FindLatestCheckpoint(files, directory, job_name, SnapshotCheck::kSizes));
  if (latest.found) return std::move(latest.snapshot);
  return NotFoundError("no checkpoint of job \"" + job_name + "\" is in " + directory);
}

}  // namespace

int InfoCommand(const ParsedLine& line) {
  const StatusOr<Configuration> properties = PropertiesOf(line);
  if (!properties.ok()) return Misuse(line, std::string(properties.status().message()));
  const StatusOr<JobGraph> graph = PlanOf(line, *properties);
  if (!graph.ok()) return Fail(graph.status());
  if (line.Has("json")) {
    std::printf("%s\n", JobPlanJson(*graph).c_str());
  } else {
    std::printf("%s", PlanText(*graph).c_str());
  }
  return kDone;
}

int CheckCommand(const ParsedLine& line) {
  if (!line.Has("fromSavepoint")) return Misuse(line, "from which savepoint? -s <path>");
  const StatusOr<Configuration> properties = PropertiesOf(line);
  if (!properties.ok()) return Misuse(line, std::string(properties.status().message()));
  const StatusOr<JobGraph> graph = PlanOf(line, *properties);
  if (!graph.ok()) return Fail(graph.status());
  const StatusOr<CompletedSnapshot> snapshot = SnapshotFor(*properties, graph->name);
  if (!snapshot.ok()) return Fail(snapshot.status());
  const RestoreCheck check =
      CheckRestore(snapshot->metadata, OperatorsToRestore(*graph), properties->Get(kAllowNonRestoredState));
  if (line.Has("json")) {
    std::printf("%s\n", JsonOf(check).c_str());
  } else {
    std::printf("%s", TableOf(check).c_str());
  }
  return check.compatible() ? kDone : kIncompatible;
}

}  // namespace weir::cli
