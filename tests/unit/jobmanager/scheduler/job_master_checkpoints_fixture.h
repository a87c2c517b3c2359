// A job that takes a checkpoint each second, in virtual time, with tasks that acknowledge by themselves or when the test says so.
#pragma once

#include <gtest/gtest.h>

#include <chrono>
#include <string>
#include <utility>
#include <vector>

#include "weir/config/checkpoint_options.h"
#include "weir/config/restart_options.h"
#include "weir/rpc/checkpoint_statistics.h"

#include "tests/unit/jobmanager/simulated_cluster.h"

namespace weir {
namespace jobmanager_test {

using graph_test::TestGraph;
using Ids = std::vector<int64_t>;

inline constexpr char kDirectory[] = "/checkpoints";

inline Configuration EverySecond() {
  Configuration configuration;
  configuration.Set(kCheckpointInterval, Duration(1000));
  configuration.Set(kCheckpointDir, std::string(kDirectory));
  configuration.Set(kRestartStrategy, RestartStrategyType::kFixedDelay);
  configuration.Set(kFixedDelayAttempts, 3);
  configuration.Set(kFixedDelay, Duration(10));
  return configuration;
}

class JobMasterCheckpointsTest : public ::testing::Test {
 protected:
  void Submit(Configuration configuration, int parallelism = 2) {
    ShuffledJob(graph_, parallelism);
    cluster_.Submit(graph_, std::move(configuration));
  }
  Ids Triggered(const std::string& vertex, int subtask) {
    Ids ids;
    for (const CheckpointTrigger& trigger : cluster_.Task(vertex, subtask).triggered) ids.push_back(trigger.id.value());
    return ids;
  }
  std::string Folder(int64_t id) {
    return std::string(kDirectory) + "/" + cluster_.job().ToHex() + "/chk-" + std::to_string(id);
  }
  bool IsComplete(int64_t id) { return *cluster_.files().Exists(Folder(id) + "/_metadata"); }
  void Advance(std::chrono::nanoseconds by) { cluster_.simulation().AdvanceTime(by); }
  void Acknowledge(const std::string& vertex, int subtask, int64_t id) {
    cluster_.world().Acknowledge(cluster_.Task(vertex, subtask), CheckpointId(id));
    cluster_.simulation().RunUntilIdle();
  }
  void AcknowledgeAll(int64_t id) {
    for (FakeTask* task : cluster_.Living()) cluster_.world().Acknowledge(*task, CheckpointId(id));
    cluster_.simulation().RunUntilIdle();
  }

  SimulatedCluster cluster_;
  TestGraph graph_;
};

}  // namespace jobmanager_test
}  // namespace weir
