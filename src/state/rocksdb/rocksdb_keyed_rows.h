// Keyed rows on the local disk, those in use in memory: the backend "rocksdb".
#pragma once

#include <memory>

#include "weir/base/status.h"
#include "weir/functions/state/keyed_rows.h"
#include "weir/state/rocksdb/rocksdb_resources.h"
#include "weir/state/snapshot/keyed_rows_format.h"

namespace weir {

// `shape.layout` need not be set.
StatusOr<std::unique_ptr<KeyedRows>> NewRocksDbKeyedRows(KeyedRowsShape shape,
                                                         std::shared_ptr<RocksDbResources> resources);

}  // namespace weir
