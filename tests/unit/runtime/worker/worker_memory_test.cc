#include "weir/runtime/worker/worker_memory.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace weir {
namespace {

using testing::HasSubstr;

constexpr uint64_t kMiB = uint64_t{1} << 20;

Configuration With(std::initializer_list<std::pair<const char*, const char*>> entries) {
  Configuration configuration;
  for (const auto& [key, value] : entries) configuration.SetText(key, value, "the test");
  return configuration;
}

TEST(WorkerMemory, ManagedMemoryIsTheShareOfTheJobsSlots) {
  const Configuration process = With({{"taskmanager.memory.process.size", "1000mb"}});
  EXPECT_EQ(*ManagedMemoryBytes(process, 1), 400 * kMiB);
  EXPECT_EQ(*ManagedMemoryBytes(process, 0.25), 100 * kMiB);
  const Configuration managed = With({{"taskmanager.memory.managed.size", "256mb"}});
  EXPECT_EQ(*ManagedMemoryBytes(managed, 0.5), 128 * kMiB);
}

TEST(WorkerMemory, ManagedMemoryIsNeverTooLittleForABackend) {
  EXPECT_EQ(*ManagedMemoryBytes(With({{"taskmanager.memory.managed.size", "16mb"}}), 0.1), 8 * kMiB);
  EXPECT_THAT(ManagedMemoryBytes(With({{"taskmanager.memory.managed.size", "1mb"}}), 1).status().ToString(),
              HasSubstr("expected at least 8 mb"));
}

TEST(WorkerMemory, NetworkBuffersHaveNoLimitUnlessSomebodySaysHowMuchMemoryThereIs) {
  EXPECT_EQ(NetworkMemoryBytes(Configuration(), 1), std::nullopt);
  EXPECT_EQ(NetworkMemoryBytes(With({{"taskmanager.memory.managed.size", "256mb"}}), 1), std::nullopt);
}

TEST(WorkerMemory, NetworkBuffersHaveAFractionWithinItsLimits) {
  EXPECT_EQ(NetworkMemoryBytes(With({{"taskmanager.memory.process.size", "2000mb"}}), 0.5), 100 * kMiB);
  EXPECT_EQ(NetworkMemoryBytes(With({{"taskmanager.memory.process.size", "100mb"}}), 1), 64 * kMiB);
  EXPECT_EQ(NetworkMemoryBytes(
                With({{"taskmanager.memory.process.size", "2000mb"}, {"taskmanager.memory.network.max", "128mb"}}), 1),
            128 * kMiB);
  // Flink 1.x' name.
  EXPECT_EQ(NetworkMemoryBytes(With({{"taskmanager.network.memory.min", "512mb"}}), 0.5), 256 * kMiB);
}

TEST(WorkerMemory, SlotsThatCouldNotLiveAreRefusedWithTheFix) {
  const Configuration small = With({{"taskmanager.memory.process.size", "100mb"}});
  EXPECT_TRUE(CheckMemory(small, 3).ok());
  EXPECT_THAT(CheckMemory(small, 4).ToString(), HasSubstr("leaves 25.0 MiB for each"));
  EXPECT_THAT(CheckMemory(With({{"taskmanager.memory.network.max", "32mb"}}), 1).ToString(),
              HasSubstr("network.max is less than taskmanager.memory.network.min, which is 64.0 MiB"));
  EXPECT_TRUE(CheckMemory(Configuration(), 1000).ok());
}

}  // namespace
}  // namespace weir
