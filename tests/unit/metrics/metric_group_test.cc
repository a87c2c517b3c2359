#include "weir/metrics/metric_group.h"

#include <gtest/gtest.h>

#include "weir/config/configuration.h"
#include "weir/metrics/log_reporter.h"
#include "weir/metrics/metric_registry.h"
#include "weir/metrics/prometheus_text.h"

namespace weir {
namespace {

class MetricGroupTest : public ::testing::Test {
 protected:
  MetricRegistry registry_;
  MetricGroup group_{registry_, MetricScopes(Configuration()).TaskManager("h", "tm\"1")};
};

TEST_F(MetricGroupTest, GivesTheSameMetricForTheSameName) {
  group_.GetCounter("n").Inc(2);
  group_.GetCounter("n").Inc();
  EXPECT_EQ(group_.GetCounter("n").Count(), 3);
  group_.GetGroup("inner").GetCounter("n").Inc();
  EXPECT_EQ(group_.GetGroup("inner").GetCounter("n").Count(), 1);
}

TEST_F(MetricGroupTest, ReportsOnlyTheFirstOfTwoKindsUnderOneName) {
  group_.GetCounter("n").Inc(2);
  group_.GetMeter("n").MarkEvent(7);
  EXPECT_EQ(MetricsAsText(registry_), "-- Counters --\nh.taskmanager.tm\"1.n: 2\n");
}

TEST_F(MetricGroupTest, TakesItsMetricsAlongWhenItGoes) {
  {
    MetricGroup short_lived(registry_, MetricScopes(Configuration()).JobManager("h"));
    short_lived.GetGroup("inner").GetCounter("n");
    EXPECT_NE(MetricsAsText(registry_), "");
  }
  EXPECT_EQ(MetricsAsText(registry_), "");
}

TEST_F(MetricGroupTest, ShowsEveryKindAsText) {
  group_.GetCounter("records").Inc(4);
  Meter& rate = group_.GetMeter("recordsPerSecond", group_.GetCounter("records"));
  registry_.UpdateRates(0);
  group_.GetCounter("records").Inc(6);
  registry_.UpdateRates(2'000'000'000);
  group_.AddGauge("state", [] { return std::string("RUNNING"); });
  group_.GetGauge("queue").Set(9);
  group_.GetHistogram("latency").Update(5);
  EXPECT_EQ(rate.Rate(), 3);
  EXPECT_EQ(MetricsAsText(registry_),
            "-- Counters --\n"
            "h.taskmanager.tm\"1.records: 10\n"
            "-- Gauges --\n"
            "h.taskmanager.tm\"1.state: RUNNING\n"
            "h.taskmanager.tm\"1.queue: 9\n"
            "-- Meters --\n"
            "h.taskmanager.tm\"1.recordsPerSecond: 3.0/s, count 10\n"
            "-- Histograms --\n"
            "h.taskmanager.tm\"1.latency: count=1, min=5, max=5, mean=5.0, stddev=0.0, p50=5.0, p95=5.0, p99=5.0\n");
}

TEST_F(MetricGroupTest, WritesPrometheusTextWithOneTypePerName) {
  group_.GetCounter("records in").Inc(4);
  MetricGroup other(registry_, MetricScopes(Configuration()).TaskManager("h", "tm2"));
  other.GetCounter("records in").Inc(5);
  other.AddGauge("load", [] { return 0.5; });
  other.AddGauge("name", [] { return std::string("left out"); });
  EXPECT_EQ(MetricsAsPrometheusText(registry_),
            "# HELP flink_taskmanager_load load (scope: taskmanager)\n"
            "# TYPE flink_taskmanager_load gauge\n"
            "flink_taskmanager_load{host=\"h\",tm_id=\"tm2\"} 0.5\n"
            "# HELP flink_taskmanager_records_in records_in (scope: taskmanager)\n"
            "# TYPE flink_taskmanager_records_in gauge\n"
            "flink_taskmanager_records_in{host=\"h\",tm_id=\"tm\\\"1\"} 4\n"
            "flink_taskmanager_records_in{host=\"h\",tm_id=\"tm2\"} 5\n");
}

TEST_F(MetricGroupTest, WritesAHistogramAsAPrometheusSummary) {
  for (int value = 1; value <= 3; ++value) group_.GetHistogram("size").Update(value);
  const std::string text = MetricsAsPrometheusText(registry_, "flink");
  EXPECT_NE(text.find("# TYPE flink_taskmanager_size summary\n"), std::string::npos);
  EXPECT_NE(text.find("flink_taskmanager_size{host=\"h\",tm_id=\"tm\\\"1\",quantile=\"0.5\"} 2\n"), std::string::npos);
  EXPECT_NE(text.find("flink_taskmanager_size_count{host=\"h\",tm_id=\"tm\\\"1\"} 3\n"), std::string::npos);
}

}  // namespace
}  // namespace weir
