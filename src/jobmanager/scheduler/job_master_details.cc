// What a JobMaster tells of its job, and what it remembers for that.
#include <algorithm>
#include <map>
#include <memory>
#include <utility>

#include "weir/config/configuration.h"
#include "weir/config/history_options.h"
#include "weir/jobmanager/scheduler/job_master.h"

namespace weir {

namespace {

// A thousand tasks of a region may fail for one reason; the first of them tell it.
constexpr size_t kConcurrentKept = 50;
// A worker answers at once; one that hangs must not hold up the others' rows for long.
constexpr std::chrono::seconds kRowsPatience{1};

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

namespace {

// Answers of workers, until all have come or the time is over.
struct RowsAnswers {
  Reply<std::vector<std::string>> reply;
  std::vector<std::string> answers = {};
  size_t due = 0;
  bool is_sent = false;

  void Send() {
    if (!std::exchange(is_sent, true)) reply(std::move(answers));
  }
};

}  // namespace

void JobMaster::FetchRows(const std::string& request, Reply<std::vector<std::string>> reply) {
  std::map<TaskManagerId, std::shared_ptr<TaskExecutorGateway>> workers;
  for (int slot = 0; slot < pool_.size(); ++slot) {
    if (pool_.IsHeld(slot)) workers[pool_.at(slot).offer.task_manager] = pool_.at(slot).gateway;
  }
  auto answers = std::make_shared<RowsAnswers>(RowsAnswers{.reply = std::move(reply), .due = workers.size()});
  if (workers.empty()) return answers->Send();
  for (const auto& [id, gateway] : workers) {
    gateway->Ask({.kind = TaskManagerQuestion::Kind::kRows, .name = request, .job_id = header_.job_id},
                 [executor = options_.executor, alive = alive_, answers](StatusOr<std::string> answer) mutable {
                   // A worker that is not there yet, or no more, has nothing.
                   executor->Post([alive = std::move(alive), answers, answer = std::move(answer)]() mutable {
                     if (!*alive) return;
                     if (answer.ok() && !answers->is_sent) answers->answers.push_back(*std::move(answer));
                     if (--answers->due == 0) answers->Send();
                   });
                 });
  }
  // Not Later(): a job that ends while this waits must answer, too.
  options_.executor->PostAfter(kRowsPatience, [answers] { answers->Send(); });
}

}  // namespace weir
