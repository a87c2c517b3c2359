// What clients, the command line and REST ask of the JobManager.
#pragma once

#include <string>
#include <vector>

#include "weir/rpc/checkpoint_messages.h"
#include "weir/rpc/job_messages.h"

namespace weir {

// Threads: any; every reply comes on the JobManager's event loop.
class DispatcherGateway {
 public:
  virtual ~DispatcherGateway() = default;

  // Replies as soon as the job is accepted. kAlreadyExists: a job of this id is known; it goes on undisturbed.
  virtual void SubmitJob(JobSubmission submission, StatusReply reply) = 0;
  // Running jobs and those that have ended, in the order of their submission.
  virtual void ListJobs(Reply<std::vector<JobOverview>> reply) = 0;
  // Replies as soon as the cancellation has begun. kNotFound; kFailedPrecondition: the job has ended.
  virtual void CancelJob(JobId job_id, StatusReply reply) = 0;
  // Replies with the path of the savepoint when it is complete; if it stops the job, when that has ended. kFailedPrecondition: the job does not run.
  virtual void TriggerSavepoint(JobId job_id, SavepointRequest request, Reply<std::string> reply) = 0;
  virtual void RequestJobDetails(JobId job_id, Reply<JobDetails> reply) = 0;
  // Replies when the job has ended. A job that fails is no error of the request. kNotFound; kAborted: the JobManager stops.
  virtual void RequestJobResult(JobId job_id, Reply<JobResult> reply) = 0;
  // What the workers of the job have of collected rows, one answer for each (connectors/collect/collect_outbox.h has both forms). kNotFound,
  // kFailedPrecondition: the job has no workers any more.
  virtual void FetchRows(JobId job_id, std::string request, Reply<std::vector<std::string>> reply) {
    reply(UnimplementedError("this connection to the JobManager does not carry collected rows"));
  }
  // A checkpoint besides the periodic ones. Replies with its id when it is complete. kFailedPrecondition: the job does not run, or takes no checkpoints.
  virtual void TriggerCheckpoint(JobId job_id, CheckpointType type, Reply<CheckpointId> reply) {
    reply(UnimplementedError("this connection to the JobManager does not carry requests for checkpoints"));
  }
};

}  // namespace weir
