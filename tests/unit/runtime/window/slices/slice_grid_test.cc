// The points at which slices begin, and the windows that they are in, beside windows found by trying.
#include "weir/runtime/window/slices/slice_grid.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace weir {
namespace {

struct Shape {
  int64_t size, slide, offset;
};
// Tumbling; sliding, with and without a rest; with gaps; offsets of both signs.
constexpr Shape kShapes[] = {{10, 10, 0}, {10, 10, -3}, {20, 5, 2}, {17, 4, 0},
                             {10, 4, 1},  {4, 9, 0},    {5, 9, -8}, {1, 1, 0}};

SliceGrid GridOf(const Shape& shape) {
  return SliceGrid(Duration(shape.size), Duration(shape.slide), Duration(shape.offset));
}
std::vector<EventTime> WindowsOf(const Shape& shape, EventTime time) {
  std::vector<EventTime> windows;
  for (EventTime start = time - shape.size + 1; start <= time; ++start) {
    if ((start - shape.offset) % shape.slide == 0) windows.push_back(start);
  }
  return windows;
}

TEST(SliceGrid, NamesTheFirstAndTheLastWindowOfATime) {
  for (const Shape& shape : kShapes) {
    SCOPED_TRACE("size " + std::to_string(shape.size) + " slide " + std::to_string(shape.slide));
    const SliceGrid grid = GridOf(shape);
    for (EventTime time = -60; time < 60; ++time) {
      const std::vector<EventTime> windows = WindowsOf(shape, time);
      ASSERT_EQ(grid.IsBetweenWindows(time), windows.empty()) << time;
      if (windows.empty()) continue;
      ASSERT_EQ(grid.FirstWindow(time), windows.front()) << time;
      ASSERT_EQ(grid.LastWindow(time), windows.back()) << time;
      std::vector<EventTime> walked{windows.front()};
      while (walked.back() < windows.back()) walked.push_back(grid.NextWindow(walked.back()));
      ASSERT_EQ(walked, windows) << time;
    }
  }
}

TEST(SliceGrid, PutsTimesWithTheSameWindowsIntoOneSliceAndOthersIntoOthers) {
  for (const Shape& shape : kShapes) {
    const SliceGrid grid = GridOf(shape);
    for (EventTime time = -60; time < 60; ++time) {
      const SliceGrid::Span span = grid.SliceOf(time);
      ASSERT_LE(span.start, time);
      ASSERT_GT(span.end, time);
      for (EventTime other = span.start; other < span.end; ++other) {
        ASSERT_EQ(WindowsOf(shape, other), WindowsOf(shape, time)) << time << " and " << other;
        ASSERT_EQ(grid.SliceOf(other).start, span.start);
      }
    }
  }
}

TEST(SliceGrid, EndsAtTheEndsOfTime) {
  for (const Shape& shape : kShapes) {
    const SliceGrid grid = GridOf(shape);
    for (const EventTime time : {kNoEventTime + 1, kNoEventTime + 7, kMaxWatermark - 7, kMaxWatermark}) {
      const EventTime first = grid.FirstWindow(time);
      EXPECT_GE(grid.NextWindow(first), first);
      EXPECT_LE(grid.SliceOf(time).start, time);
      if (grid.IsBetweenWindows(time)) continue;
      EXPECT_LE(first, grid.LastWindow(time));
    }
  }
}

}  // namespace
}  // namespace weir
