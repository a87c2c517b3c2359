// Walking over the rows and the watermarks of a batch in stream order.
#pragma once

#include <cstdint>

#include "weir/types/batch.h"

namespace weir {

// Calls on_row(T&, row) for every row that counts and on_mark(watermark) where a mark stands. Without marks: two plain loops.
template <class T, class OnRow, class OnMark>
void ForEachRowAndMark(Batch<T>& batch, OnRow&& on_row, OnMark&& on_mark) {
  if (batch.marks.empty()) [[likely]]
    return batch.ForEach(on_row);
  const uint32_t count = batch.count();
  uint32_t next = 0;
  for (const Mark& mark : batch.marks) {
    for (; next < count; ++next) {
      const uint32_t row = batch.has_selection ? batch.selection[next] : next;
      if (row >= mark.row) break;
      on_row(batch.data()[row], row);
    }
    on_mark(mark.watermark);
  }
  for (; next < count; ++next) {
    const uint32_t row = batch.has_selection ? batch.selection[next] : next;
    on_row(batch.data()[row], row);
  }
}

}  // namespace weir
