#include "weir/metrics/metric_lines.h"

#include <gtest/gtest.h>

#include <algorithm>

#include "weir/config/configuration.h"
#include "weir/metrics/metric_registry.h"

namespace weir {
namespace {

class MetricLines : public ::testing::Test {
 protected:
  std::vector<MetricSnapshot> Snapshots() { return {SnapshotOf(registry_)}; }

  MetricRegistry registry_;
  MetricGroup group_{registry_, MetricScopes(Configuration()).TaskManager("h 1", "tm:1")};
};

TEST_F(MetricLines, NameEachNumberForStatsd) {
  group_.GetCounter("count").Inc(3);
  group_.AddGauge("load", [] { return 0.5; });
  group_.AddGauge("name", [] { return std::string("left out"); });
  EXPECT_EQ(StatsdPackets(Snapshots()),
            std::vector<std::string>{"h-1.taskmanager.tm-1.count:3|g\nh-1.taskmanager.tm-1.load:0.5|g"});
}

TEST_F(MetricLines, SetAGaugeToZeroBeforeANegativeValue) {
  group_.GetGauge("lag").Set(-7);
  EXPECT_EQ(StatsdPackets(Snapshots())[0], "h-1.taskmanager.tm-1.lag:0|g\nh-1.taskmanager.tm-1.lag:-7|g");
}

TEST_F(MetricLines, FitIntoPackets) {
  for (int i = 0; i < 100; ++i) group_.GetCounter("counter" + std::to_string(i)).Inc(i);
  size_t lines = 0;
  for (const std::string& packet : StatsdPackets(Snapshots(), 200)) {
    EXPECT_LE(packet.size(), 200u);
    lines += static_cast<size_t>(std::count(packet.begin(), packet.end(), '\n')) + 1;
  }
  EXPECT_EQ(lines, 100u);
}

TEST_F(MetricLines, HaveATimeForGraphite) {
  group_.GetCounter("count").Inc(3);
  EXPECT_EQ(GraphiteLines(Snapshots(), 1700000000), "h-1.taskmanager.tm-1.count 3 1700000000\n");
}

TEST_F(MetricLines, ShowTheFiguresOfHistogramsAndMeters) {
  group_.GetHistogram("sizes").Update(5);
  group_.GetMeter("events").MarkEvent(2);
  const std::string lines = GraphiteLines(Snapshots(), 1);
  EXPECT_NE(lines.find(".sizes.p99 5 1\n"), std::string::npos) << lines;
  EXPECT_NE(lines.find(".events.count 2 1\n"), std::string::npos) << lines;
}

}  // namespace
}  // namespace weir
