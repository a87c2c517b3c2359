// Slots: how TaskManagers offer them and jobs get them.
//
//   JobMaster ── DeclareRequirements ──▶ ResourceManager ── RequestSlot ──▶ TaskExecutor ── OfferSlot ──▶ JobMaster
//   JobMaster ── FreeSlot ──▶ TaskExecutor ── NotifySlotFree ──▶ ResourceManager
//
// A slot belongs to one job from RequestSlot to FreeSlot; the allocation id names that period, so that late messages about an earlier one are stale.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "weir/base/ids.h"

namespace weir {

// What every acting message begins with: the term of the leader that it acts for, and the job.
struct MessageHeader {
  LeaderId leader;
  JobId job_id;
};

// How many slots a job needs in all, including those that it has. Replaces the job's last declaration; 0 ends the need.
struct RequirementsDeclaration {
  MessageHeader header;
  int32_t slots = 0;
};

// Gives one slot of a TaskManager to a job.
struct SlotRequest {
  MessageHeader header;
  AllocationId allocation_id;
  int32_t slot = 0;  // number of the slot on its TaskManager
};

// The TaskManager has kept a slot for the job.
struct SlotOffer {
  MessageHeader header;
  TaskManagerId task_manager;
  AllocationId allocation_id;
  int32_t slot = 0;
  std::string data_address = {};  // where other TaskManagers reach this one's tasks, "host:port"; empty: nowhere
};

// The cluster has too few free slots for a job.
struct SlotShortage {
  MessageHeader header;
  int32_t missing = 0;  // that the job still needs
  int32_t free = 0;     // in the whole cluster
  int32_t total = 0;
};

// Whose slot it is; a zero allocation: free.
struct SlotStatus {
  int32_t slot = 0;
  JobId job_id = {};
  AllocationId allocation_id = {};
};

// The machine that a TaskManager runs on, for people. 0: unknown.
struct TaskManagerHardware {
  int32_t cpu_cores = 0;
  int64_t physical_memory = 0;  // bytes
  int64_t process_memory = 0;   // bytes that the TaskManager and its workers may use
  int32_t data_port = 0;
};

// A TaskManager that has joined, with all its slots; after a reconnect some of them may still hold a job's tasks.
struct TaskExecutorRegistration {
  TaskManagerId task_manager;
  std::vector<SlotStatus> slots = {};
  TaskManagerHardware hardware = {};
};

}  // namespace weir
