// Walking over the rows and the watermarks of a batch in stream order. Each walk calls what it is given in one place only, because the user's function is
// inlined there: four places (selection or not, marks or not) made a job of 100 operators compile for twice as long.
#pragma once

#include <cstdint>

#include "weir/types/batch.h"

namespace weir {

// Calls on_row(const T&, row) for every row that counts. The branch on the selection is the same for a whole batch and predicted.
template <class T, class OnRow>
void ForEachRow(const Batch<T>& batch, OnRow&& on_row) {
  const T* const rows = batch.data();
  const uint16_t* const selection = batch.has_selection ? batch.selection : nullptr;
  for (uint32_t i = 0, count = batch.count(); i < count; ++i) {
    const uint32_t row = selection != nullptr ? selection[i] : i;
    on_row(rows[row], row);
  }
}

// Calls on_row(T&, row) for every row that counts and on_mark(watermark) where a mark stands.
template <class T, class OnRow, class OnMark>
void ForEachRowAndMark(Batch<T>& batch, OnRow&& on_row, OnMark&& on_mark) {
  T* const rows = batch.data();
  const uint16_t* const selection = batch.has_selection ? batch.selection : nullptr;
  const uint32_t count = batch.count();
  const Mark* mark = batch.marks.data();
  const Mark* const last_mark = mark + batch.marks.size();
  // The row before which the next mark stands; beyond all rows if there is none.
  uint32_t stop = mark == last_mark ? UINT32_MAX : mark->row;
  for (uint32_t next = 0; next < count; ++next) {
    const uint32_t row = selection != nullptr ? selection[next] : next;
    while (row >= stop) [[unlikely]] {
      on_mark(mark->watermark);
      stop = ++mark == last_mark ? UINT32_MAX : mark->row;
    }
    on_row(rows[row], row);
  }
  for (; mark != last_mark; ++mark) on_mark(mark->watermark);
}

}  // namespace weir
