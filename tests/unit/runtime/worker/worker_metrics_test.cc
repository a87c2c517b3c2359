#include "weir/runtime/worker/worker_metrics.h"

#include <gtest/gtest.h>

#include "weir/config/configuration.h"
#include "weir/metrics/log_reporter.h"

namespace weir {
namespace {

TEST(WorkerMetrics, GivesEachOperatorOfATaskAGroupOfItsOwn) {
  WorkerMetrics metrics(Configuration(), "w1");
  JobVertex vertex;
  vertex.name = "split -> count";
  vertex.operators = {JobOperator{.name = "split"}, JobOperator{.name = "count"}};
  TaskDeploymentDescriptor deployment;
  deployment.job_name = "words";
  deployment.subtask_index = 2;
  {
    const auto groups = metrics.OperatorGroups(deployment, vertex);
    ASSERT_EQ(groups.size(), 2u);
    groups[0]->GetCounter("lines").Inc(3);
    groups[1]->GetCounter("words").Inc(7);
    EXPECT_EQ(MetricsAsText(metrics.registry()),
              "-- Counters --\n"
              "localhost.taskmanager.w1.words.split.2.lines: 3\n"
              "localhost.taskmanager.w1.words.count.2.words: 7\n");
  }
  EXPECT_EQ(MetricsAsText(metrics.registry()), "");
}

}  // namespace
}  // namespace weir
