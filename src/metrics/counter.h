// A number that counts events.
//
//   Counter& dropped = context.metrics().GetCounter("numLateRecordsDropped");
//   dropped.Inc();
#pragma once

#include <atomic>
#include <cstdint>

namespace weir {

// One thread writes, any thread reads. A store, not an atomic addition: with one writer both give the same sum, and on
// the record path a locked instruction would cost more than the record.
class Counter {
 public:
  Counter() = default;
  Counter(const Counter&) = delete;
  Counter& operator=(const Counter&) = delete;

  void Inc(int64_t by = 1) { count_.store(Count() + by, std::memory_order_relaxed); }
  void Dec(int64_t by = 1) { Inc(-by); }
  int64_t Count() const { return count_.load(std::memory_order_relaxed); }

 private:
  // Relaxed: readers want a recent number, and no other memory depends on it.
  std::atomic<int64_t> count_{0};
};

}  // namespace weir
