// The one way into a database: batches are written in the order in which they were added, by one thread.
//
// What is added before something else has its effect before it; a checkpoint is an item between two batches.
#pragma once

#include <atomic>
#include <cstdint>
#include <memory>

#include "weir/base/execution/strand.h"
#include "weir/base/mutex.h"
#include "weir/base/status.h"
#include "weir/base/unique_function.h"
#include "weir/state/rocksdb/rocksdb_store.h"

namespace weir {

// Threads: the task's; what is written runs on `writer`.
class RocksDbWriteQueue {
 public:
  // `writer` null: Add writes before it returns. `store` must outlive the queue.
  RocksDbWriteQueue(RocksDbStore& store, Executor* writer);
  // Waits for the batch that is being written; drops the others.
  ~RocksDbWriteQueue();

  // The number that the next batch will have; the first is 1.
  uint32_t next_number() const { return added_ + 1; }
  void Add(std::unique_ptr<RocksDbBatch> batch);
  // Calls `marker` where batches are written, when all that were added before are in the database (with OK) or will never be.
  void AddMarker(UniqueFunction<void(Status)> marker);
  // The batch of that number has been written, and so have all before it.
  bool IsDone(uint32_t number) const { return number <= done_.load(std::memory_order_acquire); }
  uint32_t waiting() const { return added_ - done_.load(std::memory_order_relaxed); }
  // Waits until at most `batches` are waiting, or one has failed.
  Status WaitUntilAtMost(uint32_t batches);
  // Waits for the next batch to be written, but not long.
  Status WaitBriefly();
  // Waits until no marker is waiting.
  void WaitForMarkers();
  // The first error; nothing is written after it.
  Status status() const;

 private:
  void Write(RocksDbBatch& batch);

  RocksDbStore& store_;
  uint32_t added_ = 0;
  // Of the last batch written. Written by the writer with release, after the batch is in the database.
  std::atomic<uint32_t> done_{0};
  mutable Mutex mutex_;
  CondVar progress_;
  Status status_ WEIR_GUARDED_BY(mutex_);
  int markers_ WEIR_GUARDED_BY(mutex_) = 0;  // waiting or running
  std::unique_ptr<Strand> strand_;           // null: no thread. Last: it stops first
};

}  // namespace weir
