// The jobs of a JobManager on disk, so that the next one goes on with them.
//
//   <folder>/jobs/<job id>      a job that was accepted
//   <folder>/results/<job id>   how it ended; from then on a job of this id never runs again
//
// Every file is written whole or not at all, and checked when it is read (docs/formats/job_store.md).
#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "weir/base/file/file_system.h"
#include "weir/base/ids.h"
#include "weir/base/status.h"
#include "weir/rpc/job_messages.h"

namespace weir {

struct JobStoreOptions {
  FileSystem* files = nullptr;
  std::string folder;
  size_t kept_results = 1000;  // the oldest go first
};

// What the JobManager before this one has left.
struct StoredJobs {
  std::vector<JobSubmission> jobs = {};  // in the order in which they were accepted
  std::vector<JobResult> results = {};   // in the order in which they ended
  std::vector<Status> damaged = {};      // files that cannot be used; they stay where they are
};

// Threads: one at a time; it waits for the disk.
class JobStore {
 public:
  explicit JobStore(JobStoreOptions options) : options_(std::move(options)) {}

  // Makes the folders, and reads all that is in them. Of a job that has a result what is left of its submission is removed.
  StatusOr<StoredJobs> Load();
  // kAlreadyExists: a job of this id has ended.
  Status PutJob(const JobSubmission& submission, Timestamp now);
  // The job has ended; nothing of it is kept but this.
  Status PutResult(const JobResult& result);

  // Where the job's submission is, for messages.
  std::string JobFile(JobId job_id) const { return options_.folder + "/jobs/" + job_id.ToHex(); }

 private:
  std::string ResultFile(JobId job_id) const { return options_.folder + "/results/" + job_id.ToHex(); }
  Status ForgetOldResults();

  const JobStoreOptions options_;
};

}  // namespace weir
