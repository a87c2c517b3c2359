// Keyed rows on the local disk, those in use in memory: the backend "rocksdb".
#pragma once

#include <functional>
#include <memory>
#include <string_view>

#include "weir/base/status.h"
#include "weir/functions/state/keyed_rows.h"
#include "weir/state/rocksdb/rocksdb_resources.h"
#include "weir/state/snapshot/keyed_rows_format.h"
#include "weir/state/snapshot/native_keyed_state.h"

namespace weir {

// `shape.layout` need not be set.
StatusOr<std::unique_ptr<KeyedRows>> NewRocksDbKeyedRows(KeyedRowsShape shape,
                                                         std::shared_ptr<RocksDbResources> resources);

// What a native snapshot of such rows holds, as canonical rows, piece by piece: for other backends.
Status ReadRocksDbState(const NativeKeyedState& state, const std::function<Status(std::string_view rows)>& take);

}  // namespace weir
