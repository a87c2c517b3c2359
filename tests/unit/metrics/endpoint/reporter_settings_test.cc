#include "weir/metrics/endpoint/reporter_settings.h"

#include <gtest/gtest.h>

#include "weir/config/configuration.h"

namespace weir {
namespace {

Configuration With(std::initializer_list<std::pair<const char*, const char*>> values) {
  Configuration configuration;
  for (const auto& [key, value] : values) configuration.SetText(key, value, "a test");
  return configuration;
}

std::string MistakeIn(std::initializer_list<std::pair<const char*, const char*>> values) {
  return std::string(ReporterSettingsOf(With(values)).status().message());
}

TEST(ReporterSettings, KnowReportersByName) {
  const auto settings = ReporterSettingsOf(With({{"metrics.reporters", "prom, statsd,graphite ,log"}})).value();
  ASSERT_EQ(settings.size(), 4u);
  EXPECT_EQ(settings[0].kind, ReporterKind::kPrometheus);
  EXPECT_EQ(settings[0].ports, std::vector<int>{9249});
  EXPECT_EQ(settings[1].address, "localhost:8125");
  EXPECT_EQ(settings[2].address, "localhost:2003");
  EXPECT_EQ(settings[3].kind, ReporterKind::kLog);
  EXPECT_EQ(settings[3].interval, Duration(10'000));
}

TEST(ReporterSettings, UnderstandFlinksKeys) {
  const auto settings =
      ReporterSettingsOf(
          With({{"metrics.reporter.a.factory.class", "org.apache.flink.metrics.prometheus.PrometheusReporterFactory"},
                {"metrics.reporter.a.port", "9250-9252"},
                {"metrics.reporter.b.factory.class", "org.apache.flink.metrics.graphite.GraphiteReporterFactory"},
                {"metrics.reporter.b.host", "g"},
                {"metrics.reporter.b.port", "9"},
                {"metrics.reporter.b.protocol", "TCP"},
                {"metrics.reporter.b.interval", "60 SECONDS"}}))
          .value();
  ASSERT_EQ(settings.size(), 2u);
  EXPECT_EQ(settings[0].ports, (std::vector<int>{9250, 9251, 9252}));
  EXPECT_EQ(settings[1].address, "g:9");
  EXPECT_EQ(settings[1].interval, Duration(60'000));
}

TEST(ReporterSettings, NoneAreTheDefault) { EXPECT_TRUE(ReporterSettingsOf(Configuration()).value().empty()); }

TEST(ReporterSettings, SayWhatIsWrong) {
  EXPECT_EQ(MistakeIn({{"metrics.reporters", "influx"}}),
            "metrics.reporters names \"influx\"; expected prom, statsd, graphite or log, or "
            "metrics.reporter.influx.factory.class");
  EXPECT_EQ(MistakeIn({{"metrics.reporters", "statsd"}, {"metrics.reporter.statsd.address", "nowhere"}}),
            "metrics.reporter.statsd.address is \"nowhere\"; expected host:port");
  EXPECT_EQ(MistakeIn({{"metrics.reporters", "prom"}, {"metrics.reporter.prom.port", "80-70"}}),
            "metrics.reporter.prom.port is \"80-70\"; expected a port, or ports as 9250-9260 or 9250,9252");
  EXPECT_EQ(MistakeIn({{"metrics.reporters", "log"}, {"metrics.reporter.log.interval", "soon"}}),
            "metrics.reporter.log.interval is \"soon\"; expected a time as \"10 s\"");
}

TEST(PortList, HasSinglesAndRanges) {
  EXPECT_EQ(ParsePortList("1, 3-5,9").value(), (std::vector<int>{1, 3, 4, 5, 9}));
  for (const char* text : {"", "a", "1-", "5-4", "70000", "1,,2"}) EXPECT_FALSE(ParsePortList(text).ok()) << text;
}

}  // namespace
}  // namespace weir
