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

// What a task that filters rows shows of itself.
class ShownTask : public ::testing::Test {
 protected:
  ShownTask() : task_(Options()) {
    vertex_.name = "count";
    vertex_.operators = {JobOperator{.name = "count"}};
    deployment_.job_name = "words";
    groups_ = metrics_.TaskGroups(deployment_, vertex_, task_.task());
  }
  static TaskHarnessOptions Options() {
    std::vector<ChainedOperator> chain(1);
    chain[0].op.reset(new FilterOperator<SmallRow, bool (*)(const SmallRow&)>([](const SmallRow&) { return true; }));
    chain[0].output_types = {&BatchTypeOf<SmallRow>()};
    return {.operators = std::move(chain), .inputs = {{.type = &BatchTypeOf<SmallRow>()}}};
  }
  // The value of a gauge of the task; fails if it shows none of that name.
  double Number(const std::string& name) {
    const MetricSnapshot snapshot = metrics_.Take(++now_ * 1'000'000'000);
    for (const MetricGroupSnapshot& group : snapshot.groups) {
      for (const MetricSample& sample : group.samples) {
        if (sample.name == name) return sample.value.number();
      }
    }
    ADD_FAILURE() << "no metric " << name;
    return -1;
  }

  int64_t now_ = 0;
  TaskHarness task_;
  WorkerMetrics metrics_{Configuration(), "w1"};
  JobVertex vertex_;
  TaskDeploymentDescriptor deployment_;
  std::vector<std::unique_ptr<MetricGroup>> groups_;
  BatchMaker<SmallRow> batches_;
};

TEST_F(ShownTask, HasItsWatermark) {
  task_.input(0).Push({.batch = batches_.MakeMark(4711)});
  task_.RunUntilIdle();
  EXPECT_EQ(Number("currentInputWatermark"), 4711);
}

TEST_F(ShownTask, HasItsRecordsBytesAndBatches) {
  task_.input(0).Push({.batch = batches_.Make({SmallRow{}, SmallRow{}, SmallRow{}})});
  task_.RunUntilIdle();
  EXPECT_EQ(Number("numRecordsIn"), 3);
  EXPECT_EQ(Number("numBytesIn"), 3 * sizeof(SmallRow));
  EXPECT_EQ(Number("numBuffersIn"), 1);
}

TEST_F(ShownTask, HasTheFillOfItsInputs) {
  task_.RunUntilIdle();
  EXPECT_EQ(Number("inPoolUsage"), 0);
  EXPECT_EQ(Number("inputQueueLength"), 0);
  EXPECT_EQ(Number("numBuffersInLocal"), 0);
  task_.input(0).Push({.batch = batches_.Make({SmallRow{}})});
  task_.RunUntilIdle();
  EXPECT_EQ(Number("numBuffersInLocal"), 1);
  EXPECT_EQ(Number("numBytesInRemote"), 0);
  EXPECT_EQ(Number("checkpointAlignmentTime"), 0);
}

TEST_F(ShownTask, HasTheShareOfASecondThatItWasIdle) {
  task_.RunUntilIdle();
  EXPECT_EQ(Number("idleTimeMsPerSecond"), 0);
  task_.clock().Advance(std::chrono::seconds(1));
  EXPECT_EQ(Number("idleTimeMsPerSecond"), 1000);
  EXPECT_EQ(Number("busyTimeMsPerSecond"), 0);
}

}  // namespace
}  // namespace weir
