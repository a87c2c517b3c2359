// Where windows of one size begin and end, and the slices between these points.
//
//   size 10, slide 4:   windows   0---------10   4---------14   8---------18
//                       slices    0 2   4   6   8   10  12          a window is a run of whole slices
//
// A record belongs to one slice however many windows it is in. Slices begin where a window begins or ends.
#pragma once

#include <cstdint>

#include "weir/base/time.h"
#include "weir/functions/window/time_window.h"

namespace weir {

// Windows are named by their start. All sums stay at the ends of time, as internal::AddToTime.
class SliceGrid {
 public:
  struct Span {
    EventTime start;
    EventTime end;
  };

  // As the assigners have them; checked there (CheckWindows).
  SliceGrid(Duration size, Duration slide, Duration offset);

  // The slice that `time` is in; if windows leave gaps, this may be a gap.
  Span SliceOf(EventTime time) const;
  // No window holds `time`.
  bool IsBetweenWindows(EventTime time) const { return time >= EndOf(LastWindow(time)); }
  // The latest window that starts at or before `time`.
  EventTime LastWindow(EventTime time) const { return internal::WindowStart(time, offset_, slide_); }
  // The earliest window that ends after `time`.
  EventTime FirstWindow(EventTime time) const;
  // The one after `window`; `window` itself at the end of time.
  EventTime NextWindow(EventTime window) const;
  EventTime EndOf(EventTime window) const { return internal::AddToTime(window, size_); }
  // The watermark at which it fires.
  EventTime FireTime(EventTime window) const { return EndOf(window) - 1; }
  TimeWindow Window(EventTime start) const { return internal::WindowFrom(start, size_); }

 private:
  int64_t size_;
  int64_t slide_;
  int64_t offset_;
  int64_t edge_;  // where, after a start, a window ends; 0: windows end where others start
};

}  // namespace weir
