// The part of a slice that does not depend on what is kept in it.
#pragma once

#include <cstdint>

#include "weir/base/time.h"

namespace weir {

class SliceKeys;

// The records of [start, end), per key. Also one window with contents of its own, apart from the slices (fired_ranges.h).
struct SliceHead {
  SliceHead(EventTime start, EventTime end) : start(start), end(end) {}
  virtual ~SliceHead() = default;

  virtual uint32_t block_count() const = 0;
  // Forgets the contents of 64 keys.
  virtual void ClearBlock(uint32_t block, SliceKeys& keys) = 0;

  const EventTime start;
  const EventTime end;
  bool in_running = false;  // the running window holds what the slice holds
};

}  // namespace weir
