// /jobs/:jobid/vertices/:vertexid: one vertex and its subtasks.
#include <algorithm>
#include <charconv>
#include <map>
#include <set>

#include <nlohmann/json.hpp>

#include "weir/graph/job/job_graph.h"
#include "weir/jobmanager/rest/metric_json.h"
#include "weir/jobmanager/rest/reported_metrics.h"
#include "weir/jobmanager/rest/rest_context.h"
#include "weir/jobmanager/rest/rest_resources.h"
#include "weir/jobmanager/rest/task_json.h"

namespace weir {

namespace {

using nlohmann::json;

// How a task spent the time between two reports, 0 to 1 each.
struct TimeShares {
  double busy = 0;
  double idle = 0;
  double backpressured = 0;
};

TimeShares SharesOf(const TaskStatistics& earlier, const TaskStatistics& now) {
  const auto busy = static_cast<double>(now.busy_ns - earlier.busy_ns);
  const auto idle = static_cast<double>(now.idle_ns - earlier.idle_ns);
  const auto backpressured = static_cast<double>(now.backpressured_ns - earlier.backpressured_ns);
  const double all = busy + idle + backpressured;
  if (all <= 0) return {};
  return {busy / all, idle / all, backpressured / all};
}

// Flink's thresholds.
const char* LevelOf(double backpressured) {
  if (backpressured <= 0.10) return "ok";
  return backpressured <= 0.5 ? "low" : "high";
}

StatusOr<size_t> SubtaskIndexIn(const RestRequest& request, const VertexDetails& vertex) {
  WEIR_ASSIGN_OR_RETURN(const int64_t index, WholeNumberIn("subtaskindex", request.Parameter("subtaskindex")));
  if (index >= static_cast<int64_t>(vertex.subtasks.size())) {
    return NotFoundError("Invalid subtask index for vertex " + vertex.vertex_id.ToHex() + ": " + std::to_string(index));
  }
  return static_cast<size_t>(index);
}

struct SubtaskInVertex {
  RestContext::JobAndVertex vertex;
  size_t index = 0;

  const SubtaskDetails& details() const { return vertex.details().subtasks[index]; }
};

StatusOr<SubtaskInVertex> SubtaskIn(const RestRequest& request, const RestContext& context) {
  WEIR_ASSIGN_OR_RETURN(RestContext::JobAndVertex vertex, context.Vertex(request));
  WEIR_ASSIGN_OR_RETURN(const size_t index, SubtaskIndexIn(request, vertex.details()));
  return SubtaskInVertex{std::move(vertex), index};
}

}  // namespace

StatusOr<int64_t> WholeNumberIn(std::string_view name, std::string_view text) {
  int64_t number = -1;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc() || end != text.data() + text.size() || number < 0) {
    return InvalidArgumentError("Cannot resolve parameter (" + std::string(name) + ") from value \"" +
                                std::string(text) + "\": expected a whole number >= 0");
  }
  return number;
}

StatusOr<RestResponse> GetVertex(const RestRequest& request, const RestContext& context) {
  WEIR_ASSIGN_OR_RETURN(const RestContext::JobAndVertex found, context.Vertex(request));
  const Timestamp now = context.Now();
  json subtasks = json::array();
  for (size_t i = 0; i < found.details().subtasks.size(); ++i)
    subtasks.push_back(SubtaskJson(found.details().subtasks[i], static_cast<int>(i), now));
  return JsonResponse({{"id", found.details().vertex_id.ToHex()},
                       {"name", found.details().name},
                       {"parallelism", found.details().subtasks.size()},
                       {"maxParallelism", found.job.graph->vertices[found.vertex].max_parallelism},
                       {"now", MillisOf(now)},
                       {"subtasks", subtasks},
                       {"aggregated", Aggregated(found.details().subtasks, now)}});
}

