// Rows that a source carries with it.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "weir/types/batch.h"
#include "weir/types/batch_pool.h"

namespace weir {

// Copies of rows, with the bytes that their views point to. Threads: any, after construction.
class StoredRows {
 public:
  // `rows`: `count` rows of `type`, which must live for ever.
  StoredRows(const BatchType* type, void* rows, size_t count);
  ~StoredRows();
  StoredRows(const StoredRows&) = delete;
  StoredRows& operator=(const StoredRows&) = delete;

  size_t size() const { return size_; }
  // Appends copies of up to `count` rows from `first` on to `into`, which has room for them; how many. Fewer where a stored batch ends.
  uint32_t CopyTo(size_t first, uint32_t count, BatchBase& into) const;

 private:
  const size_t size_;
  BatchPoolHandle pool_;
  uint32_t batch_rows_ = 0;
  std::vector<BatchBase*> batches_;  // all but the last one full
};

}  // namespace weir
