// What user functions put their results into.
#pragma once

#include <cstdint>
#include <string_view>
#include <utility>

#include "weir/base/time.h"
#include "weir/functions/batch_output.h"
#include "weir/types/batch.h"

namespace weir {

// The part of a collector that does not depend on the record type: owns the batch being filled.
//
// The operator that owns the collector brackets every input batch with BeginInput and EndInput, and ends a step with Flush: a part-full batch is
// never held back for a timer.
class CollectorBase {
 public:
  CollectorBase() = default;
  CollectorBase(const CollectorBase&) = delete;
  CollectorBase& operator=(const CollectorBase&) = delete;
  ~CollectorBase();

  // `output` must outlive the collector. `keeps_views`: results may point into the input's memory. `holds_rows`: that memory may be the input's rows
  // themselves (input records own strings), so that the whole input batch must live as long as the output.
  void Bind(BatchOutput* output, bool keeps_views, bool holds_rows);
  bool bound() const { return output_ != nullptr; }

  // Results that follow point into `input` and carry its times, if it has them (see SetTime).
  void BeginInput(BatchBase& input);
  void EndInput();
  // The event time of the results that follow; kNoEventTime: none.
  void SetTime(EventTime time) { time_ = time; }
  // The same for results that have a time of their own, also where the input has none: from here on the stream carries times.
  void SetOwnTime(EventTime time) {
    if (times_ == nullptr) UseTimes();
    time_ = time;
  }
  // Puts a watermark behind the results so far.
  void AddMark(EventTime watermark);
  // Sends what there is, if anything.
  void Flush();

 protected:
  // Sends the batch being filled, if any, and takes a fresh one.
  void Turn();
  // Batches have times from here on; rows that the present one has already get kNoEventTime.
  void UseTimes();
  // Keeps the bytes of `kept` until the input ends, or until others take their place.
  void HoldKept(Bytes* kept);
  void EnsureBatch() {
    if (batch_ == nullptr) Turn();
  }

  BatchOutput* output_ = nullptr;
  BatchBase* batch_ = nullptr;
  BatchBase* input_ = nullptr;
  Bytes* kept_ = nullptr;       // the chunk that Keep filled last in a batch that has been sent since BeginInput
  EventTime* times_ = nullptr;  // batch_->times, or nullptr: this stream carries no timestamps
  EventTime time_ = kNoEventTime;
  uint32_t size_ = 0;  // rows filled; written back to batch_->size when the batch is sent
  uint32_t capacity_ = 0;
  bool keeps_views_ = false;
  bool holds_rows_ = false;
  bool with_times_ = false;
};

// Collects records of type U: an inline store, no virtual call per record.
//
// A view inside a collected record must point into the memory of the input record, be a literal, or come from Keep.
// Threads: the task's thread, inside the call that was given the collector.
template <class U>
class Collector : public CollectorBase {
 public:
  void Collect(U record) {
    if (size_ == capacity_) [[unlikely]]
      Turn();
    if (times_ != nullptr) times_[size_] = time_;
    static_cast<U*>(batch_->rows)[size_++] = std::move(record);
  }
  // The same, with an event time of its own.
  void Collect(U record, Timestamp time) {
    const EventTime before = time_;
    SetOwnTime(ToEventTime(time));
    Collect(std::move(record));
    time_ = before;
  }
  // Copies `text` into the memory of the results, so that a view of it may be collected, more than once, until the function returns. A function that
  // keeps more than 64 KiB for one record collects each text before it keeps the next.
  std::string_view Keep(std::string_view text) {
    if (size_ == capacity_) [[unlikely]]
      Turn();
    return batch_->Keep(text);
  }
};

}  // namespace weir
