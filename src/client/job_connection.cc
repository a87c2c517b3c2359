#include "weir/client/job_connection.h"

#include <utility>

#include "weir/graph/job/job_graph.h"

namespace weir {

JobConnection::JobConnection(std::shared_ptr<DispatcherGateway> gateway, JobId id, std::string name)
    : gateway_(std::move(gateway)), id_(id), id_text_(id_.ToHex()), job_name_(std::move(name)) {}

std::shared_ptr<JobConnection> JobConnection::Attach(std::shared_ptr<DispatcherGateway> gateway, JobId id,
                                                     std::string name) {
  std::shared_ptr<JobConnection> connection(new JobConnection(gateway, id, std::move(name)));
  gateway->RequestJobResult(id, connection->result_.NewReply());
  return connection;
}

StatusOr<std::shared_ptr<JobConnection>> JobConnection::Submit(std::shared_ptr<DispatcherGateway> gateway,
                                                               JobSubmission submission) {
  std::shared_ptr<JobConnection> connection(new JobConnection(gateway, submission.job_id, submission.graph->name));
  PendingReply<bool> accepted;
  gateway->SubmitJob(std::move(submission), [reply = accepted.NewReply()](Status status) mutable {
    reply(status.ok() ? StatusOr<bool>(true) : StatusOr<bool>(std::move(status)));
  });
  const StatusOr<bool> answer = accepted.Wait();
  if (!answer.ok()) return answer.status();
  gateway->RequestJobResult(connection->id_, connection->result_.NewReply());
  return connection;
}

StatusOr<JobDetails> JobConnection::Details() {
  PendingReply<JobDetails> details;
  gateway_->RequestJobDetails(id_, details.NewReply());
  return details.Wait();
}

Status JobConnection::Cancel() {
  PendingReply<bool> begun;
  gateway_->CancelJob(id_, [reply = begun.NewReply()](Status status) mutable {
    reply(status.ok() ? StatusOr<bool>(true) : StatusOr<bool>(std::move(status)));
  });
  return begun.Wait().status();
}

StatusOr<std::string> JobConnection::TriggerSavepoint(SavepointRequest request) {
  PendingReply<std::string> path;
  gateway_->TriggerSavepoint(id_, std::move(request), path.NewReply());
  return path.Wait();
}

StatusOr<std::vector<std::string>> JobConnection::FetchRows(std::string request) {
  PendingReply<std::vector<std::string>> answers;
  gateway_->FetchRows(id_, std::move(request), answers.NewReply());
  return answers.Wait();
}

void JobConnection::CancelAsync() {
  // The job's result tells whether it had any effect.
  gateway_->CancelJob(id_, [](const Status&) {});
}

JobExecutionResult::Values ExecutionValuesOf(const StatusOr<JobResult>& result, const std::string& job_name) {
  if (!result.ok()) return {.job_id = {}, .job_name = job_name, .status = result.status()};
  JobExecutionResult::Values values;
  values.job_id = result->job_id.ToHex();
  values.job_name = result->job_name;
  values.accumulators = result->accumulators;
  values.runtime = result->end_time - result->start_time;
  if (result->status == JobStatus::kCanceled) {
    values.status = CancelledError("job \"" + result->job_name + "\" was cancelled");
  } else if (result->status != JobStatus::kFinished) {
    values.status = result->error;
  }
  return values;
}

}  // namespace weir
