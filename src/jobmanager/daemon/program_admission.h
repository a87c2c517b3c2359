// Takes in jobs that come with a program: holds its files, and gives its sources a coordinator process.
#pragma once

#include <functional>
#include <memory>
#include <set>
#include <string>
#include <vector>

#include "weir/base/mutex.h"
#include "weir/base/process/process_user.h"
#include "weir/jobmanager/coordinator/coordinator_process.h"
#include "weir/rpc/artifact/artifact_store.h"
#include "weir/rpc/dispatcher_gateway.h"

namespace weir {

struct ProgramAdmissionOptions {
  std::shared_ptr<DispatcherGateway> dispatcher;
  ArtifactStore* artifacts = nullptr;
  Executor* executor = nullptr;  // of the JobMasters
  FileSystem* files = nullptr;
  std::vector<std::string> environment;
  std::string folder;                                 // coordinators get folders of their own below it
  std::string log_folder;                             // and one per job below this
  std::string log_settings = {};                      // the logging configuration file, which they read
  Duration silence{10'000};                           // a coordinator that is silent for so long hangs
  std::shared_ptr<const ProcessUser> user = nullptr;  // as whom they run; null: as this process
};

// Threads: any.
class ProgramAdmission final : public DispatcherGateway {
 public:
  explicit ProgramAdmission(ProgramAdmissionOptions options) : options_(std::move(options)) {}

  void SubmitJob(JobSubmission submission, StatusReply reply) override;
  void ListJobs(Reply<std::vector<JobOverview>> reply) override { options_.dispatcher->ListJobs(std::move(reply)); }
  void CancelJob(JobId job_id, StatusReply reply) override { options_.dispatcher->CancelJob(job_id, std::move(reply)); }
  void TriggerSavepoint(JobId job_id, SavepointRequest request, Reply<std::string> reply) override {
    options_.dispatcher->TriggerSavepoint(job_id, std::move(request), std::move(reply));
  }
  void TriggerCheckpoint(JobId job_id, CheckpointType type, Reply<CheckpointId> reply) override {
    options_.dispatcher->TriggerCheckpoint(job_id, type, std::move(reply));
  }
  void RequestJobDetails(JobId job_id, Reply<JobDetails> reply) override {
    options_.dispatcher->RequestJobDetails(job_id, std::move(reply));
  }
  void RequestJobResult(JobId job_id, Reply<JobResult> reply) override {
    options_.dispatcher->RequestJobResult(job_id, std::move(reply));
  }
  void FetchRows(JobId job_id, std::string request, Reply<std::vector<std::string>> reply) override {
    options_.dispatcher->FetchRows(job_id, std::move(request), std::move(reply));
  }

 private:
  // Holds the program's files for the job, and makes `submission` one that needs no code of the program here.
  Status Admit(JobSubmission& submission);
  // That this machine, which stands for those of the cluster, has all libraries and symbols that the program needs.
  Status CheckLibraries(const JobGraph& graph, const std::string& executable, const std::string& folder,
                        const std::string& log_prefix);
  std::function<StatusOr<std::string>(const std::string& sha256)> PathOf() const;

  const ProgramAdmissionOptions options_;
  Mutex mutex_;
  std::set<std::string> complete_ WEIR_GUARDED_BY(mutex_);  // programs, by their files, that were found to be
};

}  // namespace weir
