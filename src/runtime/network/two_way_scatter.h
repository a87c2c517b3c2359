// Plain rows dealt out to two batches: the inner loop of a keyed exchange between two subtasks.
#pragma once

#include <cstdint>

#include "weir/base/time.h"

namespace weir {

// Where the rows of one channel go. All arrays have room for as many rows as are dealt out, whatever their channel.
struct ScatterTarget {
  char* rows;
  uint64_t* hashes;  // nullptr: not carried
  EventTime* times;  // nullptr: there are none
};

// What is dealt out. Arrays are of the whole batch, and `selected` has the numbers of the rows, in order.
struct ScatterSource {
  const char* rows;
  const uint64_t* hashes;  // nullptr, if they are neither carried nor asked
  const EventTime* times;  // nullptr: there are none
  const uint16_t* selected;
  // 0 or 1 for each selected row; nullptr: 1 where its hash is not less than `second_begins`.
  const uint16_t* channels;
  uint64_t second_begins;
};

// Copies `count` rows of `row_bytes` bytes (8, 16, 24 or 32): those of channel 0 to `first`, those of channel 1 to `second`, in order. What is behind a
// target's last row may be overwritten, within the room for `count` rows. Returns the number of rows in `second`.
uint32_t ScatterTwoWays(const ScatterSource& from, uint32_t count, uint32_t row_bytes, const ScatterTarget& first,
                        const ScatterTarget& second);

}  // namespace weir
