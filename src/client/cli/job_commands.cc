// list, status, cluster: commands that show things.
#include <algorithm>
#include <cstdio>
#include <utility>

#include "weir/base/json_writer.h"
#include "weir/client/cli/command.h"
#include "weir/client/cli/status_text.h"
#include "weir/rpc/pending_reply.h"

namespace weir::cli {
namespace {

// A TaskManager reports four times a second.
constexpr Duration kStatusInterval{500};

constexpr const char* kRule = "--------------------------------------------------------------";

bool IsScheduled(JobStatus status) { return status == JobStatus::kCreated || status == JobStatus::kInitializing; }

void PrintJobs(const char* title, const char* none, const std::vector<JobOverview>& jobs) {
  if (jobs.empty()) {
    std::printf("%s\n", none);
    return;
  }
  std::printf("%s\n", title);
  for (const JobOverview& job : jobs) {
    std::printf("%s : %s : %s (%s)\n", StartText(job.start_time).c_str(), job.job_id.ToHex().c_str(),
                job.job_name.c_str(), std::string(JobStatusName(job.status)).c_str());
  }
  std::printf("%s\n", kRule);
}

std::vector<JobOverview> Select(const std::vector<JobOverview>& jobs, bool (*wanted)(JobStatus)) {
  std::vector<JobOverview> selected;
  std::ranges::copy_if(jobs, std::back_inserter(selected), [&](const JobOverview& job) { return wanted(job.status); });
  return selected;
}

int PrintList(const ParsedLine& line, const std::vector<JobOverview>& jobs) {
  const bool all = line.Has("all");
  const bool any = all || (!line.Has("running") && !line.Has("scheduled"));
  const bool running = any || line.Has("running");
  const bool scheduled = any || line.Has("scheduled");
  if (line.Has("json")) {
    JsonWriter json;
    json.BeginObject().Key("jobs").BeginArray();
    for (const JobOverview& job : jobs) {
      if (!(IsGloballyTerminal(job.status) ? all : IsScheduled(job.status) ? scheduled : running)) continue;
      json.BeginObject();
      WriteOverview(job, json);
      json.EndObject();
    }
    json.EndArray().EndObject();
    std::printf("%s\n", std::move(json).Take().c_str());
    return kDone;
  }
  if (running) {
    PrintJobs("------------------ Running/Restarting Jobs -------------------", "No running jobs.",
              Select(jobs, [](JobStatus status) { return !IsGloballyTerminal(status) && !IsScheduled(status); }));
  }
  if (scheduled) {
    PrintJobs("----------------------- Scheduled Jobs -----------------------", "No scheduled jobs.",
              Select(jobs, IsScheduled));
  }
  if (all) {
    PrintJobs("---------------------- Terminated Jobs -----------------------", "No terminated jobs.",
              Select(jobs, IsGloballyTerminal));
  }
  return kDone;
}

StatusOr<JobDetails> DetailsOf(JobManagerClient& client, JobId job) {
  PendingReply<JobDetails> details;
  client.RequestJobDetails(job, details.NewReply());
  return details.Wait();
}

}  // namespace

int ListCommand(const ParsedLine& line) {
  const auto client = Connect(line);
  if (!client.ok()) return Fail(client.status());
  PendingReply<std::vector<JobOverview>> jobs;
  (*client)->ListJobs(jobs.NewReply());
  const StatusOr<std::vector<JobOverview>> listed = jobs.Wait();
  return listed.ok() ? PrintList(line, *listed) : Fail(listed.status());
}

int StatusCommand(const ParsedLine& line) {
  const StatusOr<JobId> job = JobIdOf(line);
  if (!job.ok()) return Misuse(line, std::string(job.status().message()));
  const auto client = Connect(line);
  if (!client.ok()) return Fail(client.status());
  const StatusOr<JobDetails> before = DetailsOf(**client, *job);
  if (!before.ok()) return Fail(before.status());
  StatusOr<JobDetails> now = before;
  Duration interval(0);
  if (before->overview.status == JobStatus::kRunning) {
    // Rates are what happens meanwhile.
    PendingReply<bool> nothing;
    nothing.WaitFor(kStatusInterval);
    now = DetailsOf(**client, *job);
    if (!now.ok()) return Fail(now.status());
    interval = now->overview.end_time - before->overview.end_time;
  }
  const JobActivity activity = ActivityOf(*before, *now, interval);
  // Without it the rest is still worth showing.
  const std::vector<JobVerdict> verdicts = (*client)->Diagnose(*job).ValueOr({});
  std::printf("%s\n",
              (line.Has("json") ? StatusJson(*now, activity, verdicts) : StatusText(*now, activity, verdicts)).c_str());
  return kDone;
}

int ClusterCommand(const ParsedLine& line) {
  const auto client = Connect(line);
  if (!client.ok()) return Fail(client.status());
  const StatusOr<ClusterOverview> cluster = (*client)->DescribeCluster();
  if (!cluster.ok()) return Fail(cluster.status());
  if (line.Has("json")) {
    JsonWriter json;
    json.BeginObject()
        .Field("leader-id", cluster->leader.ToHex())
        .Field("taskmanagers", cluster->task_managers)
        .Field("slots-total", cluster->slots)
        .Field("slots-available", cluster->free_slots)
        .EndObject();
    std::printf("%s\n", std::move(json).Take().c_str());
    return kDone;
  }
  std::printf("%d TaskManagers, %d slots, %d of them free\n", cluster->task_managers, cluster->slots,
              cluster->free_slots);
  return kDone;
}

}  // namespace weir::cli
