#include "weir/api/collected_stream.h"

#include <algorithm>
#include <cstdio>

#include "weir/base/execution/simulated_executor.h"
#include "weir/base/execution/thread.h"
#include "weir/connectors/collect/collect_outbox.h"
#include "weir/rpc/job_role.h"

namespace weir {

namespace {

// Virtual time after which no row is expected any more.
constexpr std::chrono::hours kPatience{24 * 365};
// Of rows at once, from each worker: several of them fit into a message.
constexpr uint64_t kFetchBytes = uint64_t{256} << 10;
// While rows come, and while none do.
constexpr Duration kShortestPause{1};
constexpr Duration kLongestPause{50};

// `weir run -d`: the program waits for no job, and has no rows.
bool GoesOnWithoutItsJob() { return CurrentJobRole() == JobRole::kClient && IsDetachedClient(); }

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
    thread = Thread("collect", [this] {
      if (CurrentJobRole() == JobRole::kClient && !GoesOnWithoutItsJob()) FetchRows();
      AwaitEnd();
    });
  }

  // Gets the rows from the job's workers until it has ended, or nobody wants them.
  void FetchRows() {
    CollectInbox inbox(buffer->number());
    Duration pause = kShortestPause;
    while (!job->WaitFor(pause)) {
      const bool abandons = buffer->IsAbandoned() || !buffer->failure().ok();
      const auto answers = job->FetchRows(inbox.NextRequest(buffer->HasRoom() ? kFetchBytes : 0, abandons));
      // Else: between two JobManagers, or before the tasks run. Later.
      if (answers.status().code() == StatusCode::kUnimplemented) buffer->Fail(answers.status());
      const StatusOr<bool> has_rows = answers.ok() && !abandons ? inbox.Take(*answers, *buffer) : false;
      if (!has_rows.ok()) buffer->Fail(has_rows.status());
      pause = has_rows.ValueOr(false) ? kShortestPause : std::min(pause * 2, kLongestPause);
    }
  }

  void AwaitEnd() {
    if (!GoesOnWithoutItsJob()) result = job->Result().status();
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
  if (watcher_->job.ok() && !GoesOnWithoutItsJob()) static_cast<void>(watcher_->job->Cancel());
  watcher_->thread.Join();
}

void CollectingJob::AwaitRows() {
  if (watcher_->simulation == nullptr || !watcher_->job.ok()) return;
  const bool is_served = watcher_->simulation->RunUntil(
      [this] {
        const CollectBuffer& rows = *watcher_->buffer;
        return rows.HasRows() || !rows.failure().ok() || watcher_->job->WaitFor(Duration(0));
      },
      kPatience);
  if (!is_served || !watcher_->buffer->HasRows()) AwaitEnd();
}

void CollectingJob::AwaitEnd() {
  const bool may_end = watcher_->buffer->failure().ok();
  if (may_end && watcher_->simulation != nullptr && watcher_->job.ok()) watcher_->AwaitEnd();
}

Status CollectingJob::Wait() {
  AwaitEnd();
  // The job goes on, and may have no end.
  WEIR_RETURN_IF_ERROR(watcher_->buffer->failure());
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
