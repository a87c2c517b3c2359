#include "weir/jobmanager/scheduler/execution_graph.h"

#include <algorithm>
#include <map>
#include <utility>

#include "weir/base/check.h"
#include "weir/base/random.h"

namespace weir {

ExecutionGraph::ExecutionGraph(std::shared_ptr<const JobGraph> graph, Random& random, EventTime now)
    : graph_(std::move(graph)), random_(random), regions_(PipelinedRegions(*graph_)) {
  for (int v = 0; v < static_cast<int>(graph_->vertices.size()); ++v) {
    const int parallelism = graph_->vertices[v].parallelism;
    vertices_.emplace_back(parallelism);
    region_of_.emplace_back(parallelism);
    for (int subtask = 0; subtask < parallelism; ++subtask) {
      const SubtaskRef task{v, subtask};
      tasks_.push_back(task);
      Mutable(task) = NewExecution(task, 0, now);
    }
  }
  for (size_t region = 0; region < regions_.size(); ++region) {
    for (const SubtaskRef& task : regions_[region]) region_of_[task.vertex][task.subtask] = static_cast<int>(region);
  }
}

Execution ExecutionGraph::NewExecution(const SubtaskRef& task, int32_t number, EventTime now) {
  Execution execution{.id = ExecutionAttemptId::Random(random_), .number = number};
  execution.entered.fill(kNoEventTime);
  execution.entered[static_cast<size_t>(ExecutionState::kCreated)] = now;
  attempts_[execution.id] = task;
  return execution;
}

std::optional<SubtaskRef> ExecutionGraph::Find(const ExecutionAttemptId& attempt) const {
  const auto found = attempts_.find(attempt);
  if (found == attempts_.end()) return std::nullopt;
  return found->second;
}

bool ExecutionGraph::Transition(const SubtaskRef& task, ExecutionState to, EventTime now) {
  Execution& execution = Mutable(task);
  if (!IsLegalTransition(execution.state, to)) return false;
  if (execution.state == ExecutionState::kRunning) --running_;
  if (to == ExecutionState::kRunning) ++running_;
  execution.state = to;
  execution.entered[static_cast<size_t>(to)] = now;
  if (to == ExecutionState::kFinished) ++finished_;
  return true;
}

void ExecutionGraph::Reset(const SubtaskRef& task, EventTime now) {
  Execution& execution = Mutable(task);
  WEIR_CHECK(IsTerminal(execution.state)) << NameOf(task) << " is " << ExecutionStateName(execution.state);
  if (execution.state == ExecutionState::kFinished) --finished_;
  attempts_.erase(execution.id);
  execution = NewExecution(task, execution.number + 1, now);
}

void ExecutionGraph::SetTaskManager(const SubtaskRef& task, TaskManagerId task_manager, std::string data_address) {
  Execution& execution = Mutable(task);
  execution.task_manager = std::move(task_manager);
  execution.data_address = std::move(data_address);
}

void ExecutionGraph::SetFailure(const SubtaskRef& task, Status failure) { Mutable(task).failure = std::move(failure); }

void ExecutionGraph::SetStatistics(const SubtaskRef& task, const TaskStatistics& statistics) {
  Execution& execution = Mutable(task);
  execution.earlier = execution.statistics;
  execution.statistics = statistics;
}

void ExecutionGraph::SetAccumulators(const SubtaskRef& task, AccumulatorTotals accumulators) {
  Mutable(task).accumulators = std::move(accumulators);
}

bool ExecutionGraph::AllTerminal(const std::vector<SubtaskRef>& tasks) const {
  return std::ranges::all_of(tasks, [&](const SubtaskRef& task) { return IsTerminal(Current(task).state); });
}

AccumulatorTotals ExecutionGraph::SumAccumulators() const {
  std::map<std::string, int64_t> totals;
  for (const SubtaskRef& task : tasks_) {
    for (const auto& [name, value] : Current(task).accumulators) totals[name] += value;
  }
  return {totals.begin(), totals.end()};
}

std::string ExecutionGraph::NameOf(const SubtaskRef& task) const {
  const JobVertex& vertex = VertexOf(task);
  return "\"" + vertex.name + "\" (subtask " + std::to_string(task.subtask + 1) + "/" +
         std::to_string(vertex.parallelism) + ")";
}

}  // namespace weir
