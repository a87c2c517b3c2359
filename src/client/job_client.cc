#include "weir/client/job_client.h"

#include "weir/client/job_connection.h"

namespace weir {

const std::string& JobClient::id() const {
  static const std::string* const kNone = new std::string();
  return ok() ? connection_->id() : *kNone;
}

JobDetails JobClient::Details() const {
  // Only a JobManager that stops gives no answer; the job is then as good as suspended.
  JobDetails none;
  if (!ok()) {
    none.overview.job_name = job_name_;
    none.overview.status = JobStatus::kFailed;
    none.error = failure_;
    return none;
  }
  none.overview.job_name = connection_->job_name();
  none.overview.status = JobStatus::kSuspended;
  return connection_->Details().ValueOr(std::move(none));
}

JobStatus JobClient::Status() const { return Details().overview.status; }

weir::Status JobClient::Cancel() { return ok() ? connection_->Cancel() : failure_; }

StatusOr<std::string> JobClient::TriggerSavepoint(const std::string& directory) {
  if (!ok()) return failure_;
  return connection_->TriggerSavepoint({.directory = directory});
}

StatusOr<std::string> JobClient::StopWithSavepoint(const std::string& directory, bool drain) {
  if (!ok()) return failure_;
  return connection_->TriggerSavepoint({.directory = directory, .stops = true, .drains = drain});
}

JobExecutionResult JobClient::Result() {
  if (!ok()) return JobExecutionResult({.job_name = job_name_, .status = failure_});
  return JobExecutionResult(ExecutionValuesOf(connection_->Wait(), connection_->job_name()));
}

bool JobClient::WaitFor(Duration timeout) { return !ok() || connection_->WaitFor(timeout); }

StatusOr<int64_t> JobClient::Accumulator(std::string_view name) const {
  JobExecutionResult::Values values;
  values.job_name = ok() ? connection_->job_name() : job_name_;
  values.accumulators = Details().accumulators;
  return JobExecutionResult(std::move(values)).Accumulator(name);
}

StatusOr<std::vector<std::string>> JobClient::FetchRows(std::string request) {
  if (!ok()) return failure_;
  return connection_->FetchRows(std::move(request));
}

}  // namespace weir
