#include "weir/config/heartbeat_times.h"

#include <gtest/gtest.h>

#include "weir/config/cluster_options.h"
#include "weir/config/config_file.h"

namespace weir {
namespace {

Configuration Heartbeats(const std::string& lines) { return ParseYaml(lines, "c.yaml").value(); }

TEST(SettleHeartbeats, MakesThemAsFrequentAsAShortTimeoutNeeds) {
  Configuration config = Heartbeats("heartbeat.timeout: 3s\n");
  ASSERT_TRUE(SettleHeartbeats(config).ok());
  EXPECT_EQ(config.Get(kHeartbeatInterval), Duration(1000));
  Configuration defaults;
  ASSERT_TRUE(SettleHeartbeats(defaults).ok());
  EXPECT_EQ(defaults.Get(kHeartbeatInterval), Duration(3000));
}

TEST(SettleHeartbeats, RefusesWhatEveryProcessWouldBeLostBy) {
  Configuration config = Heartbeats("heartbeat.interval: 6s\nheartbeat.timeout: 2s\n");
  EXPECT_EQ(
      SettleHeartbeats(config).message(),
      "c.yaml:1: heartbeat.interval is 6.0 s, and a process that is silent for 2.0 s (heartbeat.timeout) counts as "
      "lost. Make the interval at most a third of the timeout.");
}

}  // namespace
}  // namespace weir