StatusOr<RestResponse> GetVertexTaskManagers(const RestRequest& request, const RestContext& context) {
  WEIR_ASSIGN_OR_RETURN(const RestContext::JobAndVertex found, context.Vertex(request));
  const Timestamp now = context.Now();
  std::map<std::string, std::vector<SubtaskDetails>> by_host;
  for (const SubtaskDetails& subtask : found.details().subtasks) by_host[EndpointOf(subtask)].push_back(subtask);
  json hosts = json::array();
  for (const auto& [host, subtasks] : by_host) {
    const TaskSpan span = SpanOf(subtasks, now);
    hosts.push_back({{"endpoint", host},
                     {"taskmanager-id", host},
                     {"status", std::string(ExecutionStateName(AggregateState(subtasks)))},
                     {"start-time", span.start_ms},
                     {"end-time", span.end_ms},
                     {"duration", span.duration_ms},
                     {"metrics", IoMetrics(subtasks)},
                     {"status-counts", CountStates(subtasks)},
                     {"aggregated", Aggregated(subtasks, now)}});
  }
  return JsonResponse({{"id", found.details().vertex_id.ToHex()},
                       {"name", found.details().name},
                       {"now", MillisOf(now)},
                       {"taskmanagers", hosts}});
}

StatusOr<RestResponse> GetSubtaskTimes(const RestRequest& request, const RestContext& context) {
  WEIR_ASSIGN_OR_RETURN(const RestContext::JobAndVertex found, context.Vertex(request));
  const Timestamp now = context.Now();
  json subtasks = json::array();
  for (size_t i = 0; i < found.details().subtasks.size(); ++i) {
    const SubtaskDetails& subtask = found.details().subtasks[i];
    subtasks.push_back({{"subtask", i},
                        {"endpoint", EndpointOf(subtask)},
                        {"duration", SpanOf(subtask, now).duration_ms},
                        {"timestamps", StateTimes(subtask)}});
  }
  return JsonResponse({{"id", found.details().vertex_id.ToHex()},
                       {"name", found.details().name},
                       {"now", MillisOf(now)},
                       {"subtasks", subtasks}});
}

// Accumulators are sums over a job: no vertex has its own.
StatusOr<RestResponse> GetVertexAccumulators(const RestRequest& request, const RestContext& context) {
  WEIR_ASSIGN_OR_RETURN(const RestContext::JobAndVertex found, context.Vertex(request));
  return JsonResponse({{"id", found.details().vertex_id.ToHex()}, {"user-accumulators", json::array()}});
}

StatusOr<RestResponse> GetSubtasksAccumulators(const RestRequest& request, const RestContext& context) {
  WEIR_ASSIGN_OR_RETURN(const RestContext::JobAndVertex found, context.Vertex(request));
  json subtasks = json::array();
  for (size_t i = 0; i < found.details().subtasks.size(); ++i) {
    const SubtaskDetails& subtask = found.details().subtasks[i];
    subtasks.push_back({{"subtask", i},
                        {"attempt", subtask.attempt_number},
                        {"endpoint", EndpointOf(subtask)},
                        {"user-accumulators", json::array()}});
  }
  return JsonResponse({{"id", found.details().vertex_id.ToHex()},
                       {"parallelism", found.details().subtasks.size()},
                       {"subtasks", subtasks}});
}

StatusOr<RestResponse> GetSubtask(const RestRequest& request, const RestContext& context) {
  WEIR_ASSIGN_OR_RETURN(const SubtaskInVertex subtask, SubtaskIn(request, context));
  return JsonResponse(SubtaskJson(subtask.details(), static_cast<int>(subtask.index), context.Now()));
}

namespace {

// Only the present attempt is kept.
Status CheckAttempt(const RestRequest& request, const SubtaskInVertex& subtask) {
  WEIR_ASSIGN_OR_RETURN(const int64_t attempt, WholeNumberIn("attempt", request.Parameter("attempt")));
  if (attempt == subtask.details().attempt_number) return OkStatus();
  return NotFoundError("Attempt " + std::to_string(attempt) + " of subtask " + std::to_string(subtask.index) +
                       " is not there; the present one is " + std::to_string(subtask.details().attempt_number));
}

}  // namespace

StatusOr<RestResponse> GetSubtaskAttempt(const RestRequest& request, const RestContext& context) {
  WEIR_ASSIGN_OR_RETURN(const SubtaskInVertex subtask, SubtaskIn(request, context));
  WEIR_RETURN_IF_ERROR(CheckAttempt(request, subtask));
  return JsonResponse(SubtaskJson(subtask.details(), static_cast<int>(subtask.index), context.Now()));
}

