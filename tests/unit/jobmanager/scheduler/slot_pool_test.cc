#include "weir/jobmanager/scheduler/slot_pool.h"

#include <gtest/gtest.h>

#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace weir {
namespace {

class NoGateway final : public TaskExecutorGateway {
 public:
  void RequestSlot(SlotRequest) override {}
  void FreeSlot(MessageHeader, AllocationId) override {}
  void SubmitTask(TaskSubmission) override {}
  void CancelTask(MessageHeader, ExecutionAttemptId) override {}
  void AddSplits(MessageHeader, ExecutionAttemptId, std::vector<std::string>) override {}
  void NoMoreSplits(MessageHeader, ExecutionAttemptId) override {}
  void TriggerCheckpoint(MessageHeader, ExecutionAttemptId, CheckpointTrigger) override {}
  void NotifyCheckpointComplete(MessageHeader, ExecutionAttemptId, CheckpointId) override {}
  void NotifyCheckpointAborted(MessageHeader, ExecutionAttemptId, CheckpointId) override {}
};

std::optional<int> AddFrom(SlotPool& pool, const std::string& task_manager) {
  SlotOffer offer;
  offer.task_manager = TaskManagerId(task_manager);
  return pool.Add(std::move(offer), std::make_shared<NoGateway>());
}

TEST(SlotPool, OffersFillItsSlotsInOrderAndNoMore) {
  SlotPool pool(2);
  EXPECT_EQ(AddFrom(pool, "a"), 0);
  EXPECT_FALSE(pool.IsComplete());
  EXPECT_EQ(AddFrom(pool, "a"), 1);
  EXPECT_TRUE(pool.IsComplete());
  EXPECT_EQ(AddFrom(pool, "a"), std::nullopt);
}

TEST(SlotPool, TheFirstSlotThatALostTaskManagerLeavesIsFilledFirst) {
  SlotPool pool(4);
  for (const char* task_manager : {"a", "b", "a", "b"}) AddFrom(pool, task_manager);
  pool.RemoveTaskManager(TaskManagerId("b"));
  EXPECT_EQ(pool.held(), 2);
  EXPECT_EQ(AddFrom(pool, "c"), 1);
  EXPECT_EQ(AddFrom(pool, "c"), 3);
  EXPECT_TRUE(pool.IsComplete());
}

TEST(SlotPool, WhatIsReleasedCanBeHeldAgain) {
  SlotPool pool(2);
  AddFrom(pool, "a");
  EXPECT_EQ(pool.ReleaseAll().size(), 1u);
  EXPECT_EQ(pool.held(), 0);
  EXPECT_EQ(AddFrom(pool, "b"), 0);
}

}  // namespace
}  // namespace weir
