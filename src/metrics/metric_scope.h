// Whom a metric is about: a process, a job in it, a task, an operator. Names and formats are Flink's.
#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace weir {

class Configuration;

struct MetricScope {
  // In one name, for reporters that have only names: "host1.taskmanager.tm-1.word count.count.0".
  std::string identifier;
  // The kinds without the instances, for reporters with labels: "taskmanager.job.task.operator".
  std::string logical;
  // The instances: {"host", "host1"}, {"job_name", "word count"}, ...
  std::vector<std::pair<std::string, std::string>> variables;
};

// Makes scopes, each from the one around it, by the formats that `metrics.scope.*` set. Immutable; any thread.
class MetricScopes {
 public:
  explicit MetricScopes(const Configuration& config);

  MetricScope JobManager(std::string_view host) const;
  MetricScope TaskManager(std::string_view host, std::string_view taskmanager_id) const;
  // A job in the process of `process`.
  MetricScope Job(const MetricScope& process, std::string_view job_id, std::string_view job_name) const;

  struct Task {
    std::string_view vertex_id;
    std::string_view name;
    std::string_view attempt_id;
    int attempt_number = 0;
    int subtask_index = 0;
  };
  MetricScope TaskOf(const MetricScope& job, const Task& task) const;
  MetricScope OperatorOf(const MetricScope& task, std::string_view operator_id, std::string_view name) const;

  // A group inside a scope, as user functions make them: one more name, or a key and its value, which is also a variable.
  static MetricScope Inside(const MetricScope& outer, std::string_view name);
  static MetricScope Inside(const MetricScope& outer, std::string_view key, std::string_view value);

 private:
  const std::string jobmanager_;
  const std::string jobmanager_job_;
  const std::string taskmanager_;
  const std::string taskmanager_job_;
  const std::string task_;
  const std::string operator_;
};

}  // namespace weir
