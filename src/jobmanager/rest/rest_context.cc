#include "weir/jobmanager/rest/rest_context.h"

#include <algorithm>
#include <utility>

#include "weir/base/clock.h"
#include "weir/config/configuration.h"
#include "weir/config/rest_options.h"
#include "weir/jobmanager/rest/async_operations.h"
#include "weir/jobmanager/rest/job_manager_metrics.h"
#include "weir/metrics/metric_store.h"
#include "weir/rpc/pending_reply.h"

namespace weir {

namespace {

Status BadParameter(std::string_view name, std::string_view value) {
  return InvalidArgumentError("Cannot resolve path parameter (" + std::string(name) + ") from value \"" +
                              std::string(value) + "\": expected 32 hexadecimal digits");
}

template <class T>
StatusOr<T> Await(PendingReply<T>& pending, const Configuration& configuration) {
  const Duration timeout = configuration.Get(kWebTimeout);
  if (!pending.WaitFor(timeout)) return DeadlineExceededError("the JobManager did not answer in time (web.timeout)");
  return pending.Wait();
}

}  // namespace

RestContext::RestContext(RestContextOptions options)
    : options_(std::move(options)),
      operations_(std::make_unique<AsyncOperations>()),
      job_manager_metrics_(std::make_unique<JobManagerMetrics>(
          options_.configuration != nullptr ? *options_.configuration : Configuration())) {}

RestContext::~RestContext() = default;

Timestamp RestContext::Now() const { return FromEventTime(options_.clock->WallMillis()); }

std::vector<MetricReport> RestContext::ReportedMetrics() const {
  return options_.metrics == nullptr ? std::vector<MetricReport>() : options_.metrics->Latest();
}

StatusOr<JobId> JobIdIn(const RestRequest& request) {
  const std::string& text = request.Parameter("jobid");
  StatusOr<JobId> id = JobId::FromHex(text);
  if (!id.ok()) return BadParameter("jobid", text);
  return id;
}

StatusOr<std::vector<JobOverview>> RestContext::Jobs() const {
  PendingReply<std::vector<JobOverview>> pending;
  options_.dispatcher->ListJobs(pending.NewReply());
  return Await(pending, configuration());
}

StatusOr<std::vector<JobDetails>> RestContext::AllJobs() const {
  WEIR_ASSIGN_OR_RETURN(const std::vector<JobOverview> jobs, Jobs());
  std::vector<JobDetails> all;
  for (const JobOverview& job : jobs) {
    StatusOr<JobDetails> details =
        Job({.method = "GET", .path = "/jobs", .parameters = {{"jobid", job.job_id.ToHex()}}});
    if (details.ok()) all.push_back(*std::move(details));
  }
  return all;
}

StatusOr<JobDetails> RestContext::Job(const RestRequest& request) const {
  WEIR_ASSIGN_OR_RETURN(const JobId id, JobIdIn(request));
  PendingReply<JobDetails> pending;
  options_.dispatcher->RequestJobDetails(id, pending.NewReply());
  StatusOr<JobDetails> details = Await(pending, configuration());
  if (details.status().code() == StatusCode::kNotFound) return NotFoundError("Job " + id.ToHex() + " not found");
  if (!details.ok()) return details;
  for (VertexDetails& vertex : details->vertices) {
    if (!vertex.is_source) continue;
    // As Flink: what a source reads comes from no task.
    for (SubtaskDetails& subtask : vertex.subtasks) subtask.statistics.records_in = 0;
  }
  return details;
}

StatusOr<RestContext::JobAndVertex> RestContext::Vertex(const RestRequest& request) const {
  const std::string& text = request.Parameter("vertexid");
  const StatusOr<VertexId> id = VertexId::FromHex(text);
  if (!id.ok()) return BadParameter("vertexid", text);
  WEIR_ASSIGN_OR_RETURN(JobDetails job, Job(request));
  const auto found = std::ranges::find(job.vertices, *id, &VertexDetails::vertex_id);
  if (found == job.vertices.end()) {
    return NotFoundError("The vertex " + text + " does not exist in the job " + job.overview.job_id.ToHex() + ".");
  }
  const auto vertex = static_cast<size_t>(found - job.vertices.begin());
  return JobAndVertex{.job = std::move(job), .vertex = vertex};
}

StatusOr<std::vector<TaskManagerOverview>> RestContext::TaskManagers() const {
  PendingReply<std::vector<TaskManagerOverview>> pending;
  options_.resources->RequestTaskManagers(pending.NewReply());
  return Await(pending, configuration());
}

Status RestContext::CheckTaskManager(const RestRequest& request) const {
  const std::string& id = request.Parameter("taskmanagerid");
  WEIR_ASSIGN_OR_RETURN(const std::vector<TaskManagerOverview> task_managers, TaskManagers());
  for (const TaskManagerOverview& task_manager : task_managers) {
    if (task_manager.id.value() == id) return OkStatus();
  }
  return NotFoundError("Could not find TaskManager with id " + id + ".");
}

StatusOr<std::string> RestContext::Ask(const RestRequest& request, TaskManagerQuestion question) const {
  PendingReply<std::string> pending;
  options_.resources->AskTaskManager(TaskManagerId(request.Parameter("taskmanagerid")), std::move(question),
                                     pending.NewReply());
  return Await(pending, configuration());
}

Status RestContext::Cancel(JobId job_id) const {
  PendingReply<bool> pending;
  options_.dispatcher->CancelJob(job_id, [reply = pending.NewReply()](Status status) mutable {
    status.ok() ? reply(true) : reply(std::move(status));
  });
  Status status = Await(pending, configuration()).status();
  if (status.code() == StatusCode::kNotFound) return NotFoundError("Job " + job_id.ToHex() + " not found");
  return status;
}

}  // namespace weir
