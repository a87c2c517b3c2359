#include "weir/connectors/generator/stored_rows.h"

#include <algorithm>
#include <numeric>

namespace weir {

namespace {

void Scatter(const BatchType& type, const BatchBase& from, uint32_t first, uint32_t count, BatchBase& into) {
  std::vector<uint16_t> rows(count);
  std::iota(rows.begin(), rows.end(), static_cast<uint16_t>(first));
  type.scatter(from, rows.data(), count, into);
}

}  // namespace

StoredRows::StoredRows(const BatchType* type, void* rows, size_t count) : size_(count), pool_(type) {
  for (size_t done = 0; done < count;) {
    BatchBase* const batch = pool_->Get();
    batch_rows_ = batch->capacity;
    // The caller's rows dressed as a batch, so that the type's own way of copying can be used.
    BatchBase given;
    given.type = type;
    given.rows = static_cast<char*>(rows) + done * type->row_bytes;
    given.size = given.capacity = static_cast<uint32_t>(std::min<size_t>(count - done, batch->capacity));
    Scatter(*type, given, 0, given.size, *batch);
    done += given.size;
    batches_.push_back(batch);
  }
}

StoredRows::~StoredRows() {
  for (BatchBase* const batch : batches_) Recycle(batch);
}

uint32_t StoredRows::CopyTo(size_t first, uint32_t count, BatchBase& into) const {
  if (first >= size_) return 0;
  const BatchBase& batch = *batches_[first / batch_rows_];
  const uint32_t row = static_cast<uint32_t>(first % batch_rows_);
  const uint32_t copied = std::min(count, batch.size - row);
  Scatter(*batch.type, batch, row, copied, into);
  return copied;
}

}  // namespace weir
