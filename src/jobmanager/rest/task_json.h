// JSON pieces that several resources share: times, states and numbers of tasks, in Flink's shapes.
#pragma once

#include <span>
#include <string>
#include <vector>

#include <nlohmann/json_fwd.hpp>

#include "weir/base/time.h"
#include "weir/jobmanager/rest/rest_message.h"
#include "weir/rpc/job_messages.h"

namespace weir {

RestResponse JsonResponse(const nlohmann::json& body, int status = 200);

// Milliseconds since the epoch.
int64_t MillisOf(Timestamp time);

// {"CREATED": 0, ..., "RUNNING": 2}: how many subtasks are in each state.
nlohmann::json CountStates(std::span<const SubtaskDetails> subtasks);
// As Flink aggregates: a failed subtask makes the vertex FAILED, a running one RUNNING, FINISHED only if all are.
ExecutionState AggregateState(std::span<const SubtaskDetails> subtasks);

// From DEPLOYING to the end; -1 where that has not come.
struct TaskSpan {
  int64_t start_ms = -1;
  int64_t end_ms = -1;
  int64_t duration_ms = -1;
};
TaskSpan SpanOf(const SubtaskDetails& subtask, Timestamp now);
// From the first start to the last end, which is -1 while a subtask has not ended.
TaskSpan SpanOf(std::span<const SubtaskDetails> subtasks, Timestamp now);

// "metrics" of a subtask or a vertex: sums of records, bytes and times.
nlohmann::json IoMetrics(std::span<const SubtaskDetails> subtasks);
// "status-duration" of a subtask: milliseconds in each state.
nlohmann::json StatusDurations(const SubtaskDetails& subtask, Timestamp now);
// "timestamps" of a subtask: when it entered each state; 0: not yet.
nlohmann::json StateTimes(const SubtaskDetails& subtask);
// {"min", "max", "avg", "sum", "median", "p25", ...} of numbers; all zero if there are none.
nlohmann::json Distribution(std::vector<int64_t> values);
// "aggregated" of several subtasks.
nlohmann::json Aggregated(std::span<const SubtaskDetails> subtasks, Timestamp now);

// Where a subtask runs, as Flink shows a host: "(unassigned)" before it has a slot.
std::string EndpointOf(const SubtaskDetails& subtask);
// One subtask with everything: SubtaskExecutionAttemptDetailsInfo.
nlohmann::json SubtaskJson(const SubtaskDetails& subtask, int index, Timestamp now);
// The accumulators of an attempt: none, since they are sums over a job.
nlohmann::json SubtaskAccumulatorsJson(const SubtaskDetails& subtask, int index);

}  // namespace weir
