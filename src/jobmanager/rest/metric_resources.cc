// Metrics of jobs and of processes.
#include <algorithm>
#include <map>

#include <nlohmann/json.hpp>

#include "weir/base/clock.h"
#include "weir/jobmanager/rest/job_manager_metrics.h"
#include "weir/jobmanager/rest/metric_json.h"
#include "weir/jobmanager/rest/reported_metrics.h"
#include "weir/jobmanager/rest/rest_context.h"
#include "weir/jobmanager/rest/rest_resources.h"
#include "weir/jobmanager/rest/task_json.h"
#include "weir/metrics/prometheus_text.h"

namespace weir {

using nlohmann::json;

StatusOr<MetricSnapshot> JobManagerSnapshot(const RestContext& context) {
  WEIR_ASSIGN_OR_RETURN(const std::vector<JobDetails> jobs, context.AllJobs());
  WEIR_ASSIGN_OR_RETURN(const std::vector<TaskManagerOverview> task_managers, context.TaskManagers());
  return context.job_manager_metrics().Take(context.clock().MonotonicNanos(), jobs, task_managers);
}

StatusOr<RestResponse> GetJobMetrics(const RestRequest& request, const RestContext& context) {
  WEIR_ASSIGN_OR_RETURN(const JobDetails job, context.Job(request));
  return JsonResponse(MetricList(MetricsOfJob(job), request.QueryList("get")));
}

StatusOr<RestResponse> GetJobsMetrics(const RestRequest& request, const RestContext& context) {
  WEIR_ASSIGN_OR_RETURN(const std::vector<JobDetails> jobs, context.AllJobs());
  const std::vector<std::string> chosen = request.QueryList("jobs");
  std::map<std::string, std::vector<double>> values;
  for (const JobDetails& job : jobs) {
    const bool is_wanted = chosen.empty() || std::ranges::find(chosen, job.overview.job_id.ToHex()) != chosen.end();
    if (is_wanted) Collect(MetricsOfJob(job), values);
  }
  return JsonResponse(AggregatedMetricList(values, request));
}

StatusOr<RestResponse> GetJobManagerMetrics(const RestRequest& request, const RestContext& context) {
  WEIR_ASSIGN_OR_RETURN(const MetricSnapshot snapshot, JobManagerSnapshot(context));
  return JsonResponse(MetricList(MetricsOfJobManager(snapshot), request.QueryList("get")));
}

StatusOr<RestResponse> GetTaskManagerMetrics(const RestRequest& request, const RestContext& context) {
  WEIR_RETURN_IF_ERROR(context.CheckTaskManager(request));
  const MetricValues values = MetricsOfTaskManager(context.ReportedMetrics(), request.Parameter("taskmanagerid"));
  return JsonResponse(MetricList(values, request.QueryList("get")));
}

StatusOr<RestResponse> GetTaskManagersMetrics(const RestRequest& request, const RestContext& context) {
  WEIR_ASSIGN_OR_RETURN(const std::vector<TaskManagerOverview> task_managers, context.TaskManagers());
  const std::vector<std::string> chosen = request.QueryList("taskmanagers");
  const std::vector<MetricReport> reports = context.ReportedMetrics();
  std::map<std::string, std::vector<double>> values;
  for (const TaskManagerOverview& task_manager : task_managers) {
    const std::string& id = task_manager.id.value();
    if (!chosen.empty() && std::ranges::find(chosen, id) == chosen.end()) continue;
    Collect(MetricsOfTaskManager(reports, id), values);
  }
  return JsonResponse(AggregatedMetricList(values, request));
}

// Everything, for Prometheus.
StatusOr<RestResponse> GetPrometheusText(const RestRequest&, const RestContext& context) {
  WEIR_ASSIGN_OR_RETURN(const MetricSnapshot snapshot, JobManagerSnapshot(context));
  PrometheusText text;
  snapshot.Visit(text);
  for (const MetricReport& report : context.ReportedMetrics()) report.snapshot->Visit(text);
  return RestResponse{.body = text.Text(), .content_type = "text/plain; version=0.0.4; charset=utf-8"};
}

}  // namespace weir
