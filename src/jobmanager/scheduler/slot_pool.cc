#include "weir/jobmanager/scheduler/slot_pool.h"

#include <utility>

namespace weir {

bool SlotPool::Add(SlotOffer offer, std::shared_ptr<TaskExecutorGateway> gateway) {
  for (Slot& slot : slots_) {
    if (slot.gateway != nullptr) continue;
    slot = {.offer = std::move(offer), .gateway = std::move(gateway)};
    ++held_;
    return true;
  }
  return false;
}

void SlotPool::RemoveTaskManager(const TaskManagerId& task_manager) {
  for (Slot& slot : slots_) {
    if (slot.gateway == nullptr || slot.offer.task_manager != task_manager) continue;
    slot = {};
    --held_;
  }
}

std::vector<SlotPool::Slot> SlotPool::ReleaseAll() {
  std::vector<Slot> released;
  for (Slot& slot : slots_) {
    if (slot.gateway != nullptr) released.push_back(std::exchange(slot, Slot()));
  }
  held_ = 0;
  return released;
}

}  // namespace weir
