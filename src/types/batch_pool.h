// Where the batches of one producer come from and go back to.
#pragma once

#include <atomic>
#include <cstdint>

#include "weir/types/batch.h"

namespace weir {

// Batches of one type for one producing task. Get is for the producer's thread only and never waits; batches come home from any thread.
//
// How many batches are out is bounded by the channels' capacity, not here: a producer whose channels are full is not stepped.
// Lifetime: the pool lives until its owner has called Close and the last batch is home.
class BatchPool {
 public:
  // `type` must outlive the pool. `rows`: rows per batch; 0: as many as fit kMaxBatchRows and kMaxBatchBytes.
  static BatchPool* New(const BatchType* type, uint32_t rows = 0);

  // An empty batch, readers = 1.
  BatchBase* Get();
  // An empty view of `shared`: points to its rows, times, hashes. `selection` (count entries, which this consumer may overwrite) says which rows
  // count. Recycling the view gives up one reader of `shared`. A pool gives out batches or views, never both; one for views may have any type.
  BatchBase* GetView(BatchBase* shared, uint16_t* selection, uint32_t count);
  // A batch without rows, for a watermark on its own. From a pool that gives out views.
  BatchBase* GetEmpty();
  // The owner is done; batches that are out come home and are freed.
  void Close();

  const BatchType& type() const { return *type_; }
  // Batches that exist, whether out or home: for metrics and the memory budget.
  uint32_t allocated() const { return allocated_.load(std::memory_order_relaxed); }

  BatchPool(const BatchPool&) = delete;
  BatchPool& operator=(const BatchPool&) = delete;

 private:
  friend void Recycle(BatchBase* batch);
  BatchPool(const BatchType* type, uint32_t rows) : type_(type), rows_(rows) {}
  ~BatchPool() = default;

  // A batch for a new owner: from the free list, or `nullptr`; and a bare one.
  BatchBase* Pop();
  BatchBase* Allocate();
  // Any thread: puts an emptied batch on the return stack.
  void Return(BatchBase* batch);
  void DropReference();
  static void FreeList(BatchBase* batch);
  static void Free(BatchBase* batch);

  const BatchType* const type_;
  const uint32_t rows_;
  std::atomic<uint32_t> allocated_{0};
  // The owner and every batch that is out hold one reference; the last one frees the pool.
  std::atomic<uint32_t> references_{1};
  // Batches that came home: pushed by any thread, taken as a whole by the owner (so there is no ABA problem).
  std::atomic<BatchBase*> returned_{nullptr};
  // Owner's thread only.
  BatchBase* free_ = nullptr;
};

// Owns a pool: closes it when it goes.
class BatchPoolHandle {
 public:
  BatchPoolHandle() = default;
  explicit BatchPoolHandle(const BatchType* type, uint32_t rows = 0) : pool_(BatchPool::New(type, rows)) {}
  BatchPoolHandle(BatchPoolHandle&& other) noexcept : pool_(other.pool_) { other.pool_ = nullptr; }
  BatchPoolHandle& operator=(BatchPoolHandle&& other) noexcept {
    if (this != &other) {
      Reset();
      pool_ = other.pool_;
      other.pool_ = nullptr;
    }
    return *this;
  }
  ~BatchPoolHandle() { Reset(); }

  void Reset() {
    if (pool_ != nullptr) pool_->Close();
    pool_ = nullptr;
  }
  BatchPool* operator->() const { return pool_; }
  BatchPool* get() const { return pool_; }
  explicit operator bool() const { return pool_ != nullptr; }

 private:
  BatchPool* pool_ = nullptr;
};

}  // namespace weir
