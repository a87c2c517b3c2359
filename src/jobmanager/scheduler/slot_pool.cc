#include "weir/jobmanager/scheduler/slot_pool.h"

#include <utility>

namespace weir {

std::optional<int> SlotPool::Add(SlotOffer offer, std::shared_ptr<TaskExecutorGateway> gateway) {
  while (first_missing_ < slots_.size() && slots_[first_missing_].gateway != nullptr) ++first_missing_;
  if (first_missing_ == slots_.size()) return std::nullopt;
  slots_[first_missing_] = {.offer = std::move(offer), .gateway = std::move(gateway)};
  ++held_;
  return static_cast<int>(first_missing_++);
}

void SlotPool::RemoveTaskManager(const TaskManagerId& task_manager) {
  for (Slot& slot : slots_) {
    if (slot.gateway == nullptr || slot.offer.task_manager != task_manager) continue;
    slot = {};
    --held_;
  }
  first_missing_ = 0;
}

std::vector<SlotPool::Slot> SlotPool::ReleaseAll() {
  std::vector<Slot> released;
  for (Slot& slot : slots_) {
    if (slot.gateway != nullptr) released.push_back(std::exchange(slot, Slot()));
  }
  held_ = 0;
  first_missing_ = 0;
  return released;
}

}  // namespace weir
