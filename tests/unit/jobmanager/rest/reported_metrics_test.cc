#include "weir/jobmanager/rest/reported_metrics.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "weir/config/configuration.h"
#include "weir/metrics/metric_registry.h"

namespace weir {
namespace {

using ::testing::Contains;

std::vector<std::string> NamesOf(const MetricValues& values) {
  std::vector<std::string> names;
  for (const auto& [name, value] : values) names.push_back(name);
  return names;
}

class ReportedMetrics : public ::testing::Test {
 protected:
  ReportedMetrics() { subtask_.attempt_id = ExecutionAttemptId::FromName("attempt"); }

  MetricScope Task() const {
    return scopes_.TaskOf(scopes_.Job(scopes_.TaskManager("h", "tm1"), "j", "words"),
                          {.vertex_id = "v", .name = "count", .attempt_id = attempt_, .subtask_index = 1});
  }
  std::vector<MetricReport> Reports() const {
    return {{.task_manager = "tm1",
             .process = "job",
             .snapshot = std::make_shared<const MetricSnapshot>(SnapshotOf(registry_))}};
  }

  const MetricScopes scopes_{Configuration()};
  SubtaskDetails subtask_;
  const std::string attempt_ = ExecutionAttemptId::FromName("attempt").ToHex();
  MetricRegistry registry_;
};

TEST_F(ReportedMetrics, HaveFlinksNames) {
  MetricGroup task(registry_, Task());
  task.GetCounter("numRecordsIn").Inc(3);
  task.GetGroup("Shuffle").GetGroup("Netty").GetGauge("queue").Set(1);
  MetricGroup op(registry_, scopes_.OperatorOf(Task(), "o", "Map: a.b"));
  op.GetCounter("mine").Inc();
  op.GetGroup("user", "alice").GetCounter("hits").Inc();
  op.GetHistogram("sizes").Update(5);
  const std::vector<std::string> names = NamesOf(MetricsOfAttempt(Reports(), subtask_));
  for (const char* name : {"numRecordsIn", "Shuffle.Netty.queue", "Map__a_b.mine", "Map__a_b.user.alice.hits",
                           "Map__a_b.sizes_p99", "Map__a_b.sizes_count"}) {
    EXPECT_THAT(names, Contains(name));
  }
}

TEST_F(ReportedMetrics, OfAnAttemptThatHasEndedAreItsLastNumbers) {
  subtask_.statistics.records_in = 42;
  const MetricValues values = MetricsOfAttempt(Reports(), subtask_);
  EXPECT_EQ(values.front().first, "numRecordsIn");
  EXPECT_EQ(values.front().second.integer(), 42);
}

TEST_F(ReportedMetrics, OfATaskManagerAreNotThoseOfItsTasks) {
  MetricGroup process(registry_, scopes_.TaskManager("h", "tm1"));
  process.GetGroup("Status").GetGroup("JVM").GetGauge("Threads").Set(9);
  std::vector<MetricReport> reports = Reports();
  EXPECT_TRUE(MetricsOfTaskManager(reports, "tm1").empty());
  reports[0].process.clear();
  EXPECT_EQ(NamesOf(MetricsOfTaskManager(reports, "tm1")), std::vector<std::string>{"Status.JVM.Threads"});
  EXPECT_TRUE(MetricsOfTaskManager(reports, "tm2").empty());
}

}  // namespace
}  // namespace weir
