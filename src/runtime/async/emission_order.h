// Which request's results may leave next, and when a watermark may.
#pragma once

#include <cstdint>
#include <deque>
#include <vector>

#include "weir/base/time.h"

namespace weir {

// Requests are known by slot numbers, which the caller gives out again once they have left.
//
// The queue is cut into segments. Within one, results leave as they complete; a segment begins to leave when the one before it has left completely. Watermarks
// end segments, and if the order of the input is kept, every request has a segment of its own.
// Threads: the task's thread.
class EmissionOrder {
 public:
  enum class Kind : uint8_t { kNothing, kRequest, kWatermark };
  struct Next {
    Kind kind = Kind::kNothing;
    uint32_t slot = 0;
    EventTime watermark = kMinWatermark;
  };

  // `slots`: their numbers are below this.
  EmissionOrder(bool ordered, uint32_t slots) : ordered_(ordered), places_(slots) {}

  void AddRequest(uint32_t slot);
  // A watermark stands behind all requests so far.
  void AddWatermark(EventTime watermark);
  // The request in `slot` has results.
  void Complete(uint32_t slot);

  // What may leave now; Pop says that it did.
  Next Peek() const;
  void Pop();
  // Neither requests nor watermarks are waiting.
  bool empty() const { return segments_.empty(); }

 private:
  static constexpr uint32_t kNone = UINT32_MAX;
  struct Segment {
    uint32_t open = 0;  // requests without results
    // Those with results, in the order in which they got them: a list through places_.
    uint32_t first_ready = kNone;
    uint32_t last_ready = kNone;
    EventTime watermark = kMinWatermark;  // behind the segment, if it is another one
    bool is_closed = false;               // takes no more requests

    bool IsEmpty() const { return open == 0 && first_ready == kNone; }
  };
  struct Place {
    uint64_t segment = 0;  // counted from the first segment ever
    uint32_t next_ready = kNone;
  };
  Segment& NewSegment();

  const bool ordered_;
  std::vector<Place> places_;  // by slot
  std::deque<Segment> segments_;
  uint64_t first_segment_ = 0;  // number of segments_.front()
};

}  // namespace weir
