#include "weir/api/collected_stream.h"

#include <cstdio>

#include "weir/base/execution/simulated_executor.h"
#include "weir/base/execution/thread.h"

namespace weir {

namespace {

// Virtual time after which no row is expected any more.
constexpr std::chrono::hours kPatience{24 * 365};

}  // namespace

// Waits for the job on a thread of its own, since the caller waits for rows.
struct CollectingJob::Watcher {
  Watcher(StatusOr<JobClient> started, std::shared_ptr<CollectBuffer> rows)
      : job(std::move(started)), buffer(std::move(rows)) {
    if (!job.ok()) {
      result = job.status();
      buffer->End();
      return;
    }
    if (simulation != nullptr) {
      buffer->LiftLimit();
      return;
    }
    thread = Thread("collect", [this] { AwaitEnd(); });
  }

  void AwaitEnd() {
    result = job->Result().status();
    buffer->End();
  }

  // Null: the job has threads.
  SimulatedExecutor* const simulation = SimulatedExecutor::OfThisThread();

  StatusOr<JobClient> job;
  const std::shared_ptr<CollectBuffer> buffer;
  Status result;  // written by the thread, read after it was joined
  Thread thread;
};

CollectingJob::CollectingJob(StatusOr<JobClient> job, std::shared_ptr<CollectBuffer> buffer)
    : watcher_(std::make_unique<Watcher>(std::move(job), std::move(buffer))) {}

CollectingJob::~CollectingJob() {
  if (!watcher_->thread.joinable() && watcher_->simulation == nullptr) return;
  watcher_->buffer->Abandon();
  // The job may have ended already, or be ending: either is as good.
  if (watcher_->job.ok()) static_cast<void>(watcher_->job->Cancel());
  watcher_->thread.Join();
}

void CollectingJob::AwaitRows() {
  if (watcher_->simulation == nullptr || !watcher_->job.ok()) return;
  const bool is_served = watcher_->simulation->RunUntil(
      [this] { return watcher_->buffer->HasRows() || watcher_->job->WaitFor(Duration(0)); }, kPatience);
  if (!is_served || !watcher_->buffer->HasRows()) AwaitEnd();
}

void CollectingJob::AwaitEnd() {
  if (watcher_->simulation != nullptr && watcher_->job.ok()) watcher_->AwaitEnd();
}

Status CollectingJob::Wait() {
  AwaitEnd();
  watcher_->thread.Join();
  return watcher_->result;
}

void CollectingJob::Cancel() {
  watcher_->buffer->Abandon();
  if (watcher_->job.ok()) static_cast<void>(watcher_->job->Cancel());
}

namespace internal {

void PrintJobError(const Status& status) { std::fprintf(stderr, "%s\n", std::string(status.message()).c_str()); }

}  // namespace internal
}  // namespace weir
