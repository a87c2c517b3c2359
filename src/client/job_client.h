// A handle on a job that has been started, or could not be.
//
//   JobClient job = env.ExecuteAsync("hourly");
//   if (!job.ok()) ...                               // job.status(): nothing was started
//   job.Cancel();
//   JobExecutionResult result = job.Result();        // waits
//
// A job that could not be started behaves as one that has failed: its id is empty, and Result has the cause.
//
// Copies share the job. An embedded job lives in this process: letting go of the last copy waits for its end.
//
// Threads: any.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "weir/base/status.h"
#include "weir/base/time.h"
#include "weir/client/job_execution_result.h"
#include "weir/rpc/job_status.h"

namespace weir {

class JobConnection;
struct JobDetails;  // rpc/job_messages.h

class JobClient {
 public:
  explicit JobClient(std::shared_ptr<JobConnection> connection) : connection_(std::move(connection)) {}
  // Of a job that could not be started.
  JobClient(weir::Status failure, std::string job_name)
      : failure_(std::move(failure)), job_name_(std::move(job_name)) {}

  // Whether the job was started, and why not.
  bool ok() const { return connection_ != nullptr; }
  const weir::Status& status() const { return failure_; }
  // 32 hexadecimal digits.
  const std::string& id() const;
  JobStatus Status() const;
  // Begins the cancellation; Result tells when it is done. An error if the job has ended or is failing.
  weir::Status Cancel();
  // Takes a savepoint below `directory` (empty: execution.checkpointing.savepoint-dir); the job goes on. Waits until it is complete; its path.
  StatusOr<std::string> TriggerSavepoint(const std::string& directory = {});
  // The job stops with a savepoint: sources stop, sinks commit what it covers, and the job ends as finished. Waits for that; the path. `drain`: the sources
  // end as if they had read everything, so that all windows and timers fire before. If the savepoint fails, the job goes on.
  StatusOr<std::string> StopWithSavepoint(const std::string& directory = {}, bool drain = false);
  // Waits until the job has ended. May be called again.
  JobExecutionResult Result();
  // Waits at most `timeout`; true: the job has ended and Result does not wait.
  bool WaitFor(Duration timeout);
  // The sum so far of the tasks that have ended; an error if there is none of this name.
  StatusOr<int64_t> Accumulator(std::string_view name) const;
  // Of collected rows: connectors/collect/collect_outbox.h. Only on a cluster.
  StatusOr<std::vector<std::string>> FetchRows(std::string request);
  // Everything that is known about the job now.
  JobDetails Details() const;

 private:
  std::shared_ptr<JobConnection> connection_;  // null: not started
  weir::Status failure_;
  std::string job_name_;
};

}  // namespace weir