StatusOr<RestResponse> GetSubtaskAccumulators(const RestRequest& request, const RestContext& context) {
  WEIR_ASSIGN_OR_RETURN(const SubtaskInVertex subtask, SubtaskIn(request, context));
  WEIR_RETURN_IF_ERROR(CheckAttempt(request, subtask));
  return JsonResponse(SubtaskAccumulatorsJson(subtask.details(), static_cast<int>(subtask.index)));
}

StatusOr<RestResponse> GetBackPressure(const RestRequest& request, const RestContext& context) {
  WEIR_ASSIGN_OR_RETURN(const RestContext::JobAndVertex found, context.Vertex(request));
  json subtasks = json::array();
  double highest = 0;
  for (size_t i = 0; i < found.details().subtasks.size(); ++i) {
    const SubtaskDetails& subtask = found.details().subtasks[i];
    const TimeShares shares = SharesOf(subtask.earlier, subtask.statistics);
    highest = std::max(highest, shares.backpressured);
    subtasks.push_back({{"subtask", i},
                        {"attempt-number", subtask.attempt_number},
                        {"backpressure-level", LevelOf(shares.backpressured)},
                        {"backpressureLevel", LevelOf(shares.backpressured)},
                        {"ratio", shares.backpressured},
                        {"idleRatio", shares.idle},
                        {"busyRatio", shares.busy}});
  }
  return JsonResponse({{"status", "ok"},
                       {"backpressure-level", LevelOf(highest)},
                       {"backpressureLevel", LevelOf(highest)},
                       {"end-timestamp", MillisOf(context.Now())},
                       {"subtasks", subtasks}});
}

StatusOr<RestResponse> GetWatermarks(const RestRequest& request, const RestContext& context) {
  WEIR_ASSIGN_OR_RETURN(const RestContext::JobAndVertex found, context.Vertex(request));
  json list = json::array();
  for (size_t i = 0; i < found.details().subtasks.size(); ++i) {
    list.push_back({{"id", std::to_string(i) + ".currentInputWatermark"},
                    {"value", std::to_string(found.details().subtasks[i].statistics.watermark)}});
  }
  return JsonResponse(list);
}

StatusOr<RestResponse> GetVertexMetrics(const RestRequest& request, const RestContext& context) {
  WEIR_ASSIGN_OR_RETURN(const RestContext::JobAndVertex found, context.Vertex(request));
  const std::vector<MetricReport> reports = context.ReportedMetrics();
  MetricValues all;
  for (size_t i = 0; i < found.details().subtasks.size(); ++i) {
    for (const auto& [name, value] : MetricsOfAttempt(reports, found.details().subtasks[i]))
      all.emplace_back(std::to_string(i) + "." + name, value);
  }
  return JsonResponse(MetricList(all, request.QueryList("get")));
}

StatusOr<RestResponse> GetSubtaskMetrics(const RestRequest& request, const RestContext& context) {
  WEIR_ASSIGN_OR_RETURN(const SubtaskInVertex subtask, SubtaskIn(request, context));
  return JsonResponse(
      MetricList(MetricsOfAttempt(context.ReportedMetrics(), subtask.details()), request.QueryList("get")));
}

StatusOr<RestResponse> GetSubtasksMetrics(const RestRequest& request, const RestContext& context) {
  WEIR_ASSIGN_OR_RETURN(const RestContext::JobAndVertex found, context.Vertex(request));
  std::set<size_t> chosen;
  for (const std::string& range : request.QueryList("subtasks")) {
    const size_t dash = range.find('-');
    WEIR_ASSIGN_OR_RETURN(const int64_t first, WholeNumberIn("subtasks", range.substr(0, dash)));
    int64_t last = first;
    if (dash != std::string::npos) {
      WEIR_ASSIGN_OR_RETURN(last, WholeNumberIn("subtasks", range.substr(dash + 1)));
    }
    for (int64_t i = first; i <= last && i < static_cast<int64_t>(found.details().subtasks.size()); ++i)
      chosen.insert(static_cast<size_t>(i));
  }
  const std::vector<MetricReport> reports = context.ReportedMetrics();
  std::map<std::string, std::vector<double>> values;
  for (size_t i = 0; i < found.details().subtasks.size(); ++i) {
    if (chosen.empty() || chosen.contains(i)) Collect(MetricsOfAttempt(reports, found.details().subtasks[i]), values);
  }
  return JsonResponse(AggregatedMetricList(values, request));
}

}  // namespace weir
