// A job that starts from a snapshot: finding and loading that, and fitting the job to it, before anything is started.
#pragma once

#include <memory>
#include <string>

#include "weir/base/file/file_system.h"
#include "weir/base/ids.h"
#include "weir/base/status.h"
#include "weir/jobmanager/checkpoint/snapshot_store.h"
#include "weir/rpc/job_messages.h"

namespace weir {

struct RestoredJob {
  JobSubmission submission;                                    // with maximum parallelisms from the snapshot
  std::shared_ptr<const RestoredSnapshot> restored = nullptr;  // null: there was none to start from
};

// Loads what execution.state-recovery.path says. "latest" goes on with the job whose newest intact checkpoint is found, under its id, or starts afresh. Waits for
// the disk. Errors say that nothing was started.
StatusOr<RestoredJob> LoadRestoredJob(FileSystem& files, JobSubmission submission);

// The same for a job that an earlier JobManager ran: its own newest intact checkpoint comes before what it once started from. kDataLoss: it has
// checkpoints, and none is intact; to begin anew would lose its state.
StatusOr<RestoredJob> LoadRecoveredJob(FileSystem& files, JobSubmission submission);

// The id of the job that "latest" goes on with; zero if there is none, or it cannot be found out (which LoadRestoredJob then says).
JobId FindJobToContinue(FileSystem& files, const Configuration& configuration, const std::string& job_name);

}  // namespace weir
