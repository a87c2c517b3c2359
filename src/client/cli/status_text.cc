#include "weir/client/cli/status_text.h"

#include <algorithm>
#include <cctype>
#include <cstdio>
#include <ctime>

#include "weir/base/readable.h"
#include "weir/rpc/checkpoint_statistics.h"

namespace weir::cli {
namespace {

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

// The lowest watermark of its living subtasks, against the wall clock.
int64_t LagOf(const VertexDetails& vertex, Timestamp now) {
  int64_t lowest = INT64_MAX;
  for (const SubtaskDetails& subtask : vertex.subtasks) {
    if (!IsTerminal(subtask.state)) lowest = std::min(lowest, subtask.statistics.watermark);
  }
  if (lowest == INT64_MAX || lowest == INT64_MIN) return -1;
  return std::max<int64_t>(0, ToEventTime(now) - lowest);
}

VertexActivity ActivityOf(const VertexDetails* before, const VertexDetails& now, double seconds, Timestamp time) {
  const auto grown = [&](int64_t TaskStatistics::* number) {
    const int64_t was = before == nullptr ? 0 : Sum(*before, number);
    // After a failover counts begin anew.
    return std::max<int64_t>(0, Sum(now, number) - was);
  };
  const int64_t busy = grown(&TaskStatistics::busy_ns);
  const int64_t held = grown(&TaskStatistics::backpressured_ns);
  const int64_t all = busy + held + grown(&TaskStatistics::idle_ns);
  VertexActivity activity;
  if (seconds > 0) {
    activity.in_per_second = static_cast<double>(grown(&TaskStatistics::records_in)) / seconds;
    activity.out_per_second = static_cast<double>(grown(&TaskStatistics::records_out)) / seconds;
  }
  activity.busy_percent = all == 0 ? 0 : static_cast<int>(busy * 100 / all);
  activity.held_percent = all == 0 ? 0 : static_cast<int>(held * 100 / all);
  activity.watermark_lag = LagOf(now, time);
  return activity;
}

std::string Ago(int64_t time_ms, Timestamp now) {
  const Duration passed(std::max<int64_t>(0, ToEventTime(now) - time_ms));
  return ReadableDuration(passed) + " ago";
}

std::string CheckpointsText(const CheckpointStatistics& checkpoints, Timestamp now) {
  std::string text = "checkpoints: " + std::to_string(checkpoints.counts.completed) + " completed, " +
                     std::to_string(checkpoints.counts.failed) + " failed, " +
                     std::to_string(checkpoints.counts.in_progress) + " under way";
  if (const auto& last = checkpoints.latest_completed) {
    const Duration took(last->end_time_ms - last->trigger_time_ms);
    text += "; the last one (" + last->id.ToString() + ") " + Ago(last->end_time_ms, now) + ", took " +
            ReadableDuration(took) + ", " + ReadableBytes(static_cast<uint64_t>(last->totals.state_bytes));
    if (!last->path.empty()) text += "\n             " + last->path;
  }
  if (const auto& failed = checkpoints.latest_failed) {
    text += "\n             the last failure " + Ago(failed->end_time_ms, now) + ": " + failed->failure;
  }
  return text;
}

std::string LagText(int64_t lag) { return lag < 0 ? "-" : ReadableDuration(Duration(lag)); }

void WriteCheckpoint(const char* name, const CheckpointStatistics::Record& record, JsonWriter& json) {
  json.Key(name);
  if (record == nullptr) {
    json.Null();
    return;
  }
  json.BeginObject()
      .Field("id", record->id.value())
      .Field("trigger-time", record->trigger_time_ms)
      .Field("end-time", record->end_time_ms)
      .Field("state-size", record->totals.state_bytes)
      .Field("path", record->path)
      .Field("failure", record->failure)
      .EndObject();
}

void WriteVertex(const VertexDetails& vertex, const VertexActivity& activity, JsonWriter& json) {
  json.BeginObject()
      .Field("id", vertex.vertex_id.ToHex())
      .Field("name", vertex.name)
      .Field("in-per-second", activity.in_per_second)
      .Field("out-per-second", activity.out_per_second)
      .Field("busy-percent", activity.busy_percent)
      .Field("backpressured-percent", activity.held_percent)
      .Field("watermark-lag", activity.watermark_lag)
      .Key("subtasks")
      .BeginArray();
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

// The first lines of a stack tell most, and there is one screen.
std::string Indented(std::string_view lines) {
  constexpr int kMostLines = 10;
  std::string text;
  for (int line = 0; !lines.empty(); ++line) {
    if (line == kMostLines) return text + "          ...\n";
    const size_t end = std::min(lines.find('\n'), lines.size());
    text += "          " + std::string(lines.substr(0, end)) + "\n";
    lines.remove_prefix(std::min(end + 1, lines.size()));
  }
  return text;
}

// "ERROR  `count` is the bottleneck: ...", what shows it, and what to do.
std::string VerdictText(const JobVerdict& verdict) {
  std::string severity = verdict.severity;
  for (char& letter : severity) letter = static_cast<char>(std::toupper(static_cast<unsigned char>(letter)));
  std::string text =
      severity + std::string(severity.size() < 8 ? 8 - severity.size() : 1, ' ') + verdict.summary + "\n";
  std::string shown;
  std::string blocks;  // stacks and the like
  for (const auto& [name, value] : verdict.evidence) {
    if (value.find('\n') == std::string::npos) {
      shown += (shown.empty() ? "" : "; ") + name + ": " + value;
    } else {
      blocks += Indented(value);
    }
  }
  if (!shown.empty()) text += std::string(8, ' ') + shown + "\n";
  text += blocks;
  if (!verdict.advice.empty()) text += std::string(8, ' ') + verdict.advice + "\n";
  return text;
}

void WriteVerdict(const JobVerdict& verdict, JsonWriter& json) {
  json.BeginObject()
      .Field("kind", verdict.kind)
      .Field("severity", verdict.severity)
      .Field("summary", verdict.summary)
      .Field("advice", verdict.advice)
      .Key("vertex-id");
  if (verdict.vertex.has_value()) {
    json.String(verdict.vertex->ToHex());
  } else {
    json.Null();
  }
  json.Field("subtask", verdict.subtask).Key("evidence").BeginArray();
  for (const auto& [name, value] : verdict.evidence) {
    json.BeginObject().Field("name", name).Field("value", value).EndObject();
  }
  json.EndArray().EndObject();
}

}  // namespace

JobActivity ActivityOf(const JobDetails& before, const JobDetails& now, Duration interval) {
  const bool has_before = interval > Duration(0) && before.vertices.size() == now.vertices.size();
  const Duration passed = has_before ? interval : now.overview.end_time - now.overview.start_time;
  JobActivity activity;
  for (size_t v = 0; v < now.vertices.size(); ++v) {
    activity.vertices.push_back(ActivityOf(has_before ? &before.vertices[v] : nullptr, now.vertices[v],
                                           static_cast<double>(passed.count()) / 1000, now.overview.end_time));
  }
  return activity;
}

std::string StatusText(const JobDetails& details, const JobActivity& activity,
                       const std::vector<JobVerdict>& verdicts) {
  const JobOverview& job = details.overview;
  const Duration running = job.end_time - job.start_time;
  std::string text = "job " + job.job_id.ToHex() + " \"" + job.job_name +
                     "\": " + std::string(JobStatusName(job.status)) + ", began " + StartText(job.start_time) + ", " +
                     ReadableDuration(running) + ", " + std::to_string(details.restarts) + " restarts\n";
  for (const JobVerdict& verdict : verdicts) text += VerdictText(verdict);
  if (!details.waiting_for.empty()) text += "waiting for " + details.waiting_for + "\n";
  const bool says_failure =
      std::ranges::any_of(verdicts, [](const JobVerdict& each) { return each.kind == "failure"; });
  if (!details.error.ok() && !says_failure) text += std::string(details.error.message()) + "\n";
  char line[256];
  std::snprintf(line, sizeof(line), "\n%10s %10s %10s %10s %5s %5s %9s  %s\n", "in", "in/s", "out", "out/s", "busy",
                "held", "lag", "vertex");
  text += line;
  for (size_t v = 0; v < details.vertices.size(); ++v) {
    const VertexDetails& vertex = details.vertices[v];
    const VertexActivity& now = activity.vertices[v];
    std::snprintf(line, sizeof(line), "%10s %10s %10s %10s %4d%% %4d%% %9s  ",
                  ReadableCount(static_cast<uint64_t>(Sum(vertex, &TaskStatistics::records_in))).c_str(),
                  ReadableCount(static_cast<uint64_t>(now.in_per_second)).c_str(),
                  ReadableCount(static_cast<uint64_t>(Sum(vertex, &TaskStatistics::records_out))).c_str(),
                  ReadableCount(static_cast<uint64_t>(now.out_per_second)).c_str(), now.busy_percent, now.held_percent,
                  LagText(now.watermark_lag).c_str());
    text += line + vertex.name + ": " + StatesOf(vertex) + "\n";
  }
  if (details.checkpoints != nullptr && details.checkpoints->counts.total > 0) {
    text += "\n" + CheckpointsText(*details.checkpoints, job.end_time) + "\n";
  }
  text.pop_back();
  return text;
}

std::string StatusJson(const JobDetails& details, const JobActivity& activity,
                       const std::vector<JobVerdict>& verdicts) {
  JsonWriter json;
  json.BeginObject();
  WriteOverview(details.overview, json);
  json.Key("diagnosis").BeginArray();
  for (const JobVerdict& verdict : verdicts) WriteVerdict(verdict, json);
  json.EndArray();
  json.Field("restarts", details.restarts).Field("waiting-for", details.waiting_for);
  json.Field("error", details.error.message()).Key("vertices").BeginArray();
  for (size_t v = 0; v < details.vertices.size(); ++v) WriteVertex(details.vertices[v], activity.vertices[v], json);
  json.EndArray();
  static const CheckpointStatistics kNone;
  const CheckpointStatistics& checkpoints = details.checkpoints != nullptr ? *details.checkpoints : kNone;
  json.Key("checkpoints")
      .BeginObject()
      .Field("completed", checkpoints.counts.completed)
      .Field("failed", checkpoints.counts.failed)
      .Field("in-progress", checkpoints.counts.in_progress);
  WriteCheckpoint("latest-completed", checkpoints.latest_completed, json);
  WriteCheckpoint("latest-savepoint", checkpoints.latest_savepoint, json);
  WriteCheckpoint("latest-failed", checkpoints.latest_failed, json);
  json.EndObject().EndObject();
  return std::move(json).Take();
}

std::string StartText(Timestamp time) {
  const std::time_t seconds = ToEventTime(time) / 1000;
  std::tm local{};
  localtime_r(&seconds, &local);
  char text[32];
  std::strftime(text, sizeof(text), "%d.%m.%Y %H:%M:%S", &local);
  return text;
}

void WriteOverview(const JobOverview& job, JsonWriter& json) {
  json.Field("jid", job.job_id.ToHex())
      .Field("name", job.job_name)
      .Field("state", JobStatusName(job.status))
      .Field("start-time", ToEventTime(job.start_time))
      .Field("end-time", IsGloballyTerminal(job.status) ? ToEventTime(job.end_time) : int64_t{-1})
      .Field("duration", ToEventTime(job.end_time) - ToEventTime(job.start_time));
}

}  // namespace weir::cli
