#include "weir/metrics/metric_scope.h"

#include "weir/config/configuration.h"
#include "weir/metrics/metric_options.h"

namespace weir {
namespace {

// Replaces every <name> of the format by the variable of that name; unknown ones stay, so that a mistake shows.
std::string Fill(std::string_view format, const std::vector<std::pair<std::string, std::string>>& variables) {
  std::string filled(format);
  for (const auto& [name, value] : variables) {
    const std::string placeholder = "<" + name + ">";
    for (size_t at = filled.find(placeholder); at != std::string::npos;
         at = filled.find(placeholder, at + value.size())) {
      filled.replace(at, placeholder.size(), value);
    }
  }
  return filled;
}

MetricScope Make(const MetricScope& outer, std::string_view kind, std::string_view format,
                 std::vector<std::pair<std::string, std::string>> more) {
  MetricScope scope;
  scope.logical = outer.logical.empty() ? std::string(kind) : outer.logical + "." + std::string(kind);
  scope.variables = outer.variables;
  for (auto& variable : more) scope.variables.push_back(std::move(variable));
  scope.identifier = Fill(format, scope.variables);
  return scope;
}

}  // namespace

MetricScopes::MetricScopes(const Configuration& config)
    : jobmanager_(config.Get(kScopeJobManager)),
      jobmanager_job_(config.Get(kScopeJobManagerJob)),
      taskmanager_(config.Get(kScopeTaskManager)),
      taskmanager_job_(config.Get(kScopeTaskManagerJob)),
      task_(config.Get(kScopeTask)),
      operator_(config.Get(kScopeOperator)) {}

MetricScope MetricScopes::JobManager(std::string_view host) const {
  return Make({}, "jobmanager", jobmanager_, {{"host", std::string(host)}});
}

MetricScope MetricScopes::TaskManager(std::string_view host, std::string_view taskmanager_id) const {
  return Make({}, "taskmanager", taskmanager_, {{"host", std::string(host)}, {"tm_id", std::string(taskmanager_id)}});
}

MetricScope MetricScopes::Job(const MetricScope& process, std::string_view job_id, std::string_view job_name) const {
  const std::string& format = process.logical == "jobmanager" ? jobmanager_job_ : taskmanager_job_;
  return Make(process, "job", format, {{"job_id", std::string(job_id)}, {"job_name", std::string(job_name)}});
}

MetricScope MetricScopes::TaskOf(const MetricScope& job, const Task& task) const {
  return Make(job, "task", task_,
              {{"task_id", std::string(task.vertex_id)},
               {"task_name", std::string(task.name)},
               {"task_attempt_id", std::string(task.attempt_id)},
               {"task_attempt_num", std::to_string(task.attempt_number)},
               {"subtask_index", std::to_string(task.subtask_index)}});
}

MetricScope MetricScopes::OperatorOf(const MetricScope& task, std::string_view operator_id,
                                     std::string_view name) const {
  return Make(task, "operator", operator_,
              {{"operator_id", std::string(operator_id)}, {"operator_name", std::string(name)}});
}

MetricScope MetricScopes::Inside(const MetricScope& outer, std::string_view name) {
  return Make(outer, name, outer.identifier + "." + std::string(name), {});
}

MetricScope MetricScopes::Inside(const MetricScope& outer, std::string_view key, std::string_view value) {
  return Make(outer, key, outer.identifier + "." + std::string(key) + "." + std::string(value),
              {{std::string(key), std::string(value)}});
}

}  // namespace weir
