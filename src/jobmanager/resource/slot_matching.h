// Which free slots go to which jobs: a pure function.
#pragma once

#include <cstdint>
#include <vector>

namespace weir {

// What a job still lacks.
struct SlotNeed {
  int32_t missing = 0;
  int32_t held_at = -1;  // index of the TaskManager where it has slots already; -1: none. For kTogether
};

// The free slots of one TaskManager.
struct FreeSlots {
  int32_t total = 0;               // slots of the TaskManager, free or not
  std::vector<int32_t> free = {};  // their numbers, ascending
};

enum class SlotSpread : uint8_t {
  kPack,      // fill one TaskManager before the next: short ways between tasks
  kTogether,  // all slots of a job on one TaskManager
  kSpread,    // to the TaskManager with the smallest share of used slots (taskmanager.load-balance.mode: SLOTS)
};

struct SlotMatch {
  int32_t need = 0;          // index among the needs
  int32_t task_manager = 0;  // index among the TaskManagers
  int32_t slot = 0;
};

// Serves the needs in their order. A job gets all that it lacks, or nothing: two jobs that each hold half of what they need would wait for each other
// for ever. A job that does not fit does not hold up smaller ones behind it.
std::vector<SlotMatch> MatchSlots(const std::vector<SlotNeed>& needs, std::vector<FreeSlots> task_managers,
                                  SlotSpread spread);

}  // namespace weir
