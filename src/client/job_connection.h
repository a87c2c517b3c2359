// What a JobClient talks through: a job on some JobManager.
#pragma once

#include <memory>
#include <string>

#include "weir/client/job_execution_result.h"
#include "weir/rpc/dispatcher_gateway.h"
#include "weir/rpc/pending_reply.h"

namespace weir {

// Threads: any.
class JobConnection {
 public:
  // Submits the job. `gateway` is kept with all that stands behind it.
  static StatusOr<std::shared_ptr<JobConnection>> Submit(std::shared_ptr<DispatcherGateway> gateway,
                                                         JobSubmission submission);
  // A job that was submitted before.
  static std::shared_ptr<JobConnection> Attach(std::shared_ptr<DispatcherGateway> gateway, JobId id, std::string name);

  const std::string& id() const { return id_text_; }
  const std::string& job_name() const { return job_name_; }
  StatusOr<JobDetails> Details();
  Status Cancel();
  StatusOr<std::string> TriggerSavepoint(SavepointRequest request);
  StatusOr<std::vector<std::string>> FetchRows(std::string request);
  // Begins the cancellation without waiting for an answer. For signals.
  void CancelAsync();
  StatusOr<JobResult> Wait() { return result_.Wait(); }
  bool WaitFor(Duration timeout) { return result_.WaitFor(timeout); }

 private:
  JobConnection(std::shared_ptr<DispatcherGateway> gateway, JobId id, std::string name);

  const std::shared_ptr<DispatcherGateway> gateway_;
  const JobId id_;
  const std::string id_text_;
  const std::string job_name_;
  PendingReply<JobResult> result_;
};

// How the job ended, as its program sees it.
JobExecutionResult::Values ExecutionValuesOf(const StatusOr<JobResult>& result, const std::string& job_name);

}  // namespace weir
