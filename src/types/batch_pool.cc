#include "weir/types/batch_pool.h"

#include <algorithm>
#include <new>

namespace weir {

namespace {

uint32_t RowsPerBatch(const BatchType& type, uint32_t asked) {
  if (asked != 0) return std::min(asked, kMaxBatchRows);
  return std::clamp(kMaxBatchBytes / type.row_bytes, 1u, kMaxBatchRows);
}

void* AllocateRows(const BatchType& type, uint32_t count) {
  const size_t alignment = std::max<size_t>(type.row_alignment, 64);
  void* const rows = ::operator new(static_cast<size_t>(type.row_bytes) * count, std::align_val_t(alignment));
  type.construct(rows, count);
  return rows;
}

void FreeRows(const BatchType& type, void* rows, uint32_t count) {
  if (!type.trivial) type.destroy(rows, count);
  ::operator delete(rows, std::align_val_t(std::max<size_t>(type.row_alignment, 64)));
}

// Lets go of everything that the batch refers to; its arrays stay for the next use.
void Empty(BatchBase& batch) {
  for (Bytes* bytes : batch.owners) bytes->Release();
  batch.owners.clear();
  for (BatchBase* held : batch.held) Recycle(held);
  batch.held.clear();
  batch.marks.clear();
  batch.arena = nullptr;
  batch.size = batch.selected = 0;
  batch.has_selection = batch.has_times = batch.has_hashes = false;
}

// Takes the arrays of the shared batch off a view of it; what the view allocated for itself goes.
void Detach(BatchBase& view) {
  const BatchBase* const shared = view.parent;
  if (shared == nullptr || view.times != shared->times) delete[] view.times;
  if (shared == nullptr || view.hashes != shared->hashes) delete[] view.hashes;
  view.parent = nullptr;
  view.rows = nullptr;
  view.times = nullptr;
  view.hashes = nullptr;
  view.selection = nullptr;
  // The next use may be of a larger batch.
  delete[] view.routes;
  view.routes = nullptr;
}

}  // namespace

BatchPool* BatchPool::New(const BatchType* type, uint32_t rows) {
  return new BatchPool(type, RowsPerBatch(*type, rows));
}

BatchBase* BatchPool::Pop() {
  if (free_ == nullptr) free_ = returned_.exchange(nullptr, std::memory_order_acquire);
  if (free_ == nullptr) return nullptr;
  BatchBase* const batch = free_;
  free_ = batch->next;
  return batch;
}

BatchBase* BatchPool::Allocate() {
  BatchBase* const batch = new BatchBase;
  batch->home = this;
  allocated_.fetch_add(1, std::memory_order_relaxed);
  return batch;
}

BatchBase* BatchPool::Get() {
  BatchBase* batch = Pop();
  if (batch == nullptr) {
    batch = Allocate();
    batch->type = type_;
    batch->capacity = rows_;
    batch->rows = AllocateRows(*type_, rows_);
    batch->owns_rows = true;
    batch->selection = new uint16_t[rows_];
  }
  references_.fetch_add(1, std::memory_order_relaxed);
  return batch;
}

BatchBase* BatchPool::GetEmpty() {
  BatchBase* batch = Pop();
  if (batch == nullptr) batch = Allocate();
  references_.fetch_add(1, std::memory_order_relaxed);
  batch->type = type_;
  batch->capacity = 0;
  return batch;
}

BatchBase* BatchPool::GetView(BatchBase* shared, uint16_t* selection, uint32_t count) {
  BatchBase* view = Pop();
  if (view == nullptr) view = Allocate();
  references_.fetch_add(1, std::memory_order_relaxed);
  view->parent = shared;
  view->type = shared->type;
  view->capacity = shared->capacity;
  view->rows = shared->rows;
  view->times = shared->times;
  view->hashes = shared->hashes;
  view->selection = selection;
  view->size = shared->size;
  view->selected = count;
  view->has_selection = true;
  view->has_times = shared->has_times;
  view->has_hashes = shared->has_hashes;
  view->marks = shared->marks;
  return view;
}

void BatchPool::Return(BatchBase* batch) {
  BatchBase* head = returned_.load(std::memory_order_relaxed);
  do {
    batch->next = head;
  } while (!returned_.compare_exchange_weak(head, batch, std::memory_order_release, std::memory_order_relaxed));
  DropReference();
}

void BatchPool::DropReference() {
  if (references_.fetch_sub(1, std::memory_order_acq_rel) != 1) return;
  FreeList(free_);
  FreeList(returned_.load(std::memory_order_acquire));
  delete this;
}

void BatchPool::Close() { DropReference(); }

void BatchPool::FreeList(BatchBase* batch) {
  while (batch != nullptr) {
    BatchBase* const next = batch->next;
    Free(batch);
    batch = next;
  }
}

void BatchPool::Free(BatchBase* batch) {
  // A view's arrays belong to the batch it pointed to and were taken off it when it was recycled; what is left is its own.
  if (batch->owns_rows) FreeRows(*batch->type, batch->rows, batch->capacity);
  delete[] batch->selection;
  delete[] batch->times;
  delete[] batch->hashes;
  delete[] batch->routes;
  delete batch;
}

void Recycle(BatchBase* batch) {
  // acq_rel: the last reader empties rows that the others have finished reading.
  if (batch->readers.fetch_sub(1, std::memory_order_acq_rel) != 1) return;
  batch->readers.store(1, std::memory_order_relaxed);
  Empty(*batch);
  BatchPool* const home = batch->home;
  if (!batch->owns_rows) {
    BatchBase* const shared = batch->parent;
    Detach(*batch);
    if (shared != nullptr) Recycle(shared);
  }
  home->Return(batch);
}

}  // namespace weir
