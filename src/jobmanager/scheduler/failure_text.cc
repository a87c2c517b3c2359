#include "weir/jobmanager/scheduler/failure_text.h"

namespace weir {
namespace {

constexpr std::string_view kOperator = "operator \"";

// Where the operator's quoted name ends in a message that begins with it; npos if it does not. Names may hold quotes.
size_t EndOfOperatorName(std::string_view message) {
  if (!message.starts_with(kOperator)) return std::string_view::npos;
  const size_t thrown = message.find("\" threw ", kOperator.size());
  const size_t failed = message.find("\": ", kOperator.size());
  const size_t end = std::min(thrown, failed);
  return end == std::string_view::npos ? end : end + 1;
}

}  // namespace

Status DescribeTaskFailure(const ExecutionGraph& executions, const SubtaskRef& task, const Status& error) {
  std::string message(error.message());
  const size_t end = EndOfOperatorName(message);
  if (end == std::string::npos) return error.Annotate("task " + executions.NameOf(task));
  message.insert(end, " (subtask " + std::to_string(task.subtask + 1) + "/" +
                          std::to_string(executions.VertexOf(task).parallelism) + ")");
  return Status(error.code(), std::move(message));
}

Status DescribeJobFailure(const std::string& job_name, const Status& cause, const std::string& reason) {
  std::string message = "job \"" + job_name + "\" failed: " + std::string(cause.message());
  if (!reason.empty()) message += " (" + reason + ")";
  return Status(cause.code(), std::move(message));
}

Status DescribeSlotShortage(int needed, const SlotShortage& shortage, Duration waited) {
  return ResourceExhaustedError("the job needs " + std::to_string(needed) + " slots and still lacks " +
                                std::to_string(shortage.missing) + " after " + DurationText(waited) +
                                "; the cluster has " + std::to_string(shortage.total) + ", of which " +
                                std::to_string(shortage.free) + " are free" +
                                (shortage.free >= shortage.missing ? " (but on no single TaskManager so many)" : "") +
                                ". Start more TaskManagers, raise taskmanager.numberOfTaskSlots, lower the "
                                "job's parallelism, or wait longer with slot.request.timeout.");
}

Status DescribeStuckTasks(const ExecutionGraph& executions, const std::vector<SubtaskRef>& stuck, Duration waited) {
  // The first ones tell enough: usually all wait for the same thing.
  constexpr size_t kNamed = 3;
  std::string names;
  for (size_t i = 0; i < stuck.size() && i < kNamed; ++i) names += (i == 0 ? "" : ", ") + executions.NameOf(stuck[i]);
  if (stuck.size() > kNamed) names += " and " + std::to_string(stuck.size() - kNamed) + " more";
  return DeadlineExceededError(
      "tasks did not end within " + DurationText(waited) + " after they were cancelled: " + names +
      ". A function in one of them does not return (tasks of a slot share a thread); functions must not wait without a "
      "limit. task.cancellation.timeout sets the time.");
}

std::string DurationText(Duration duration) {
  const int64_t ms = duration.count();
  if (ms != 0 && ms % 60'000 == 0) return std::to_string(ms / 60'000) + " min";
  if (ms != 0 && ms % 1000 == 0) return std::to_string(ms / 1000) + " s";
  return std::to_string(ms) + " ms";
}

}  // namespace weir
