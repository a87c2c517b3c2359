#include "weir/runtime/worker/worker_channels.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace weir {
namespace {

using testing::HasSubstr;

constexpr uint64_t kKiB = uint64_t{1} << 10;
// Two buffers of 32 KiB.
constexpr uint64_t kChannel = 64 * kKiB;
constexpr uint64_t kFloating = 256 * kKiB;

// A worker with so much memory for network buffers: a quarter for floating ones.
WorkerChannels ChannelsWith(std::optional<uint64_t> bytes) {
  WorkerChannelsOptions options;
  options.memory_bytes = bytes;
  return WorkerChannels(std::move(options));
}

// A task with a gate of so many channels from another TaskManager and one from its own.
TaskDeploymentDescriptor Task(int number, int remote_channels) {
  auto region = std::make_shared<DeployedRegion>();
  region->task_managers = {{TaskManagerId("here"), ""}, {TaskManagerId("there"), "localhost:1"}};
  DeployedVertex& vertex = region->vertices.emplace_back();
  for (int subtask = 0; subtask <= remote_channels; ++subtask) {
    vertex.attempts.push_back(ExecutionAttemptId::FromName("producer " + std::to_string(subtask)));
    vertex.places.push_back(subtask == 0 ? 0 : 1);
  }
  TaskDeploymentDescriptor task;
  task.attempt_id = ExecutionAttemptId::FromName("task " + std::to_string(number));
  task.region = region;
  task.inputs = {{.edge = 0, .channels = ChannelRange(region, {.count = remote_channels + 1})}};
  return task;
}

TEST(WorkerChannels, TasksHaveNoLimitUnlessTheirMemoryHas) {
  WorkerChannels channels = ChannelsWith(std::nullopt);
  EXPECT_TRUE(channels.Reserve(Task(1, 100'000)).ok());
  EXPECT_EQ(channels.CreditFor(Task(1, 1).attempt_id).floating, static_cast<int64_t>(kFloating));
}

TEST(WorkerChannels, ATaskWhoseChannelsNeedMoreThanIsLeftDoesNotStart) {
  WorkerChannels channels = ChannelsWith(4 * kChannel);
  EXPECT_TRUE(channels.Reserve(Task(1, 2)).ok());
  EXPECT_TRUE(channels.Reserve(Task(2, 1)).ok());
  const Status refused = channels.Reserve(Task(3, 1));
  EXPECT_EQ(refused.code(), StatusCode::kResourceExhausted);
  EXPECT_THAT(refused.ToString(), HasSubstr("the task has 1 channels to other workers, each with 2 buffers"));
  EXPECT_THAT(refused.ToString(), HasSubstr("Raise taskmanager.memory.network.fraction"));
}

TEST(WorkerChannels, AnEndedTaskLeavesItsMemoryToOthers) {
  WorkerChannels channels = ChannelsWith(4 * kChannel);
  EXPECT_TRUE(channels.Reserve(Task(1, 3)).ok());
  EXPECT_FALSE(channels.Reserve(Task(2, 3)).ok());
  channels.Close(Task(1, 3), /*has_finished=*/true);
  EXPECT_TRUE(channels.Reserve(Task(2, 3)).ok());
}

TEST(WorkerChannels, ChannelsWithinTheWorkerTakeNone) {
  WorkerChannels channels = ChannelsWith(0);
  EXPECT_TRUE(channels.Reserve(Task(1, 0)).ok());
}

TEST(WorkerChannels, FloatingBuffersAreWhatIsLeftOfTheirQuarter) {
  WorkerChannels channels = ChannelsWith(6 * kFloating);
  for (int task = 1; task <= 3; ++task) EXPECT_TRUE(channels.Reserve(Task(task, 1)).ok());
  const auto floating = [&](int task) {
    return static_cast<uint64_t>(channels.CreditFor(Task(task, 1).attempt_id).floating);
  };
  EXPECT_EQ(floating(1), kFloating);
  EXPECT_EQ(floating(2), kFloating / 2);
  EXPECT_EQ(floating(3), 0u);
}

}  // namespace
}  // namespace weir
