// DataStream::ExecuteAndCollect: the records of a stream, in the program that started the job.
#pragma once

#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "weir/api/data_stream.h"
#include "weir/client/job_client.h"
#include "weir/client/job_execution_result.h"
#include "weir/connectors/collect/collect_sink.h"

namespace weir {

// A running job whose results are being collected: starts it, tells the buffer when it has ended, cancels it if nobody wants more.
class CollectingJob {
 public:
  // `job`: the started job, or why it could not be started.
  CollectingJob(StatusOr<JobClient> job, std::shared_ptr<CollectBuffer> buffer);
  ~CollectingJob();
  CollectingJob(const CollectingJob&) = delete;
  CollectingJob& operator=(const CollectingJob&) = delete;

  // Waits for the job's end, or until rows cannot be given as they should be.
  Status Wait();
  // In a simulation: runs it until there are rows or none will come. Else nothing: rows are waited for where they are taken.
  void AwaitRows();
  // Likewise, until the job has ended.
  void AwaitEnd();
  void Cancel();

 private:
  struct Watcher;
  const std::unique_ptr<Watcher> watcher_;
};

namespace internal {
void PrintJobError(const Status& status);
}

// The rows as they come, or all of them:
//
//   std::vector<Delay> rows = hourly.ExecuteAndCollect("hourly");
//
//   auto rows = hourly.ExecuteAndCollect("hourly");
//   while (const Delay* row = rows.Next()) ...
//
// With checkpoints each row comes once, when one that covers it is complete, whatever fails; without them rows come at once, and a restart, after which some
// could come twice, is an error: the job goes on, and is cancelled as ever when its rows are let go of.
// Views in rows taken as a vector are valid as long as the environment; those of Next until the next call. Letting go of it before the end cancels the
// job. A job that fails gives the rows that came before; status() says why, and the vector form prints it to stderr. One thread.
template <class T>
class CollectedStream {
 public:
  CollectedStream(StatusOr<JobClient> job, std::shared_ptr<CollectBuffer> buffer)
      : job_(std::make_unique<CollectingJob>(std::move(job), buffer)), rows_(std::move(buffer)) {}

  // The next row; waits for it. Null at the end.
  const T* Next() {
    if (!rows_.HasNext()) job_->AwaitRows();
    return rows_.Next();
  }
  // The rows that have come since the last call, without waiting; views in them as in those of the vector form.
  std::vector<T> TakeAvailable() {
    std::vector<T> rows;
    static_cast<void>(rows_.TakeAvailable(rows));
    return rows;
  }
  // How the job ended; waits for its end, so take all rows first.
  Status status() {
    WEIR_RETURN_IF_ERROR(job_->Wait());
    return rows_.status();
  }
  void Cancel() { job_->Cancel(); }
  operator std::vector<T>() {  // NOLINT: so that the result may be declared as the vector that it is
    std::vector<T> rows;
    job_->AwaitEnd();
    Status taken = rows_.TakeAll(rows);
    taken.Update(status());
    if (!taken.ok()) internal::PrintJobError(taken);
    return rows;
  }

 private:
  std::unique_ptr<CollectingJob> job_;
  CollectedRows<T> rows_;
};

template <class T>
auto DataStream<T>::ExecuteAndCollect(std::string job_name) const {
  auto buffer = std::make_shared<CollectBuffer>();
  plan().Keep(buffer);
  SinkTo(CollectSink<T>(buffer), "Collect");
  return CollectedStream<T>(plan().submitter().Submit(job_name), std::move(buffer));
}

}  // namespace weir
