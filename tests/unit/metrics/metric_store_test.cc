#include "weir/metrics/metric_store.h"

#include <gtest/gtest.h>

#include "weir/base/clock.h"
#include "weir/config/configuration.h"
#include "weir/metrics/metric_registry.h"
#include "weir/metrics/prometheus_text.h"

namespace weir {
namespace {

MetricReport Report(const std::string& task_manager, const std::string& process) {
  return {.task_manager = task_manager, .process = process, .snapshot = std::make_shared<const MetricSnapshot>()};
}

TEST(MetricStore, KeepsTheLastReportOfEachProcess) {
  ManualClock clock;
  MetricStore store(&clock);
  store.Report(Report("tm1", ""));
  store.Report(Report("tm1", "job"));
  store.Report(Report("tm1", "job"));
  ASSERT_EQ(store.Latest().size(), 2u);
  EXPECT_EQ(store.Latest()[1].process, "job");
}

TEST(MetricStore, ForgetsProcessesThatReportNoMore) {
  ManualClock clock;
  MetricStore store(&clock);
  store.Report(Report("tm1", ""));
  clock.Advance(std::chrono::seconds(16));
  EXPECT_TRUE(store.Latest().empty());
}

TEST(MetricSnapshot, ShowsWhatTheRegistryShowed) {
  MetricRegistry registry;
  MetricGroup group(registry, MetricScopes(Configuration()).TaskManager("h", "tm1"));
  group.GetCounter("count").Inc(3);
  group.GetMeter("meter").MarkEvent(2);
  group.GetHistogram("sizes").Update(5);
  group.AddGauge("ratio", [] { return 0.5; });
  group.GetGroup("user", "alice").GetGauge("tasks").Set(1);
  const MetricSnapshot snapshot = SnapshotOf(registry);
  PrometheusText text;
  snapshot.Visit(text);
  EXPECT_EQ(text.Text(), MetricsAsPrometheusText(registry));
  EXPECT_NE(text.Text().find("flink_taskmanager_user_tasks{host=\"h\",tm_id=\"tm1\",user=\"alice\"} 1\n"),
            std::string::npos);
}

}  // namespace
}  // namespace weir
