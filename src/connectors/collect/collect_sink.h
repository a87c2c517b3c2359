// Hands records to the caller of ExecuteAndCollect.
#pragma once

#include <memory>
#include <utility>
#include <vector>

#include "weir/base/coding.h"
#include "weir/connectors/collect/collect_buffer.h"
#include "weir/functions/sink.h"
#include "weir/types/batch_pool.h"
#include "weir/types/batch_type.h"

namespace weir {

namespace internal {

// Into `buffer`; in a worker process into the outbox that stands for it there (collect_outbox.h).
std::unique_ptr<SinkWriterBase> NewCollectWriter(const std::shared_ptr<CollectBuffer>& buffer,
                                                 const RuntimeContext& context);

}  // namespace internal

// All subtasks write into one buffer. A full buffer holds the job back, so the sink's tasks have threads of their own.
template <class T>
class CollectSink : public Sink<T> {
 public:
  static constexpr bool kBlocking = true;

  explicit CollectSink(std::shared_ptr<CollectBuffer> buffer) : buffer_(std::move(buffer)) {}

  StatusOr<std::unique_ptr<SinkWriterBase>> CreateWriter(const RuntimeContext& context) const {
    return internal::NewCollectWriter(buffer_, context);
  }

 private:
  std::shared_ptr<CollectBuffer> buffer_;
};

// The caller's side: the rows of a buffer, one after the other.
//
//   for (const Delay* row; (row = rows.Next()) != nullptr;) ...
//
// Threads: the caller's. Abandons the buffer when it goes.
template <class T>
class CollectedRows {
 public:
  explicit CollectedRows(std::shared_ptr<CollectBuffer> buffer)
      : buffer_(std::move(buffer)), pool_(&BatchTypeOf<T>()) {}
  CollectedRows(CollectedRows&& other) noexcept
      : buffer_(std::move(other.buffer_)),
        pool_(std::move(other.pool_)),
        batch_(std::exchange(other.batch_, nullptr)),
        next_(other.next_),
        pins_(other.pins_),
        status_(std::move(other.status_)) {}
  CollectedRows& operator=(CollectedRows&&) = delete;
  ~CollectedRows() {
    DropBatch();
    if (buffer_ != nullptr) buffer_->Abandon();
  }

  // The next row, which stays valid until the next call; waits for it. Null at the end of the job, or after a damaged batch: see status.
  const T* Next() {
    while (batch_ == nullptr || next_ == batch_->size) {
      DropBatch();
      if (!Decode()) return nullptr;
    }
    return &AsBatch<T>(*batch_).data()[next_++];
  }
  // Whether Next would give a row that has come already, of the batch at hand.
  bool HasNext() const { return batch_ != nullptr && next_ < batch_->size; }
  const Status& status() const { return status_; }

  // Appends the rows that have come, without waiting.
  Status TakeAvailable(std::vector<T>& rows) {
    pins_ = BatchTypeOf<T>().has_views;
    while (HasNext() || buffer_->HasRows()) {
      const T* const row = Next();
      if (row == nullptr) break;
      rows.push_back(*row);
    }
    return status_;
  }
  // Appends all remaining rows to `rows`, waiting for the job's end. The bytes that their views point to live as long as the buffer.
  Status TakeAll(std::vector<T>& rows) {
    pins_ = BatchTypeOf<T>().has_views;
    while (const T* row = Next()) rows.push_back(*row);
    return status_;
  }

 private:
  void DropBatch() {
    if (batch_ != nullptr) Recycle(batch_);
    batch_ = nullptr;
  }
  // The next batch of the buffer becomes batch_.
  bool Decode() {
    Bytes* const wire = buffer_->Take();
    if (wire == nullptr) return false;
    batch_ = pool_->Get();
    next_ = 0;
    ByteReader in({wire->data, wire->used}, "collected rows");
    status_ = batch_->type->decode(wire, in, *batch_);
    pins_ ? buffer_->Pin(wire) : wire->Release();
    if (!status_.ok()) DropBatch();
    return status_.ok();
  }

  std::shared_ptr<CollectBuffer> buffer_;
  BatchPoolHandle pool_;
  BatchBase* batch_ = nullptr;
  uint32_t next_ = 0;
  bool pins_ = false;
  Status status_;
};

}  // namespace weir
