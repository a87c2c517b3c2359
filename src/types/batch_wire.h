// The parts of a batch's wire form that do not depend on the row type. docs/formats/batch.md has the bytes.
#pragma once

#include <cstdint>

#include "weir/base/coding.h"
#include "weir/base/status.h"
#include "weir/types/batch.h"

namespace weir::internal {

// Writes header, times, hashes and marks of the rows of `in` that count. `row_bytes`: bytes of one row in the fixed part.
void WriteBatchHead(const BatchBase& in, uint32_t row_bytes, size_t heap_bytes, ByteWriter& out);

// What the rows of an encoded batch are read from.
struct WireRows {
  const char* fixed = nullptr;  // rows * row_bytes
  const char* heap = nullptr;   // bytes of strings and of fields of variable shape, in order of the rows
  uint32_t rows = 0;
  uint32_t heap_bytes = 0;
};

// Reads header, times, hashes and marks into the empty batch `out` and finds the rows. kDataLoss if the bytes are cut short or
// damaged, kFailedPrecondition if they hold rows of another shape or more rows than `out` has room for.
StatusOr<WireRows> ReadBatchHead(ByteReader& in, uint32_t row_bytes, BatchBase& out);

// The error for rows whose contents cannot be; empties `out`.
Status RefuseRows(BatchBase& out);

// Copies times and hashes of `count` rows of `in` behind the rows of `out`.
void ScatterTimesAndHashes(const BatchBase& in, const uint16_t* rows, uint32_t count, BatchBase& out);

}  // namespace weir::internal
