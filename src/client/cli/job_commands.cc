// list, cancel, status, cluster: commands that ask the JobManager.
#include <algorithm>
#include <cstdio>
#include <ctime>
#include <utility>

#include "weir/base/json_writer.h"
#include "weir/base/readable.h"
#include "weir/client/cli/command.h"
#include "weir/rpc/pending_reply.h"

namespace weir::cli {
namespace {

constexpr const char* kRule = "--------------------------------------------------------------";

bool IsScheduled(JobStatus status) { return status == JobStatus::kCreated || status == JobStatus::kInitializing; }

// As Flink prints it: 21.11.2026 17:00:00, in local time.
std::string StartText(Timestamp time) {
  const std::time_t seconds = ToEventTime(time) / 1000;
  std::tm local{};
  localtime_r(&seconds, &local);
  char text[32];
  std::strftime(text, sizeof(text), "%d.%m.%Y %H:%M:%S", &local);
  return text;
}

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

void WriteOverview(const JobOverview& job, JsonWriter& json) {
  json.Field("jid", job.job_id.ToHex())
      .Field("name", job.job_name)
      .Field("state", JobStatusName(job.status))
      .Field("start-time", ToEventTime(job.start_time))
      .Field("end-time", IsGloballyTerminal(job.status) ? ToEventTime(job.end_time) : int64_t{-1})
      .Field("duration", ToEventTime(job.end_time) - ToEventTime(job.start_time));
}

std::vector<JobOverview> Select(const std::vector<JobOverview>& jobs, bool (*wanted)(JobStatus)) {
  std::vector<JobOverview> selected;
  std::ranges::copy_if(jobs, std::back_inserter(selected), [&](const JobOverview& job) { return wanted(job.status); });
  return selected;
}

int PrintList(const ParsedLine& line, const std::vector<JobOverview>& jobs) {
  if (line.Has("json")) {
    JsonWriter json;
    json.BeginObject().Key("jobs").BeginArray();
    for (const JobOverview& job : jobs) {
      json.BeginObject();
      WriteOverview(job, json);
      json.EndObject();
    }
    json.EndArray().EndObject();
    std::printf("%s\n", std::move(json).Take().c_str());
    return kDone;
  }
  const bool all = line.Has("all");
  const bool any = all || (!line.Has("running") && !line.Has("scheduled"));
  if (any || line.Has("running")) {
    PrintJobs("------------------ Running/Restarting Jobs -------------------", "No running jobs.",
              Select(jobs, [](JobStatus status) { return !IsGloballyTerminal(status) && !IsScheduled(status); }));
  }
  if (any || line.Has("scheduled")) {
    PrintJobs("----------------------- Scheduled Jobs -----------------------", "No scheduled jobs.",
              Select(jobs, IsScheduled));
  }
  if (all) {
    PrintJobs("---------------------- Terminated Jobs -----------------------", "No terminated jobs.",
              Select(jobs, IsGloballyTerminal));
  }
  return kDone;
}

StatusOr<std::shared_ptr<JobManagerClient>> Connect(const ParsedLine& line) {
  WEIR_ASSIGN_OR_RETURN(const Configuration configuration, LoadConfiguration(line));
  return ConnectTo(configuration);
}

int64_t Sum(const VertexDetails& vertex, int64_t TaskStatistics::* number) {
  int64_t sum = 0;
  for (const SubtaskDetails& subtask : vertex.subtasks) sum += subtask.statistics.*number;
  return sum;
}

// "2 RUNNING, 1 FAILED".
std::string StatesOf(const VertexDetails& vertex) {
  std::string text;
  for (int state = 0; state <= static_cast<int>(ExecutionState::kFailed); ++state) {
    const auto count = std::ranges::count(vertex.subtasks, static_cast<ExecutionState>(state), &SubtaskDetails::state);
    if (count == 0) continue;
    text += (text.empty() ? "" : ", ") + std::to_string(count) + " " +
            std::string(ExecutionStateName(static_cast<ExecutionState>(state)));
  }
  return text;
}

int Percent(const VertexDetails& vertex, int64_t TaskStatistics::* number) {
  const int64_t all = Sum(vertex, &TaskStatistics::busy_ns) + Sum(vertex, &TaskStatistics::idle_ns) +
                      Sum(vertex, &TaskStatistics::backpressured_ns);
  return all == 0 ? 0 : static_cast<int>(Sum(vertex, number) * 100 / all);
}

void PrintStatus(const JobDetails& details) {
  const JobOverview& job = details.overview;
  std::printf("job %s \"%s\": %s since %s, %d restarts\n", job.job_id.ToHex().c_str(), job.job_name.c_str(),
              std::string(JobStatusName(job.status)).c_str(), StartText(job.start_time).c_str(), details.restarts);
  if (!details.waiting_for.empty()) std::printf("waits for %s\n", details.waiting_for.c_str());
  if (!details.error.ok()) std::printf("%s\n", std::string(details.error.message()).c_str());
  std::printf("\n%12s %12s %5s %5s  %s\n", "in", "out", "busy", "held", "vertex");
  for (const VertexDetails& vertex : details.vertices) {
    std::printf("%12s %12s %4d%% %4d%%  %s: %s\n",
                ReadableCount(static_cast<uint64_t>(Sum(vertex, &TaskStatistics::records_in))).c_str(),
                ReadableCount(static_cast<uint64_t>(Sum(vertex, &TaskStatistics::records_out))).c_str(),
                Percent(vertex, &TaskStatistics::busy_ns), Percent(vertex, &TaskStatistics::backpressured_ns),
                vertex.name.c_str(), StatesOf(vertex).c_str());
  }
}

std::string StatusJson(const JobDetails& details) {
  JsonWriter json;
  json.BeginObject();
  WriteOverview(details.overview, json);
  json.Field("restarts", details.restarts).Field("waiting-for", details.waiting_for);
  json.Field("error", details.error.message()).Key("vertices").BeginArray();
  for (const VertexDetails& vertex : details.vertices) {
    json.BeginObject().Field("id", vertex.vertex_id.ToHex()).Field("name", vertex.name).Key("subtasks").BeginArray();
    for (const SubtaskDetails& subtask : vertex.subtasks) {
      json.BeginObject()
          .Field("state", ExecutionStateName(subtask.state))
          .Field("attempt", subtask.attempt_number)
          .Field("taskmanager-id", subtask.task_manager.value())
          .Field("read-records", subtask.statistics.records_in)
          .Field("write-records", subtask.statistics.records_out)
          .EndObject();
    }
    json.EndArray().EndObject();
  }
  json.EndArray().EndObject();
  return std::move(json).Take();
}

int TakeSavepoint(const ParsedLine& line, JobId job, SavepointRequest request) {
  const std::string type = line.Has("type") ? line.Get("type") : "canonical";
  if (type != "canonical" && type != "native") {
    return Fail(InvalidArgumentError("-type is \"" + type + "\"; expected canonical or native"));
  }
  if (type == "native") request.format = SnapshotFormat::kNative;
  request.directory = AbsolutePath(request.directory);
  const auto client = Connect(line);
  if (!client.ok()) return Fail(client.status());
  PendingReply<std::string> path;
  (*client)->TriggerSavepoint(job, std::move(request), path.NewReply());
  const StatusOr<std::string> written = path.Wait();
  if (!written.ok()) return Fail(written.status());
  std::printf("Savepoint completed. Path: %s\n", written->c_str());
  return kDone;
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

int CancelCommand(const ParsedLine& line) {
  const StatusOr<JobId> job = JobIdOf(line);
  if (!job.ok()) return Fail(job.status());
  const auto client = Connect(line);
  if (!client.ok()) return Fail(client.status());
  std::printf("Cancelling job %s.\n", job->ToHex().c_str());
  PendingReply<bool> begun;
  (*client)->CancelJob(*job, [reply = begun.NewReply()](Status status) mutable {
    reply(status.ok() ? StatusOr<bool>(true) : StatusOr<bool>(std::move(status)));
  });
  const Status cancelling = begun.Wait().status();
  if (!cancelling.ok()) return Fail(cancelling);
  PendingReply<JobResult> result;
  (*client)->RequestJobResult(*job, result.NewReply());
  const StatusOr<JobResult> ended = result.Wait();
  if (!ended.ok()) return Fail(ended.status());
  if (ended->status != JobStatus::kCanceled) {
    return Fail(FailedPreconditionError("job " + job->ToHex() + " ended as " +
                                        std::string(JobStatusName(ended->status)) + " before it was cancelled"));
  }
  std::printf("Cancelled job %s.\n", job->ToHex().c_str());
  return kDone;
}

int StopCommand(const ParsedLine& line) {
  const StatusOr<JobId> job = JobIdOf(line);
  if (!job.ok()) return Fail(job.status());
  const char* const kind = line.Has("drain") ? "Draining" : "Suspending";
  std::printf("%s job \"%s\" with a savepoint.\n", kind, job->ToHex().c_str());
  return TakeSavepoint(line, *job,
                       {.directory = line.Get("savepointPath"), .stops = true, .drains = line.Has("drain")});
}

int SavepointCommand(const ParsedLine& line) {
  if (line.positionals.empty() || line.positionals.size() > 2) {
    return Fail(InvalidArgumentError("expected a job id, and perhaps a folder; `weir list` shows the ids"));
  }
  const StatusOr<JobId> job = JobId::FromHex(line.positionals[0]);
  if (!job.ok()) return Fail(job.status());
  std::printf("Triggering savepoint for job %s.\n", job->ToHex().c_str());
  return TakeSavepoint(line, *job, {.directory = line.positionals.size() == 2 ? line.positionals[1] : ""});
}

int StatusCommand(const ParsedLine& line) {
  const StatusOr<JobId> job = JobIdOf(line);
  if (!job.ok()) return Fail(job.status());
  const auto client = Connect(line);
  if (!client.ok()) return Fail(client.status());
  PendingReply<JobDetails> details;
  (*client)->RequestJobDetails(*job, details.NewReply());
  const StatusOr<JobDetails> known = details.Wait();
  if (!known.ok()) return Fail(known.status());
  if (line.Has("json")) {
    std::printf("%s\n", StatusJson(*known).c_str());
  } else {
    PrintStatus(*known);
  }
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
