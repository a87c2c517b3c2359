// Keyed rows on the heap: the backend "hashmap".
#pragma once

#include <memory>

#include "weir/base/status.h"
#include "weir/functions/state/keyed_rows.h"
#include "weir/state/snapshot/keyed_rows_format.h"

namespace weir {

// `shape.layout` need not be set.
StatusOr<std::unique_ptr<KeyedRows>> NewHeapKeyedRows(KeyedRowsShape shape);

}  // namespace weir
