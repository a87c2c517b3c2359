#include "weir/jobmanager/diagnosis/job_facts.h"

#include <algorithm>
#include <map>

#include <nlohmann/json.hpp>

#include "weir/graph/job/job_graph.h"
#include "weir/rpc/checkpoint_statistics.h"

namespace weir {
namespace {

using nlohmann::json;

constexpr std::string_view kTask = "taskmanager.job.task";
constexpr std::string_view kOperator = "taskmanager.job.task.operator";
constexpr std::string_view kProcessCpu = ".Status.Process.CPU";
constexpr double kMillisPerSecond = 1000;

const std::string* VariableOf(const MetricScope& scope, std::string_view name) {
  for (const auto& [key, value] : scope.variables) {
    if (key == name) return &value;
  }
  return nullptr;
}

// The samples of a group by name.
class Samples {
 public:
  explicit Samples(const MetricGroupSnapshot& group) {
    for (const MetricSample& sample : group.samples) by_name_[sample.name] = &sample;
  }
  bool Has(std::string_view name) const { return by_name_.contains(name); }
  double Number(std::string_view name) const {
    const auto found = by_name_.find(name);
    return found == by_name_.end() ? 0 : found->second->value.number();
  }
  int64_t Integer(std::string_view name) const {
    const auto found = by_name_.find(name);
    return found == by_name_.end() ? 0 : found->second->value.integer();
  }
  std::string Text(std::string_view name) const {
    const auto found = by_name_.find(name);
    return found == by_name_.end() ? "" : found->second->value.text();
  }

