#include "weir/runtime/worker/worker_metrics.h"

#include <gtest/gtest.h>

#include "weir/config/configuration.h"
#include "weir/metrics/log_reporter.h"
#include "weir/runtime/operators/stateless.h"
#include "weir/testing.h"

#include "tests/harness/test_batches.h"

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

TEST(WorkerMetrics, ShowTheWatermarkOfATask) {
  std::vector<ChainedOperator> chain(1);
  chain[0].op.reset(new FilterOperator<SmallRow, bool (*)(const SmallRow&)>([](const SmallRow&) { return true; }));
  chain[0].output_types = {&BatchTypeOf<SmallRow>()};
  TaskHarness task({.operators = std::move(chain), .inputs = {{.type = &BatchTypeOf<SmallRow>()}}});
  WorkerMetrics metrics(Configuration(), "w1");
  JobVertex vertex;
  vertex.name = "count";
  vertex.operators = {JobOperator{.name = "count"}};
  TaskDeploymentDescriptor deployment;
  deployment.job_name = "words";
  const auto group = metrics.TaskGroup(deployment, vertex, task.task());
  BatchMaker<SmallRow> batches;
  task.input(0).Push({.batch = batches.MakeMark(4711)});
  task.RunUntilIdle();
  EXPECT_EQ(MetricsAsText(metrics.registry()),
            "-- Gauges --\n"
            "localhost.taskmanager.w1.words.count.0.currentInputWatermark: 4711\n");
}

}  // namespace
}  // namespace weir
