#include "weir/client/job_client.h"

#include "weir/client/job_connection.h"

namespace weir {

const std::string& JobClient::id() const { return connection_->id(); }

JobDetails JobClient::Details() const {
  // Only a JobManager that stops gives no answer; the job is then as good as suspended.
  JobDetails none;
  none.overview.job_name = connection_->job_name();
  none.overview.status = JobStatus::kSuspended;
  return connection_->Details().ValueOr(std::move(none));
}

JobStatus JobClient::Status() const { return Details().overview.status; }

weir::Status JobClient::Cancel() { return connection_->Cancel(); }

StatusOr<std::string> JobClient::TriggerSavepoint(const std::string& directory) {
  return connection_->TriggerSavepoint({.directory = directory});
}

StatusOr<std::string> JobClient::StopWithSavepoint(const std::string& directory, bool drain) {
  return connection_->TriggerSavepoint({.directory = directory, .stops = true, .drains = drain});
}

JobExecutionResult JobClient::Result() {
  return JobExecutionResult(ExecutionValuesOf(connection_->Wait(), connection_->job_name()));
}

bool JobClient::WaitFor(Duration timeout) { return connection_->WaitFor(timeout); }

StatusOr<int64_t> JobClient::Accumulator(std::string_view name) const {
  JobExecutionResult::Values values;
  values.job_name = connection_->job_name();
  values.accumulators = Details().accumulators;
  return JobExecutionResult(std::move(values)).Accumulator(name);
}

}  // namespace weir
