// What a JobMaster tells of its job, and what it remembers for that.
#include <algorithm>
#include <utility>

#include "weir/config/configuration.h"
#include "weir/config/history_options.h"
#include "weir/jobmanager/scheduler/job_master.h"

namespace weir {

namespace {

// A thousand tasks of a region may fail for one reason; the first of them tell it.
constexpr size_t kConcurrentKept = 50;

}  // namespace

void JobMaster::EnterStatus(JobStatus status) {
  std::erase_if(status_times_, [status](const auto& entered) { return entered.first == status; });
  status_times_.emplace_back(status, FromEventTime(Now()));
}

JobFailure JobMaster::DescribeFailure(const Status& cause, std::optional<SubtaskRef> task) const {
  JobFailure failure{.time = FromEventTime(Now()), .cause = cause};
  if (!task.has_value()) return failure;
  const JobVertex& vertex = executions_.VertexOf(*task);
  failure.task =
      vertex.name + " (" + std::to_string(task->subtask + 1) + "/" + std::to_string(vertex.parallelism) + ")";
  failure.attempt = executions_.Current(*task).number;
  failure.task_manager = executions_.Current(*task).task_manager;
  return failure;
}

void JobMaster::RememberFailure(const Status& cause, std::optional<SubtaskRef> task) {
  failures_.insert(failures_.begin(), DescribeFailure(cause, task));
  const auto most = static_cast<size_t>(submission_.configuration->Get(kExceptionHistorySize));
  if (failures_.size() > most) failures_.resize(most);
}

void JobMaster::RememberConcurrent(const Status& cause, const SubtaskRef& task) {
  const bool is_in_failover = status_ == JobStatus::kRestarting || status_ == JobStatus::kFailing;
  if (!is_in_failover || failures_.empty() || failures_.front().concurrent.size() >= kConcurrentKept) return;
  failures_.front().concurrent.push_back(DescribeFailure(cause, task));
}

JobOverview JobMaster::Overview() const {
  return {.job_id = header_.job_id,
          .job_name = submission_.graph->name,
          .status = status_,
          .start_time = FromEventTime(start_time_),
          .end_time = FromEventTime(end_time_ == kNoEventTime ? Now() : end_time_)};
}

JobDetails JobMaster::Details() const {
  JobDetails details{.overview = Overview(), .error = error_.ok() ? cause_ : error_, .restarts = restart_count_};
  if (!waiting_.empty()) {
    details.waiting_for =
        std::to_string(pool_.size() - pool_.held()) + " of " + std::to_string(pool_.size()) + " slots";
  }
  for (int v = 0; v < static_cast<int>(submission_.graph->vertices.size()); ++v) {
    const JobVertex& vertex = submission_.graph->vertices[v];
    VertexDetails& shown = details.vertices.emplace_back();
    shown = {.vertex_id = vertex.id,
             .name = vertex.name,
             .is_source = vertex.is_source(),
             .is_sink = vertex.outputs.empty()};
    for (int subtask = 0; subtask < vertex.parallelism; ++subtask) {
      const Execution& execution = executions_.Current({v, subtask});
      shown.subtasks.push_back({execution.id, execution.number, execution.state, execution.task_manager,
                                execution.statistics, execution.earlier, execution.entered});
    }
  }
  details.accumulators = executions_.SumAccumulators();
  details.status_times = status_times_;
  details.failures = failures_;
  details.checkpoints = checkpoints_->statistics();
  details.graph = submission_.graph;
  details.configuration = submission_.configuration;
  return details;
}

}  // namespace weir
