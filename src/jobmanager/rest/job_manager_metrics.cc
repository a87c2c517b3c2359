#include "weir/jobmanager/rest/job_manager_metrics.h"

#include <algorithm>

#include "weir/base/file/process.h"
#include "weir/config/configuration.h"
#include "weir/jobmanager/rest/task_json.h"
#include "weir/rpc/checkpoint_statistics.h"

namespace weir {
namespace {

// The load is a difference between two looks: not too close to each other.
constexpr int64_t kRefreshNanos = 1'000'000'000;

MetricSample Sample(const std::string& name, const GaugeValue& value) {
  return {.name = name, .kind = MetricSample::Kind::kGauge, .value = value};
}

// -1 before the first, as Flink.
void AddCheckpoints(const CheckpointStatistics& statistics, MetricValues& values) {
  values.emplace_back("totalNumberOfCheckpoints", statistics.counts.total);
  values.emplace_back("numberOfInProgressCheckpoints", statistics.counts.in_progress);
  values.emplace_back("numberOfCompletedCheckpoints", statistics.counts.completed);
  values.emplace_back("numberOfFailedCheckpoints", statistics.counts.failed);
  const CheckpointRecord* const last = statistics.latest_completed.get();
  values.emplace_back("lastCompletedCheckpointId", last == nullptr ? int64_t{-1} : last->id.value());
  values.emplace_back("lastCheckpointDuration",
                      last == nullptr ? int64_t{-1} : last->end_time_ms - last->trigger_time_ms);
  values.emplace_back("lastCheckpointSize", last == nullptr ? int64_t{-1} : last->totals.checkpointed_bytes);
  values.emplace_back("lastCheckpointFullSize", last == nullptr ? int64_t{-1} : last->totals.state_bytes);
  values.emplace_back("lastCheckpointProcessedData", last == nullptr ? int64_t{-1} : last->totals.processed_bytes);
  values.emplace_back("lastCheckpointExternalPath", last == nullptr ? std::string("n/a") : last->path);
  const auto& restored = statistics.latest_restored;
  values.emplace_back("lastCheckpointRestoreTimestamp", restored.has_value() ? restored->time_ms : int64_t{-1});
  values.emplace_back("lastCheckpointPersistedData", last == nullptr ? int64_t{-1} : last->totals.persisted_bytes);
}

// Flink's "<status>State" and "<status>Time".
constexpr std::pair<JobStatus, std::string_view> kShownStatuses[] = {
    {JobStatus::kInitializing, "initializing"}, {JobStatus::kCreated, "created"},
    {JobStatus::kRunning, "running"},           {JobStatus::kRestarting, "restarting"},
    {JobStatus::kFailing, "failing"},           {JobStatus::kCancelling, "cancelling"}};

// Since it entered `status`, in which it is.
int64_t MillisIn(const JobDetails& job, JobStatus status) {
  int64_t entered = MillisOf(job.overview.start_time);
  for (const auto& [each, time] : job.status_times) {
    if (each == status) entered = MillisOf(time);
  }
  return std::max<int64_t>(0, MillisOf(job.overview.end_time) - entered);
}

}  // namespace

MetricValues MetricsOfJob(const JobDetails& job) {
  MetricValues values = {{"numRestarts", job.restarts}, {"fullRestarts", job.restarts}};
  const JobStatus now = job.overview.status;
  values.emplace_back("uptime", now == JobStatus::kRunning ? MillisIn(job, now) : int64_t{0});
  // Of an outage that goes on.
  const bool is_down = now == JobStatus::kRestarting || now == JobStatus::kFailing;
  values.emplace_back("downtime", is_down ? MillisIn(job, now) : int64_t{0});
  for (const auto& [status, name] : kShownStatuses) {
    values.emplace_back(std::string(name) + "State", status == now ? 1 : 0);
    values.emplace_back(std::string(name) + "Time", status == now ? MillisIn(job, now) : int64_t{0});
  }
  if (job.checkpoints != nullptr) AddCheckpoints(*job.checkpoints, values);
  return values;
}

JobManagerMetrics::JobManagerMetrics(const Configuration& configuration)
    : scopes_(configuration),
      process_(scopes_.JobManager(HostName())),
      group_(registry_, process_),
      process_metrics_(group_) {}

MetricSnapshot JobManagerMetrics::Take(int64_t now_nanos, const std::vector<JobDetails>& jobs,
                                       const std::vector<TaskManagerOverview>& task_managers) {
  MetricSnapshot snapshot;
  {
    MutexLock lock(mutex_);
    if (last_refresh_nanos_ == 0 || now_nanos - last_refresh_nanos_ >= kRefreshNanos) {
      last_refresh_nanos_ = now_nanos;
      process_metrics_.Refresh(now_nanos);
    }
    snapshot = SnapshotOf(registry_);
  }
  int64_t total = 0;
  int64_t free = 0;
  for (const TaskManagerOverview& task_manager : task_managers) {
    total += static_cast<int64_t>(task_manager.slots.size());
    free += std::ranges::count_if(task_manager.slots,
                                  [](const SlotStatus& slot) { return slot.allocation_id == AllocationId(); });
  }
  const auto running =
      std::ranges::count_if(jobs, [](const JobDetails& job) { return !IsGloballyTerminal(job.overview.status); });
  snapshot.groups.push_back(
      {.scope = process_,
       .samples = {Sample("numRegisteredTaskManagers", static_cast<int64_t>(task_managers.size())),
                   Sample("taskSlotsTotal", total), Sample("taskSlotsAvailable", free),
                   Sample("numRunningJobs", static_cast<int64_t>(running))}});
  for (const JobDetails& job : jobs) {
    if (IsGloballyTerminal(job.overview.status)) continue;
    MetricGroupSnapshot& group = snapshot.groups.emplace_back();
    group.scope = scopes_.Job(process_, job.overview.job_id.ToHex(), job.overview.job_name);
    for (const auto& [name, value] : MetricsOfJob(job)) group.samples.push_back(Sample(name, value));
  }
  return snapshot;
}

}  // namespace weir
