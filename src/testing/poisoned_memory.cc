#include "weir/testing/poisoned_memory.h"

#include <cstring>

namespace weir {

namespace {

// Enough for the texts of a test's batch; longer ones take memory that is not watched.
constexpr uint32_t kWatchedBytes = 16 * 1024;

}  // namespace

PoisonedMemory::~PoisonedMemory() {
  for (Bytes* bytes : released_) {
    delete[] bytes->data;
    delete bytes;
  }
}

void PoisonedMemory::GiveTo(BatchBase& batch) {
  Bytes* const buffer = new Bytes;
  buffer->capacity = kWatchedBytes;
  buffer->data = new char[kWatchedBytes];
  buffer->release = &PoisonedMemory::OnRelease;
  buffer->home = this;
  batch.owners.push_back(buffer);  // takes over the first reference
  batch.arena = buffer;
}

void PoisonedMemory::OnRelease(Bytes* bytes) {
  std::memset(bytes->data, kPoison, bytes->capacity);
  static_cast<PoisonedMemory*>(bytes->home)->released_.push_back(bytes);
}

void PoisonedMemory::PoisonRows(BatchBase& batch, uint32_t count) {
  const BatchType& type = *batch.type;
  type.destroy(batch.rows, count);
  std::memset(batch.rows, kPoison, static_cast<size_t>(count) * type.row_bytes);
  // Rows of plain bytes stay rubbish; those with objects in them must be objects again, empty ones.
  if (!type.trivial) type.construct(batch.rows, count);
}

}  // namespace weir
