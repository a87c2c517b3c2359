#include "weir/functions/process_context.h"

#include <stdexcept>

#include "weir/base/clock.h"

namespace weir {

namespace internal {

void ThrowNoOnTimer() {
  throw std::logic_error(
      "the function asks for timers but has no method void OnTimer(Timestamp, OnTimerContext&, Collector<Out>&)");
}

}  // namespace internal

Timestamp ProcessContext::processing_time() const { return runtime_->clock().WallTime(); }

}  // namespace weir
