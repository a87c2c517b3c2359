// The slots that a job has been given, by the numbers of its slot layout.
#pragma once

#include <memory>
#include <optional>
#include <vector>

#include "weir/rpc/slot_messages.h"
#include "weir/rpc/task_executor_gateway.h"

namespace weir {

// Threads: the JobMaster's event loop.
class SlotPool {
 public:
  struct Slot {
    SlotOffer offer;
    std::shared_ptr<TaskExecutorGateway> gateway;  // null: not held
  };

  explicit SlotPool(int slots) : slots_(static_cast<size_t>(slots)) {}

  // Takes the offer for the first slot that is still missing, whose number it returns; nothing if none is.
  std::optional<int> Add(SlotOffer offer, std::shared_ptr<TaskExecutorGateway> gateway);
  // Forgets the slots of a TaskManager that is gone.
  void RemoveTaskManager(const TaskManagerId& task_manager);
  // Hands out all that is held, and holds nothing from here on.
  std::vector<Slot> ReleaseAll();

  bool IsHeld(int slot) const { return slots_[slot].gateway != nullptr; }
  const Slot& at(int slot) const { return slots_[slot]; }
  int size() const { return static_cast<int>(slots_.size()); }
  int held() const { return held_; }
  bool IsComplete() const { return held_ == size(); }

 private:
  std::vector<Slot> slots_;
  int held_ = 0;
  size_t first_missing_ = 0;  // all slots before it are held
};

}  // namespace weir
