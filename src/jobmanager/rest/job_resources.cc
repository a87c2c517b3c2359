// /jobs and what is about one job as a whole.
#include <algorithm>
#include <map>

#include <nlohmann/json.hpp>

#include "weir/config/configuration.h"
#include "weir/config/pipeline_options.h"
#include "weir/config/rest_options.h"
#include "weir/graph/job/job_graph.h"
#include "weir/graph/job/plan_json.h"
#include "weir/jobmanager/archive/job_archives.h"
#include "weir/jobmanager/rest/rest_context.h"
#include "weir/jobmanager/rest/rest_resources.h"
#include "weir/jobmanager/rest/task_json.h"

namespace weir {

namespace {

using nlohmann::json;

constexpr JobStatus kStatuses[] = {JobStatus::kInitializing, JobStatus::kCreated,    JobStatus::kRunning,
                                   JobStatus::kFailing,      JobStatus::kFailed,     JobStatus::kCancelling,
                                   JobStatus::kCanceled,     JobStatus::kFinished,   JobStatus::kRestarting,
                                   JobStatus::kSuspended,    JobStatus::kReconciling};

std::string NameOf(JobStatus status) { return std::string(JobStatusName(status)); }

json PlanOf(const JobDetails& job) {
  json plan = json::parse(JobPlanJson(*job.graph));
  plan["jid"] = job.overview.job_id.ToHex();
  return plan;
}

// "start-time", "end-time" (-1 while it runs), "duration".
void AddTimes(const JobOverview& job, json& into) {
  into["start-time"] = MillisOf(job.start_time);
  into["end-time"] = IsGloballyTerminal(job.status) ? MillisOf(job.end_time) : -1;
  into["duration"] = MillisOf(job.end_time) - MillisOf(job.start_time);
}

std::vector<SubtaskDetails> AllSubtasks(const JobDetails& job) {
  std::vector<SubtaskDetails> all;
  for (const VertexDetails& vertex : job.vertices)
    all.insert(all.end(), vertex.subtasks.begin(), vertex.subtasks.end());
  return all;
}

int64_t LastModification(const JobDetails& job) {
  int64_t latest = 0;
  for (const auto& [status, time] : job.status_times) latest = std::max(latest, MillisOf(time));
  for (const SubtaskDetails& subtask : AllSubtasks(job)) {
    for (const EventTime entered : subtask.entered) latest = std::max(latest, entered);
  }
  return latest;
}

json OverviewJson(const JobDetails& job) {
  json tasks = CountStates(AllSubtasks(job));
  tasks["TOTAL"] = AllSubtasks(job).size();
  json lower = json::object();
  for (const auto& [name, count] : tasks.items()) {
    std::string key = name;
    std::ranges::transform(key, key.begin(), [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
    lower[key] = count;
  }
  json shown = {{"jid", job.overview.job_id.ToHex()},
                {"name", job.overview.job_name},
                {"state", NameOf(job.overview.status)},
                {"last-modification", LastModification(job)},
                {"tasks", lower},
                {"pending-operators", 0},
                {"jobType", "STREAMING"},
                {"schedulerType", "Default"}};
  AddTimes(job.overview, shown);
  return shown;
}

json VertexJson(const JobDetails& job, size_t index, Timestamp now) {
  const VertexDetails& vertex = job.vertices[index];
  const TaskSpan span = SpanOf(vertex.subtasks, now);
  return {{"id", vertex.vertex_id.ToHex()},
          {"slotSharingGroupId", SlotSharingGroupId(*job.graph, index)},
          {"name", vertex.name},
          {"maxParallelism", job.graph->vertices[index].max_parallelism},
          {"parallelism", vertex.subtasks.size()},
          {"status", std::string(ExecutionStateName(AggregateState(vertex.subtasks)))},
          {"start-time", span.start_ms},
          {"end-time", span.end_ms},
          {"duration", span.duration_ms},
          {"tasks", CountStates(vertex.subtasks)},
          {"metrics", IoMetrics(vertex.subtasks)}};
}

// The code of the error stands where Flink has an exception's class.
json FailureJson(const JobFailure& failure) {
  json shown = {{"exceptionName", std::string(StatusCodeName(failure.cause.code()))},
                {"stacktrace", std::string(failure.cause.message())},
                {"timestamp", MillisOf(failure.time)},
                {"failureLabels", json::object()},
                {"taskName", nullptr},
                {"endpoint", nullptr},
                {"taskManagerId", nullptr}};
  if (!failure.task.empty()) {
    shown["taskName"] = failure.task + " - execution #" + std::to_string(failure.attempt);
    shown["endpoint"] = failure.task_manager.value();
    shown["taskManagerId"] = failure.task_manager.value();
  }
  return shown;
}

// The cause of a failover, and what failed besides.
json RootFailureJson(const JobFailure& failure) {
  json shown = FailureJson(failure);
  shown["concurrentExceptions"] = json::array();
  for (const JobFailure& other : failure.concurrent) shown["concurrentExceptions"].push_back(FailureJson(other));
  return shown;
}

}  // namespace

std::string SlotSharingGroupId(const JobGraph& graph, size_t vertex) {
  // Flink gives the groups random ids; ours have names, so the id is that of the first vertex in the group.
  const std::string& group = graph.vertices[vertex].slot_sharing_group;
  for (const JobVertex& other : graph.vertices) {
    if (other.slot_sharing_group == group) return other.id.ToHex();
  }
  return graph.vertices[vertex].id.ToHex();
}

StatusOr<RestResponse> GetJobs(const RestRequest&, const RestContext& context) {
  WEIR_ASSIGN_OR_RETURN(const std::vector<JobOverview> jobs, context.Jobs());
  json list = json::array();
  for (const JobOverview& job : jobs) list.push_back({{"id", job.job_id.ToHex()}, {"status", NameOf(job.status)}});
  return JsonResponse({{"jobs", list}});
}

StatusOr<RestResponse> GetJobsOverview(const RestRequest&, const RestContext& context) {
  WEIR_ASSIGN_OR_RETURN(const std::vector<JobDetails> jobs, context.AllJobs());
  std::map<std::string, json> archived;
  if (context.archives() != nullptr) {
    for (const ArchivedOverview& job : context.archives()->Overviews())
      archived.emplace(job.job_id, json::parse(job.json));
  }
  json list = json::array();
  for (const JobDetails& job : jobs) {
    const auto found = archived.find(job.overview.job_id.ToHex());
    list.push_back(found != archived.end() ? found->second : OverviewJson(job));
  }
  return JsonResponse({{"jobs", list}});
}

StatusOr<RestResponse> GetJob(const RestRequest& request, const RestContext& context) {
  WEIR_ASSIGN_OR_RETURN(const JobDetails job, context.Job(request));
  const Timestamp now = context.Now();
  json timestamps = json::object();
  for (const JobStatus status : kStatuses) timestamps[NameOf(status)] = 0;
  for (const auto& [status, time] : job.status_times) timestamps[NameOf(status)] = MillisOf(time);
  json vertices = json::array();
  std::map<std::string, int> counts;
  for (const char* state : {"CREATED", "SCHEDULED", "DEPLOYING", "RUNNING", "FINISHED", "CANCELING", "CANCELED",
                            "FAILED", "RECONCILING", "INITIALIZING"}) {
    counts[state] = 0;
  }
  for (size_t v = 0; v < job.vertices.size(); ++v) {
    vertices.push_back(VertexJson(job, v, now));
    ++counts[std::string(ExecutionStateName(AggregateState(job.vertices[v].subtasks)))];
  }
  json shown = {{"jid", job.overview.job_id.ToHex()},
                {"name", job.overview.job_name},
                {"isStoppable", false},
                {"state", NameOf(job.overview.status)},
                {"job-type", "STREAMING"},
                {"maxParallelism", -1},
                {"now", MillisOf(now)},
                {"timestamps", timestamps},
                {"vertices", vertices},
                {"status-counts", counts},
                {"plan", PlanOf(job)},
                {"pending-operators", 0},
                {"schedulerType", "Default"}};
  AddTimes(job.overview, shown);
  return JsonResponse(shown);
}

StatusOr<RestResponse> GetJobStatus(const RestRequest& request, const RestContext& context) {
  WEIR_ASSIGN_OR_RETURN(const JobDetails job, context.Job(request));
  return JsonResponse({{"status", NameOf(job.overview.status)}});
}

StatusOr<RestResponse> GetJobPlan(const RestRequest& request, const RestContext& context) {
  WEIR_ASSIGN_OR_RETURN(const JobDetails job, context.Job(request));
  return JsonResponse({{"plan", PlanOf(job)}});
}

StatusOr<RestResponse> GetJobConfig(const RestRequest& request, const RestContext& context) {
  WEIR_ASSIGN_OR_RETURN(const JobDetails job, context.Job(request));
  json user = json::object();
  for (const auto& [key, value] : job.graph->configuration) user[key] = MaskedValue(key, value);
  const ConfigEntry* const restart = job.configuration->FindEntry("restart-strategy.type");
  return JsonResponse(
      {{"jid", job.overview.job_id.ToHex()},
       {"name", job.overview.job_name},
       {"execution-config",
        {{"restart-strategy", restart == nullptr ? "Cluster level default restart strategy" : restart->value},
         {"job-parallelism", job.configuration->Get(kParallelism)},
         // Records are handed over, never copied: what Flink calls object reuse is how Weir always works.
         {"object-reuse-mode", true},
         {"user-config", user}}}});
}

StatusOr<RestResponse> GetJobManagerConfigOfJob(const RestRequest& request, const RestContext& context) {
  WEIR_ASSIGN_OR_RETURN(const JobDetails job, context.Job(request));
  return JsonResponse(ConfigurationJson(*job.configuration));
}

StatusOr<RestResponse> GetJobAccumulators(const RestRequest& request, const RestContext& context) {
  WEIR_ASSIGN_OR_RETURN(const JobDetails job, context.Job(request));
  json totals = json::array();
  for (const auto& [name, value] : job.accumulators)
    totals.push_back({{"name", name}, {"type", "LongCounter"}, {"value", std::to_string(value)}});
  return JsonResponse({{"job-accumulators", json::array()},
                       {"user-task-accumulators", totals},
                       {"serialized-user-task-accumulators", json::object()}});
}

StatusOr<RestResponse> GetJobExceptions(const RestRequest& request, const RestContext& context) {
  WEIR_ASSIGN_OR_RETURN(const JobDetails job, context.Job(request));
  size_t most = 20;
  if (const auto text = request.Query("maxExceptions"); text.has_value()) {
    WEIR_ASSIGN_OR_RETURN(const int64_t number, WholeNumberIn("maxExceptions", *text));
    most = static_cast<size_t>(number);
  }
  json entries = json::array();
  for (const JobFailure& failure : job.failures) {
    if (entries.size() < most) entries.push_back(RootFailureJson(failure));
  }
  json shown = {{"all-exceptions", json::array()},
                {"truncated", false},
                {"exceptionHistory", {{"entries", entries}, {"truncated", job.failures.size() > entries.size()}}}};
  if (!job.failures.empty()) {
    shown["root-exception"] = std::string(job.failures.front().cause.message());
    shown["timestamp"] = MillisOf(job.failures.front().time);
  }
  return JsonResponse(shown);
}

StatusOr<RestResponse> GetJobResult(const RestRequest& request, const RestContext& context) {
  WEIR_ASSIGN_OR_RETURN(const JobDetails job, context.Job(request));
  if (!IsGloballyTerminal(job.overview.status)) {
    return JsonResponse({{"status", {{"id", "IN_PROGRESS"}}}, {"job-execution-result", nullptr}});
  }
  json accumulators = json::object();
  for (const auto& [name, value] : job.accumulators) accumulators[name] = std::to_string(value);
  json result = {{"id", job.overview.job_id.ToHex()},
                 {"application-status", job.overview.status == JobStatus::kFinished   ? "SUCCEEDED"
                                        : job.overview.status == JobStatus::kCanceled ? "CANCELED"
                                                                                      : "FAILED"},
                 {"accumulator-results", accumulators},
                 {"net-runtime", MillisOf(job.overview.end_time) - MillisOf(job.overview.start_time)}};
  if (!job.error.ok()) {
    result["failure-cause"] = {{"class", std::string(StatusCodeName(job.error.code()))},
                               {"stack-trace", std::string(job.error.message())},
                               {"serialized-throwable", ""}};
  }
  return JsonResponse({{"status", {{"id", "COMPLETED"}}}, {"job-execution-result", result}});
}

StatusOr<RestResponse> PatchJob(const RestRequest& request, const RestContext& context) {
  WEIR_ASSIGN_OR_RETURN(const JobId id, JobIdIn(request));
  if (!context.configuration().Get(kWebCancel))
    return PermissionDeniedError("Cancelling jobs is switched off: web.cancel.enable is false");
  const std::string mode = request.Query("mode").value_or("cancel");
  if (mode == "stop") {
    return ErrorResponse(410,
                         "The termination mode \"stop\" has been removed. Please use \"stop with savepoint\" instead.");
  }
  if (mode != "cancel") return InvalidArgumentError("mode is \"" + mode + "\"; expected cancel or stop");
  WEIR_RETURN_IF_ERROR(context.Cancel(id));
  return RestResponse{.status = 202};
}

}  // namespace weir