 private:
  std::map<std::string_view, const MetricSample*> by_name_;
};

std::vector<std::pair<std::string, double>> HotKeysOf(const std::string& text) {
  std::vector<std::pair<std::string, double>> keys;
  const json parsed = json::parse(text, nullptr, /*allow_exceptions=*/false);
  if (!parsed.is_array()) return keys;
  for (const json& key : parsed) keys.emplace_back(key.value("key", ""), key.value("share", 0.0));
  return keys;
}

void AddTask(const Samples& samples, SubtaskFacts& facts) {
  facts.is_measured = true;
  facts.busy = samples.Number("busyTimeMsPerSecond") / kMillisPerSecond;
  facts.idle = samples.Number("idleTimeMsPerSecond") / kMillisPerSecond;
  facts.backpressured = samples.Number("backPressuredTimeMsPerSecond") / kMillisPerSecond;
}

void AddOperator(const std::string& name, const Samples& samples, SubtaskFacts& facts) {
  facts.operators.push_back({.name = name,
                             .is_sink = samples.Has("numRecordsSend"),
                             .self_share = samples.Number("selfTimeMsPerSecond") / kMillisPerSecond,
                             .hot_keys = HotKeysOf(samples.Text("hotKeys"))});
  if (samples.Has("slowestSplit") && samples.Integer("slowestSplit") >= 0) {
    facts.slowest_split = {.is_known = true,
                           .split = samples.Integer("slowestSplit"),
                           .watermark = samples.Integer("slowestSplitWatermark"),
                           .furthest = samples.Integer("furthestSplitWatermark"),
                           .silent_ms = samples.Integer("slowestSplitSilentMs")};
  }
}

// Cores that a process uses, or waits for: its own report, or, embedded, that of the TaskManager which it is part of.
double CoresOf(const MetricReport& report) {
  for (const MetricGroupSnapshot& group : report.snapshot->groups) {
    if (group.scope.logical.ends_with(kProcessCpu)) return Samples(group).Number("DemandMillis") / kMillisPerSecond;
  }
  return -1;
}

void AddReports(const std::vector<MetricReport>& reports, std::map<std::string, SubtaskFacts*>& by_attempt) {
  std::map<std::string, double> cores_of_task_manager;
  for (const MetricReport& report : reports) {
    if (report.process.empty()) cores_of_task_manager[report.task_manager] = CoresOf(report);
  }
  for (const MetricReport& report : reports) {
    if (report.process.empty()) continue;
    double cores = CoresOf(report);
    if (cores < 0) cores = cores_of_task_manager[report.task_manager];
    for (const MetricGroupSnapshot& group : report.snapshot->groups) {
      const std::string* const attempt = VariableOf(group.scope, "task_attempt_id");
      const auto found = attempt == nullptr ? by_attempt.end() : by_attempt.find(*attempt);
      if (found == by_attempt.end()) continue;
      found->second->process_cores = cores;
      if (group.scope.logical == kTask) AddTask(Samples(group), *found->second);
      const std::string* const name = VariableOf(group.scope, "operator_name");
      if (group.scope.logical == kOperator && name != nullptr) AddOperator(*name, Samples(group), *found->second);
    }
  }
}

FailureFacts FailureOf(const JobDetails& job, int64_t now_ms) {
  FailureFacts facts;
  if (job.failures.empty()) return facts;
  const JobFailure& last = job.failures.front();
  facts.is_known = true;
  facts.age_ms = now_ms - ToEventTime(last.time);
  facts.cause = std::string(last.cause.message());
  facts.task = last.task;
  facts.restarts = job.restarts;
  facts.has_ended_job = job.overview.status == JobStatus::kFailed;
  return facts;
}

CheckpointFacts CheckpointOf(const CheckpointStatistics& statistics, int64_t now_ms) {
  CheckpointFacts facts;
  facts.usual_ms = statistics.summary.duration_ms.average;
  for (const CheckpointStatistics::Record& record : statistics.history) {
    if (record->status != CheckpointStatus::kInProgress) continue;
    facts.is_pending = true;
    facts.id = record->id.value();
    facts.age_ms = now_ms - record->trigger_time_ms;
    facts.missing.clear();
    for (const VertexCheckpointStatistics& vertex : record->vertices) {
      std::vector<int>& missing = facts.missing.emplace_back();
      for (const SubtaskCheckpointStatistics& subtask : vertex.subtasks) {
        if (!subtask.is_acknowledged) missing.push_back(subtask.subtask_index);
      }
    }
  }
  for (const CheckpointStatistics::Record& record : statistics.history) {
    if (record->status == CheckpointStatus::kInProgress) continue;
    if (record->status == CheckpointStatus::kCompleted) break;
    if (facts.failed_in_a_row++ == 0) facts.last_failure = record->failure;
  }
  return facts;
}

}  // namespace

double MostBackPressured(const VertexFacts& vertex) {
  double most = 0;
  for (const SubtaskFacts& subtask : vertex.subtasks) most = std::max(most, subtask.backpressured);
  return most;
}

JobFacts FactsOf(const JobDetails& job, const std::vector<MetricReport>& reports, int64_t now_ms) {
  JobFacts facts;
  facts.name = job.overview.job_name;
  facts.status = job.overview.status;
  facts.now_ms = now_ms;
  facts.uptime_ms = now_ms - ToEventTime(job.overview.start_time);
  facts.waiting_for = job.waiting_for;
  std::map<std::string, SubtaskFacts*> by_attempt;
  for (const VertexDetails& vertex : job.vertices) {
    VertexFacts& shown = facts.vertices.emplace_back();
    shown.id = vertex.vertex_id;
    shown.name = vertex.name;
    shown.is_source = vertex.is_source;
    shown.subtasks.resize(vertex.subtasks.size());
  }
  for (size_t v = 0; v < job.vertices.size(); ++v) {
    for (size_t i = 0; i < job.vertices[v].subtasks.size(); ++i) {
      const SubtaskDetails& subtask = job.vertices[v].subtasks[i];
      SubtaskFacts& shown = facts.vertices[v].subtasks[i];
      shown.records_in = subtask.statistics.records_in;
      shown.watermark = subtask.statistics.watermark;
      if (subtask.state == ExecutionState::kRunning) by_attempt[subtask.attempt_id.ToHex()] = &shown;
    }
    if (job.graph == nullptr) continue;
    for (const int edge : job.graph->vertices[v].inputs) {
      facts.vertices[v].inputs.push_back(job.graph->edges[edge].source_vertex);
    }
  }
  AddReports(reports, by_attempt);
  facts.failure = FailureOf(job, now_ms);
  if (job.checkpoints != nullptr) facts.checkpoint = CheckpointOf(*job.checkpoints, now_ms);
  return facts;
}

}  // namespace weir
