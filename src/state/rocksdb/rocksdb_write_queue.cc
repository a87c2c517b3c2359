#include "weir/state/rocksdb/rocksdb_write_queue.h"

#include <chrono>
#include <utility>

namespace weir {

namespace {

constexpr std::chrono::microseconds kBriefly(300);

}  // namespace

RocksDbWriteQueue::RocksDbWriteQueue(RocksDbStore& store, Executor* writer) : store_(store) {
  if (writer != nullptr) strand_ = std::make_unique<Strand>(*writer);
}

RocksDbWriteQueue::~RocksDbWriteQueue() = default;

void RocksDbWriteQueue::Add(std::unique_ptr<RocksDbBatch> batch) {
  ++added_;
  if (strand_ == nullptr) return Write(*batch);
  strand_->Post([this, batch = std::move(batch)] { Write(*batch); });
}

void RocksDbWriteQueue::AddMarker(UniqueFunction<void(Status)> marker) {
  if (strand_ == nullptr) return marker(status());
  {
    MutexLock lock(mutex_);
    ++markers_;
  }
  strand_->Post([this, marker = std::move(marker)]() mutable {
    marker(status());
    MutexLock lock(mutex_);
    --markers_;
    progress_.NotifyAll();
  });
}

void RocksDbWriteQueue::WaitForMarkers() {
  MutexLock lock(mutex_);
  while (markers_ > 0) progress_.Wait(mutex_);
}

void RocksDbWriteQueue::Write(RocksDbBatch& batch) {
  Status status = this->status();
  if (status.ok()) status = store_.Write(batch);
  MutexLock lock(mutex_);
  status_.Update(std::move(status));
  // A batch after a failed one does not count as done: its rows must not be read from the database.
  if (status_.ok()) done_.fetch_add(1, std::memory_order_release);
  progress_.NotifyAll();
}

Status RocksDbWriteQueue::WaitUntilAtMost(uint32_t batches) {
  MutexLock lock(mutex_);
  while (status_.ok() && waiting() > batches) progress_.Wait(mutex_);
  return status_;
}

Status RocksDbWriteQueue::WaitBriefly() {
  MutexLock lock(mutex_);
  if (status_.ok() && waiting() > 0) progress_.WaitFor(mutex_, kBriefly);
  return status_;
}

Status RocksDbWriteQueue::status() const {
  MutexLock lock(mutex_);
  return status_;
}

}  // namespace weir
