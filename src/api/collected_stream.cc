#include "weir/api/collected_stream.h"

#include <cstdio>

#include "weir/base/execution/thread.h"

namespace weir {

// Waits for the job on a thread of its own, since the caller waits for rows.
struct CollectingJob::Watcher {
  Watcher(StatusOr<JobClient> started, std::shared_ptr<CollectBuffer> rows)
      : job(std::move(started)), buffer(std::move(rows)) {
    if (!job.ok()) {
      result = job.status();
      buffer->End();
      return;
    }
    thread = Thread("collect", [this] {
      result = job->Result().status();
      buffer->End();
    });
  }

  StatusOr<JobClient> job;
  const std::shared_ptr<CollectBuffer> buffer;
  Status result;  // written by the thread, read after it was joined
  Thread thread;
};

CollectingJob::CollectingJob(StatusOr<JobClient> job, std::shared_ptr<CollectBuffer> buffer)
    : watcher_(std::make_unique<Watcher>(std::move(job), std::move(buffer))) {}

CollectingJob::~CollectingJob() {
  if (!watcher_->thread.joinable()) return;
  watcher_->buffer->Abandon();
  // The job may have ended already, or be ending: either is as good.
  if (watcher_->job.ok()) static_cast<void>(watcher_->job->Cancel());
  watcher_->thread.Join();
}

Status CollectingJob::Wait() {
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
