#include "weir/jobmanager/resource/slot_matching.h"

namespace weir {
namespace {

// The TaskManager whose slot comes next; -1: none is free.
int32_t Choose(const std::vector<FreeSlots>& task_managers, SlotSpread spread) {
  int32_t best = -1;
  for (int32_t i = 0; i < static_cast<int32_t>(task_managers.size()); ++i) {
    const FreeSlots& candidate = task_managers[i];
    if (candidate.free.empty()) continue;
    if (best < 0) {
      best = i;
      if (spread == SlotSpread::kPack) break;
      continue;
    }
    // The larger share of free slots wins; cross-multiplied, so that equal shares compare equal and the first one wins.
    const FreeSlots& leader = task_managers[best];
    const auto share = static_cast<int64_t>(candidate.free.size()) * leader.total;
    if (share > static_cast<int64_t>(leader.free.size()) * candidate.total) best = i;
  }
  return best;
}

// The TaskManager that has all slots that a job lacks; -1: none does.
int32_t ChooseTogether(const std::vector<FreeSlots>& task_managers, const SlotNeed& need) {
  for (int32_t i = 0; i < static_cast<int32_t>(task_managers.size()); ++i) {
    const bool may_be = need.held_at < 0 || need.held_at == i;
    if (may_be && static_cast<int64_t>(task_managers[i].free.size()) >= need.missing) return i;
  }
  return -1;
}

}  // namespace

std::vector<SlotMatch> MatchSlots(const std::vector<SlotNeed>& needs, std::vector<FreeSlots> task_managers,
                                  SlotSpread spread) {
  int64_t free = 0;
  for (const FreeSlots& task_manager : task_managers) free += static_cast<int64_t>(task_manager.free.size());

  std::vector<SlotMatch> matches;
  for (int32_t need = 0; need < static_cast<int32_t>(needs.size()); ++need) {
    if (needs[need].missing > free) continue;
    const int32_t together = spread == SlotSpread::kTogether ? ChooseTogether(task_managers, needs[need]) : -1;
    if (spread == SlotSpread::kTogether && together < 0) continue;
    for (int32_t i = 0; i < needs[need].missing; ++i) {
      const int32_t chosen = together >= 0 ? together : Choose(task_managers, spread);
      std::vector<int32_t>& slots = task_managers[chosen].free;
      matches.push_back({.need = need, .task_manager = chosen, .slot = slots.front()});
      slots.erase(slots.begin());
      --free;
    }
  }
  return matches;
}

}  // namespace weir
