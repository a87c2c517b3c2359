// What people ask of the ResourceManager.
#pragma once

#include <cstdint>
#include <vector>

#include "weir/base/time.h"
#include "weir/rpc/job_messages.h"
#include "weir/rpc/slot_messages.h"
#include "weir/rpc/task_manager_question.h"

namespace weir {

// One TaskManager that has joined.
struct TaskManagerOverview {
  TaskManagerId id;
  TaskManagerHardware hardware = {};
  std::vector<SlotStatus> slots = {};
};

// Threads: any; the reply comes on the ResourceManager's event loop.
class ResourceOverviewGateway {
 public:
  virtual ~ResourceOverviewGateway() = default;
  virtual void RequestTaskManagers(Reply<std::vector<TaskManagerOverview>> reply) = 0;
  // Passes the question on; kNotFound: no such TaskManager has joined.
  virtual void AskTaskManager(TaskManagerId id, TaskManagerQuestion question, Reply<std::string> reply) = 0;
};

}  // namespace weir
