#include "weir/jobmanager/rest/task_json.h"

#include <algorithm>
#include <numeric>

#include <nlohmann/json.hpp>

namespace weir {

namespace {

using nlohmann::json;

constexpr ExecutionState kStates[] = {
    ExecutionState::kCreated,  ExecutionState::kScheduled, ExecutionState::kDeploying,
    ExecutionState::kRunning,  ExecutionState::kFinished,  ExecutionState::kCanceling,
    ExecutionState::kCanceled, ExecutionState::kFailed,    ExecutionState::kInitializing};
// A state of Flink that no task of ours is ever in.
constexpr const char* kReconciling = "RECONCILING";

std::string NameOf(ExecutionState state) { return std::string(ExecutionStateName(state)); }

EventTime EnteredAt(const SubtaskDetails& subtask, ExecutionState state) {
  return subtask.entered[static_cast<size_t>(state)];
}

int64_t SumOf(std::span<const SubtaskDetails> subtasks, int64_t TaskStatistics::* number) {
  int64_t sum = 0;
  for (const SubtaskDetails& subtask : subtasks) sum += subtask.statistics.*number;
  return sum;
}

// Value at `quantile` of sorted numbers, linear between neighbours.
double QuantileOf(const std::vector<int64_t>& sorted, double quantile) {
  const double position = quantile * static_cast<double>(sorted.size() - 1);
  const auto below = static_cast<size_t>(position);
  const auto above = std::min(below + 1, sorted.size() - 1);
  return static_cast<double>(sorted[below]) +
         (position - static_cast<double>(below)) * static_cast<double>(sorted[above] - sorted[below]);
}

}  // namespace

RestResponse JsonResponse(const json& body, int status) {
  // A name that is not UTF-8 must not turn the whole answer into an error.
  return {.status = status, .body = body.dump(-1, ' ', false, json::error_handler_t::replace)};
}

int64_t MillisOf(Timestamp time) { return ToEventTime(time); }

json CountStates(std::span<const SubtaskDetails> subtasks) {
  json counts = {{kReconciling, 0}};
  for (const ExecutionState state : kStates) {
    counts[NameOf(state)] = std::ranges::count(subtasks, state, &SubtaskDetails::state);
  }
  return counts;
}

ExecutionState AggregateState(std::span<const SubtaskDetails> subtasks) {
  const auto count = [&](ExecutionState state) { return std::ranges::count(subtasks, state, &SubtaskDetails::state); };
  for (const ExecutionState state : {ExecutionState::kFailed, ExecutionState::kCanceling, ExecutionState::kCanceled,
                                     ExecutionState::kInitializing, ExecutionState::kRunning}) {
    if (count(state) > 0) return state;
  }
  const auto finished = count(ExecutionState::kFinished);
  if (finished > 0) {
    return finished == static_cast<long>(subtasks.size()) ? ExecutionState::kFinished : ExecutionState::kRunning;
  }
  return ExecutionState::kCreated;
}

TaskSpan SpanOf(const SubtaskDetails& subtask, Timestamp now) {
  TaskSpan span;
  if (EnteredAt(subtask, ExecutionState::kDeploying) == kNoEventTime) return span;
  span.start_ms = EnteredAt(subtask, ExecutionState::kDeploying);
  if (IsTerminal(subtask.state)) span.end_ms = EnteredAt(subtask, subtask.state);
  span.duration_ms = (span.end_ms >= 0 ? span.end_ms : MillisOf(now)) - span.start_ms;
  return span;
}

TaskSpan SpanOf(std::span<const SubtaskDetails> subtasks, Timestamp now) {
  TaskSpan all;
  bool has_ended = true;
  for (const SubtaskDetails& subtask : subtasks) {
    const TaskSpan span = SpanOf(subtask, now);
    has_ended = has_ended && IsTerminal(subtask.state);
    if (span.start_ms >= 0 && (all.start_ms < 0 || span.start_ms < all.start_ms)) all.start_ms = span.start_ms;
    all.end_ms = std::max(all.end_ms, span.end_ms);
  }
  if (!has_ended) all.end_ms = -1;
  if (all.start_ms >= 0) all.duration_ms = (all.end_ms >= 0 ? all.end_ms : MillisOf(now)) - all.start_ms;
  return all;
}

json IoMetrics(std::span<const SubtaskDetails> subtasks) {
  return {{"read-bytes", SumOf(subtasks, &TaskStatistics::bytes_in)},
          {"read-bytes-complete", true},
          {"write-bytes", SumOf(subtasks, &TaskStatistics::bytes_out)},
          {"write-bytes-complete", true},
          {"read-records", SumOf(subtasks, &TaskStatistics::records_in)},
          {"read-records-complete", true},
          {"write-records", SumOf(subtasks, &TaskStatistics::records_out)},
          {"write-records-complete", true},
          {"accumulated-backpressured-time", SumOf(subtasks, &TaskStatistics::backpressured_ns) / 1'000'000},
          {"accumulated-idle-time", SumOf(subtasks, &TaskStatistics::idle_ns) / 1'000'000},
          {"accumulated-busy-time", static_cast<double>(SumOf(subtasks, &TaskStatistics::busy_ns)) / 1e6}};
}

json StatusDurations(const SubtaskDetails& subtask, Timestamp now) {
  json durations = json::object();
  for (const ExecutionState state : {ExecutionState::kCreated, ExecutionState::kScheduled, ExecutionState::kDeploying,
                                     ExecutionState::kInitializing, ExecutionState::kRunning}) {
    durations[NameOf(state)] = -1;
    const EventTime entered = EnteredAt(subtask, state);
    if (entered == kNoEventTime) continue;
    EventTime left = subtask.state == state ? MillisOf(now) : INT64_MAX;
    for (const ExecutionState later : kStates) {
      const EventTime time = EnteredAt(subtask, later);
      if (later != state && time != kNoEventTime && time >= entered &&
          static_cast<int>(later) > static_cast<int>(state))
        left = std::min(left, time);
    }
    if (left != INT64_MAX) durations[NameOf(state)] = left - entered;
  }
  return durations;
}

json StateTimes(const SubtaskDetails& subtask) {
  json times = {{kReconciling, 0}};
  for (const ExecutionState state : kStates) {
    const EventTime entered = EnteredAt(subtask, state);
    times[NameOf(state)] = entered == kNoEventTime ? 0 : entered;
  }
  return times;
}

json Distribution(std::vector<int64_t> values) {
  if (values.empty()) values.push_back(0);
  std::ranges::sort(values);
  const int64_t sum = std::accumulate(values.begin(), values.end(), int64_t{0});
  const auto quantile = [&](double q) { return static_cast<int64_t>(QuantileOf(values, q)); };
  return {{"min", values.front()},
          {"max", values.back()},
          {"avg", sum / static_cast<int64_t>(values.size())},
          {"sum", sum},
          {"median", quantile(0.5)},
          {"p25", quantile(0.25)},
          {"p75", quantile(0.75)},
          {"p95", quantile(0.95)}};
}

json Aggregated(std::span<const SubtaskDetails> subtasks, Timestamp now) {
  json metrics = json::object();
  json durations = json::object();
  for (const SubtaskDetails& subtask : subtasks) {
    const json numbers = IoMetrics({&subtask, 1});
    for (const auto& [name, value] : numbers.items()) {
      if (value.is_number()) metrics[name].push_back(value.get<int64_t>());
    }
    const json spans = StatusDurations(subtask, now);
    for (const auto& [name, value] : spans.items()) durations[name].push_back(value);
  }
  for (json* group : {&metrics, &durations}) {
    for (auto& values : *group) values = Distribution(values.get<std::vector<int64_t>>());
  }
  return {{"metrics", metrics}, {"status-duration", durations}};
}

std::string EndpointOf(const SubtaskDetails& subtask) {
  return subtask.task_manager.value().empty() ? "(unassigned)" : subtask.task_manager.value();
}

json SubtaskJson(const SubtaskDetails& subtask, int index, Timestamp now) {
  const TaskSpan span = SpanOf(subtask, now);
  return {{"subtask", index},
          {"status", NameOf(subtask.state)},
          {"attempt", subtask.attempt_number},
          {"endpoint", EndpointOf(subtask)},
          {"start-time", span.start_ms},
          {"start_time", span.start_ms},
          {"end-time", span.end_ms},
          {"duration", span.duration_ms},
          {"metrics", IoMetrics({&subtask, 1})},
          {"taskmanager-id", EndpointOf(subtask)},
          {"status-duration", StatusDurations(subtask, now)}};
}

json SubtaskAccumulatorsJson(const SubtaskDetails& subtask, int index) {
  return {{"id", subtask.attempt_id.ToHex()},
          {"subtask", index},
          {"attempt", subtask.attempt_number},
          {"user-accumulators", json::array()}};
}

}  // namespace weir
