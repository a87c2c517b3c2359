#include "weir/runtime/operators/batch_copy.h"

#include <algorithm>

namespace weir::internal {

void CopyTimes(const BatchBase& batch, uint32_t begin, uint32_t end, BatchBase& out) {
  out.UseTimes();
  if (!batch.has_selection) {
    std::copy(batch.times + begin, batch.times + end, out.times);
    return;
  }
  for (uint32_t i = begin; i < end; ++i) out.times[i - begin] = batch.times[batch.selection[i]];
}

void CopyMarks(const BatchBase& batch, uint32_t begin, uint32_t end, BatchBase& out) {
  const bool last = end == batch.count();
  for (const Mark& mark : batch.marks) {
    // How many of the rows that count come before the mark.
    uint32_t before = mark.row;
    if (batch.has_selection) {
      before = static_cast<uint32_t>(std::lower_bound(batch.selection, batch.selection + batch.selected, mark.row) -
                                     batch.selection);
    }
    before = std::min(before, batch.count());
    // A mark between two chunks belongs to the later one.
    if (before < begin || before > end || (before == end && !last)) continue;
    out.marks.push_back(Mark{before - begin, mark.watermark});
  }
}

}  // namespace weir::internal
