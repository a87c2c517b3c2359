// Metrics of jobs and of processes.
#include <algorithm>
#include <map>

#include <nlohmann/json.hpp>

#include "weir/base/file/process.h"
#include "weir/jobmanager/rest/metric_json.h"
#include "weir/jobmanager/rest/rest_context.h"
#include "weir/jobmanager/rest/rest_resources.h"
#include "weir/jobmanager/rest/task_json.h"

namespace weir {

namespace {

using nlohmann::json;

MetricValues MetricsOf(const JobDetails& job) {
  const int64_t lived = MillisOf(job.overview.end_time) - MillisOf(job.overview.start_time);
  const bool runs = job.overview.status == JobStatus::kRunning;
  return {{"numRestarts", job.restarts}, {"fullRestarts", job.restarts}, {"uptime", runs ? lived : 0}};
}

MetricValues MetricsOfThisProcess() {
  const ProcessUsage usage = CurrentProcessUsage();
  return {{"Status.Process.Memory.Resident", static_cast<int64_t>(usage.resident_bytes)},
          {"Status.Process.Memory.Virtual", static_cast<int64_t>(usage.virtual_bytes)},
          {"Status.JVM.CPU.Time", usage.cpu_nanos},
          {"Status.JVM.Threads.Count", usage.threads}};
}

// kNotFound unless a TaskManager of the id in the path has joined.
Status CheckTaskManager(const RestRequest& request, const RestContext& context) {
  const std::string& id = request.Parameter("taskmanagerid");
  WEIR_ASSIGN_OR_RETURN(const std::vector<TaskManagerOverview> task_managers, context.TaskManagers());
  for (const TaskManagerOverview& task_manager : task_managers) {
    if (task_manager.id.value() == id) return OkStatus();
  }
  return NotFoundError("Could not find TaskManager with id " + id + ".");
}

}  // namespace

StatusOr<RestResponse> GetJobMetrics(const RestRequest& request, const RestContext& context) {
  WEIR_ASSIGN_OR_RETURN(const JobDetails job, context.Job(request));
  return JsonResponse(MetricList(MetricsOf(job), request.QueryList("get")));
}

StatusOr<RestResponse> GetJobsMetrics(const RestRequest& request, const RestContext& context) {
  WEIR_ASSIGN_OR_RETURN(const std::vector<JobOverview> jobs, context.Jobs());
  const std::vector<std::string> chosen = request.QueryList("jobs");
  std::map<std::string, std::vector<int64_t>> values;
  for (const JobOverview& job : jobs) {
    const std::string id = job.job_id.ToHex();
    if (!chosen.empty() && std::ranges::find(chosen, id) == chosen.end()) continue;
    const StatusOr<JobDetails> details = context.Job({.method = "GET", .path = "/jobs", .parameters = {{"jobid", id}}});
    if (!details.ok()) continue;
    for (const auto& [name, value] : MetricsOf(*details)) values[name].push_back(value);
  }
  return JsonResponse(AggregatedMetricList(values, request));
}

StatusOr<RestResponse> GetJobManagerMetrics(const RestRequest& request, const RestContext&) {
  return JsonResponse(MetricList(MetricsOfThisProcess(), request.QueryList("get")));
}

// An embedded TaskManager is this process; others report no metrics of theirs here.
StatusOr<RestResponse> GetTaskManagerMetrics(const RestRequest& request, const RestContext& context) {
  WEIR_RETURN_IF_ERROR(CheckTaskManager(request, context));
  const MetricValues values = context.is_embedded() ? MetricsOfThisProcess() : MetricValues();
  return JsonResponse(MetricList(values, request.QueryList("get")));
}

StatusOr<RestResponse> GetTaskManagersMetrics(const RestRequest& request, const RestContext& context) {
  std::map<std::string, std::vector<int64_t>> values;
  if (context.is_embedded()) {
    for (const auto& [name, value] : MetricsOfThisProcess()) values[name].push_back(value);
  }
  return JsonResponse(AggregatedMetricList(values, request));
}

// The threads of this process by name: stacks of native threads cannot be had from inside without stopping them.
StatusOr<RestResponse> GetThreads(const RestRequest&, const RestContext&) {
  json threads = json::array();
  for (const ThreadDescription& thread : CurrentThreads()) {
    threads.push_back({{"threadName", thread.name},
                       {"stringifiedThreadInfo",
                        "\"" + thread.name + "\" Id=" + std::to_string(thread.id) + " " + thread.state + "\n"}});
  }
  return JsonResponse({{"threadInfos", threads}});
}

StatusOr<RestResponse> GetTaskManagerThreads(const RestRequest& request, const RestContext& context) {
  WEIR_RETURN_IF_ERROR(CheckTaskManager(request, context));
  if (!context.is_embedded()) return UnimplementedError("threads of TaskManagers in other processes are not shown");
  return GetThreads(request, context);
}

StatusOr<RestResponse> GetTaskManagerLogs(const RestRequest& request, const RestContext& context) {
  WEIR_RETURN_IF_ERROR(CheckTaskManager(request, context));
  return GetLogs(request, context);
}

}  // namespace weir
