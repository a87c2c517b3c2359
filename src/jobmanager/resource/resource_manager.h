// Knows all TaskManagers and their slots, and gives the slots to the jobs that need them.
//
// Jobs declare how many slots they need in all; whenever a slot becomes free, a TaskManager joins or a need changes, MatchSlots decides, and the chosen
// TaskManagers are asked to offer their slots to the job (slot_messages.h has the picture). TaskManagers are neither started nor stopped here.
//
// Threads: the JobManager's event loop.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <vector>

#include "weir/base/ids.h"
#include "weir/jobmanager/resource/slot_matching.h"
#include "weir/rpc/resource_manager_gateway.h"
#include "weir/rpc/resource_overview.h"

namespace weir {

class Random;

struct ResourceManagerOptions {
  LeaderId leader;
  Random* random = nullptr;  // for allocation ids
  SlotSpread spread = SlotSpread::kPack;
};

struct SlotCounts {
  int32_t task_managers = 0;
  int32_t total = 0;
  int32_t free = 0;
};

class ResourceManager final : public ResourceManagerGateway, public ResourceOverviewGateway {
 public:
  explicit ResourceManager(ResourceManagerOptions options) : options_(options) {}

  void RegisterTaskExecutor(TaskExecutorRegistration registration,
                            std::shared_ptr<TaskExecutorGateway> gateway) override;
  void DisconnectTaskExecutor(TaskManagerId task_manager, Status cause) override;
  void DeclareRequirements(RequirementsDeclaration declaration, std::shared_ptr<JobMasterGateway> gateway) override;
  void NotifySlotFree(TaskManagerId task_manager, SlotStatus slot) override;

  void RequestTaskManagers(Reply<std::vector<TaskManagerOverview>> reply) override;
  void AskTaskManager(TaskManagerId id, TaskManagerQuestion question, Reply<std::string> reply) override;

  SlotCounts CountSlots() const;
  // Messages dropped because what they are about is over.
  int64_t stale_messages() const { return stale_messages_; }

 private:
  struct TaskManager {
    std::shared_ptr<TaskExecutorGateway> gateway;
    std::vector<SlotStatus> slots;
    TaskManagerHardware hardware;
  };
  struct Job {
    MessageHeader header;
    int32_t slots = 0;
    std::shared_ptr<JobMasterGateway> gateway;
  };

  // Gives free slots to jobs, and tells those that still lack some.
  void Match();
  void Give(TaskManager& task_manager, int32_t slot, const Job& job);
  int32_t CountSlotsOf(JobId job_id) const;
  // The first of these where the job has a slot; -1: none.
  static int32_t HolderOf(JobId job_id, const std::vector<TaskManager*>& candidates);

  const ResourceManagerOptions options_;
  std::map<TaskManagerId, TaskManager> task_managers_;
  std::vector<Job> jobs_;  // in the order of their first declaration
  int64_t stale_messages_ = 0;
};

}  // namespace weir
