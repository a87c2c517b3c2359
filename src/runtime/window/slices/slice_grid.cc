#include "weir/runtime/window/slices/slice_grid.h"

#include <algorithm>

namespace weir {

SliceGrid::SliceGrid(Duration size, Duration slide, Duration offset)
    : size_(size.count()),
      // A mistake of the program is reported when the job is executed; until then nothing may divide by it.
      slide_(std::max<int64_t>(slide.count(), 1)),
      offset_(offset.count()),
      edge_(size_ % slide_) {}

SliceGrid::Span SliceGrid::SliceOf(EventTime time) const {
  const EventTime start = LastWindow(time);
  if (edge_ == 0) return {start, internal::AddToTime(start, slide_)};
  const EventTime edge = internal::AddToTime(start, edge_);
  if (time < edge) return {start, edge};
  return {edge, internal::AddToTime(start, slide_)};
}

EventTime SliceGrid::FirstWindow(EventTime time) const {
  const EventTime last = LastWindow(time);
  const EventTime first = internal::AddToTime(LastWindow(internal::AddToTime(time, -size_)), slide_);
  // At the lowest times of all, windows are cut off and start between the others.
  return time < EndOf(last) ? std::min(first, last) : first;
}

EventTime SliceGrid::NextWindow(EventTime window) const {
  return std::max(window, LastWindow(internal::AddToTime(window, slide_)));
}

}  // namespace weir
