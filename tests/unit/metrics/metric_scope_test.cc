#include "weir/metrics/metric_scope.h"

#include <gtest/gtest.h>

#include "weir/config/configuration.h"
#include "weir/metrics/metric_options.h"

namespace weir {
namespace {

MetricScope Operator(const MetricScopes& scopes) {
  const MetricScope job = scopes.Job(scopes.TaskManager("host1", "tm-1"), "j1", "word count");
  const MetricScope task =
      scopes.TaskOf(job, {.vertex_id = "v1", .name = "split -> count", .attempt_id = "a1", .subtask_index = 3});
  return scopes.OperatorOf(task, "o1", "count");
}

TEST(MetricScopes, NamesEveryLevelAsFlinkDoes) {
  const MetricScopes scopes{Configuration()};
  EXPECT_EQ(scopes.JobManager("h").identifier, "h.jobmanager");
  EXPECT_EQ(scopes.Job(scopes.JobManager("h"), "j1", "word count").identifier, "h.jobmanager.word count");
  EXPECT_EQ(scopes.TaskManager("h", "tm").identifier, "h.taskmanager.tm");
  EXPECT_EQ(Operator(scopes).identifier, "host1.taskmanager.tm-1.word count.count.3");
  EXPECT_EQ(Operator(scopes).logical, "taskmanager.job.task.operator");
}

TEST(MetricScopes, CarriesTheVariablesOfAllLevels) {
  const auto variables = Operator(MetricScopes(Configuration())).variables;
  EXPECT_EQ(variables.front(), (std::pair<std::string, std::string>("host", "host1")));
  EXPECT_EQ(variables.back(), (std::pair<std::string, std::string>("operator_name", "count")));
  EXPECT_EQ(variables.size(), 11u);
}

TEST(MetricScopes, FollowsTheConfiguredFormat) {
  Configuration config;
  config.Set(kScopeOperator, "<job_id>.<operator_id>.<nonsense>");
  EXPECT_EQ(Operator(MetricScopes(config)).identifier, "j1.o1.<nonsense>");
}

TEST(MetricScopes, AddsKeyAndValueOfAUserGroupToTheVariables) {
  const MetricScope outer = MetricScopes(Configuration()).JobManager("h");
  EXPECT_EQ(MetricScopes::Inside(outer, "cache").identifier, "h.jobmanager.cache");
  const MetricScope keyed = MetricScopes::Inside(outer, "topic", "flights");
  EXPECT_EQ(keyed.identifier, "h.jobmanager.topic.flights");
  EXPECT_EQ(keyed.logical, "jobmanager.topic");
  EXPECT_EQ(keyed.variables.back(), (std::pair<std::string, std::string>("topic", "flights")));
}

}  // namespace
}  // namespace weir
