#include "weir/client/earlier_job.h"

#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "weir/client/job_connection.h"

namespace weir {
namespace {

// Answers for one job that has ended.
class EndedJob final : public DispatcherGateway {
 public:
  explicit EndedJob(JobResult result) : result_(std::move(result)) {}

  void SubmitJob(JobSubmission, StatusReply reply) override { reply(OkStatus()); }
  void ListJobs(Reply<std::vector<JobOverview>> reply) override { reply(std::vector<JobOverview>{Overview()}); }
  void CancelJob(JobId, StatusReply reply) override {
    reply(FailedPreconditionError("job " + result_.job_id.ToHex() + " has ended"));
  }
  void TriggerSavepoint(JobId, SavepointRequest, Reply<std::string> reply) override {
    reply(FailedPreconditionError("job " + result_.job_id.ToHex() + " has ended"));
  }
  void RequestJobDetails(JobId, Reply<JobDetails> reply) override {
    reply(JobDetails{.overview = Overview(), .error = result_.error, .accumulators = result_.accumulators});
  }
  void RequestJobResult(JobId, Reply<JobResult> reply) override { reply(result_); }

 private:
  JobOverview Overview() const {
    return {result_.job_id, result_.job_name, result_.status, result_.start_time, result_.end_time};
  }

  const JobResult result_;
};

}  // namespace

JobClient ClientOfEarlierJob(const JobExecutionResult& result) {
  JobResult ended;
  ended.job_id = JobId::FromHex(result.job_id()).ValueOr(JobId());
  ended.job_name = result.job_name();
  const bool is_cancelled = result.status().code() == StatusCode::kCancelled;
  ended.status = result.ok() ? JobStatus::kFinished : is_cancelled ? JobStatus::kCanceled : JobStatus::kFailed;
  ended.error = result.status();
  ended.accumulators = result.accumulators();
  ended.end_time = ended.start_time + result.runtime();
  const JobId id = ended.job_id;
  return JobClient(JobConnection::Attach(std::make_shared<EndedJob>(std::move(ended)), id, result.job_name()));
}

}  // namespace weir
