// Two hundred histories of a cluster in which everything fails: messages are lost, delayed, doubled and reordered, connections break, and each kind of process
// dies and comes back.
#include <gtest/gtest.h>

#include <map>
#include <string>

#include "tests/simulation/faulty_cluster.h"

namespace weir {
namespace {

using simulation_test::FaultyCluster;
using std::chrono_literals::operator""ms;
using std::chrono_literals::operator""s;

constexpr uint64_t kSeeds = 200;

TEST(ControlPlaneSimulation, AJobSurvivesEveryKindOfFault) {
  std::map<std::string, int> faults;
  int64_t doubled = 0;
  for (uint64_t seed = 1; seed <= kSeeds; ++seed) {
    FaultyCluster cluster(seed);
    cluster.Submit();
    cluster.RunWithFaults(12s);
    cluster.Heal();
    ASSERT_EQ(cluster.Problem(), "") << "seed " << seed;
    const int64_t before = cluster.completed_checkpoints();
    cluster.Advance(2s);
    ASSERT_GT(cluster.completed_checkpoints(), before) << "seed " << seed;
    for (const auto& [kind, count] : cluster.faults()) faults[kind] += count;
    doubled += cluster.network().doubled;
  }
  // The test does what it says.
  for (const char* kind : {"JobManager", "TaskManager", "worker", "coordinator", "connection"})
    EXPECT_GT(faults[kind], 50) << kind;
  EXPECT_GT(doubled, 1000);
}

TEST(ControlPlaneSimulation, AJobThatHasFinishedNeverRunsAgain) {
  for (uint64_t seed = 1; seed <= kSeeds / 4; ++seed) {
    FaultyCluster cluster(seed);
    cluster.Submit();
    cluster.RunWithFaults(4s);
    cluster.Heal();
    cluster.Finish();
    ASSERT_EQ(cluster.Details()->overview.status, JobStatus::kFinished) << "seed " << seed;
    const size_t tasks = cluster.tasks();
    cluster.CrashJobManager(100ms);
    cluster.Advance(10s);
    ASSERT_EQ(cluster.Details()->overview.status, JobStatus::kFinished) << "seed " << seed;
    EXPECT_EQ(cluster.tasks(), tasks) << "seed " << seed;
    EXPECT_EQ(cluster.living(), 0u) << "seed " << seed;
  }
}

std::string LogOf(uint64_t seed) {
  FaultyCluster cluster(seed);
  cluster.Submit();
  cluster.RunWithFaults(6s);
  cluster.Heal();
  return cluster.log();
}

TEST(ControlPlaneSimulation, ASeedRepeatsItsHistoryToTheByte) {
  for (uint64_t seed = 1; seed <= kSeeds; seed += 10) {
    const std::string first = LogOf(seed);
    EXPECT_GT(first.size(), 10'000u);
    ASSERT_TRUE(LogOf(seed) == first) << "seed " << seed;
  }
  EXPECT_NE(LogOf(1), LogOf(2));
}

}  // namespace
}  // namespace weir
