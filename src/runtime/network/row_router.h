// Partitioners that send the rows of one batch different ways.
#pragma once

#include <memory>

#include "weir/runtime/network/partition_writer.h"

namespace weir {

// A writer for hash, shuffle and custom edges.
std::unique_ptr<PartitionWriter> NewRoutingWriter(PartitionWriterOptions& options);

// A copy of the rows of `batch` that count, times, hashes, marks and view bytes included, in a batch of `pool`.
BatchBase* CopyRows(const BatchBase& batch, BatchPool& pool);

}  // namespace weir
