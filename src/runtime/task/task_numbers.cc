#include "weir/runtime/task/task_numbers.h"

namespace weir {

TaskTimes::Totals TaskTimes::At(int64_t now) const {
  constexpr int kTries = 100;
  int64_t totals[kDoings] = {};
  int64_t since = kChanging;
  int doing = kWaitsForTurn;
  for (int tried = 0; tried < kTries; ++tried) {
    since = since_.load(std::memory_order_acquire);
    doing = doing_.load(std::memory_order_acquire);
    for (int i = 0; i < kDoings; ++i) totals[i] = totals_[i].load(std::memory_order_acquire);
    if (since_.load(std::memory_order_acquire) == since && since != kChanging) break;
    if (doing == kWaitsForTurn && since == kChanging && tried > 0) break;  // it has not begun
  }
  if (since != kChanging && now > since) totals[doing] += now - since;
  return {.busy_ns = totals[kBusy], .idle_ns = totals[kIdle], .backpressured_ns = totals[kBackPressured]};
}

}  // namespace weir
