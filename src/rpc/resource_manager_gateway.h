// What JobMasters and TaskManagers tell the ResourceManager. All messages are one-way.
#pragma once

#include <memory>

#include "weir/base/status.h"
#include "weir/rpc/slot_messages.h"

namespace weir {

class JobMasterGateway;
class TaskExecutorGateway;

// Threads: any; messages of one sender arrive in order.
class ResourceManagerGateway {
 public:
  virtual ~ResourceManagerGateway() = default;

  // A TaskManager joins, or joins again: its former registration ends. `gateway` reaches it.
  virtual void RegisterTaskExecutor(TaskExecutorRegistration registration,
                                    std::shared_ptr<TaskExecutorGateway> gateway) = 0;
  // The TaskManager is gone: its stream has closed, or it was silent for too long. Jobs that have slots there are told.
  virtual void DisconnectTaskExecutor(TaskManagerId task_manager, Status cause) = 0;
  // `gateway` is told when a TaskManager with slots of the job is lost.
  virtual void DeclareRequirements(RequirementsDeclaration declaration, std::shared_ptr<JobMasterGateway> gateway) = 0;
  // The slot is free again. Stale if the slot has been given away since.
  virtual void NotifySlotFree(TaskManagerId task_manager, SlotStatus slot) = 0;
};

}  // namespace weir
