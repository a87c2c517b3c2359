// Columns of a batch carried over to the batch that a map makes of it.
#pragma once

#include <cstdint>

#include "weir/types/batch.h"

namespace weir::internal {

// The times of the `begin`-th to the `end`-th row that counts become those of the rows of `out`.
void CopyTimes(const BatchBase& batch, uint32_t begin, uint32_t end, BatchBase& out);
// Likewise the marks that stand before or behind these rows; rows are closed up in `out`.
void CopyMarks(const BatchBase& batch, uint32_t begin, uint32_t end, BatchBase& out);

}  // namespace weir::internal
