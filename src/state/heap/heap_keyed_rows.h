// Keyed rows on the heap: the backend "hashmap".
#pragma once

#include <memory>

#include "weir/base/status.h"
#include "weir/functions/state/keyed_rows.h"
#include "weir/state/heap/heap_memory.h"
#include "weir/state/snapshot/keyed_rows_format.h"

namespace weir {

// `shape.layout` need not be set. `memory`: what all tables may take; null: as much as there is.
StatusOr<std::unique_ptr<KeyedRows>> NewHeapKeyedRows(KeyedRowsShape shape,
                                                      std::shared_ptr<HeapMemory> memory = nullptr);

}  // namespace weir
