#include "weir/functions/window/windows.h"

#include <algorithm>
#include <stdexcept>

namespace weir::internal {

Status CheckWindows(std::string_view assigner, Duration size, Duration slide, Duration offset) {
  if (size.count() <= 0 || slide.count() <= 0)
    return InvalidArgumentError(std::string(assigner) + " of " + std::to_string(size.count()) + " ms every " +
                                std::to_string(slide.count()) + " ms; expected durations of at least 1 ms");
  if (std::max(offset, -offset) >= slide)
    return InvalidArgumentError(std::string(assigner) + " with an offset of " + std::to_string(offset.count()) +
                                " ms; expected less than the " + std::to_string(slide.count()) +
                                " ms from one window's start to the next");
  return OkStatus();
}

std::string AssignerName(std::string_view kind, WindowTime time, std::string_view rest) {
  return std::string(kind) + (time == WindowTime::kEvent ? "EventTime" : "ProcessingTime") + std::string(rest);
}

void ThrowNoSessionGap(Duration gap) {
  throw std::invalid_argument("the function given to WithDynamicGap returned a gap of " + std::to_string(gap.count()) +
                              " ms for a record; expected at least 1 ms");
}

}  // namespace weir::internal
