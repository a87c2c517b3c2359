// The distribution of a quantity over its last values: latencies, sizes.
#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>

namespace weir {

class HistogramStatistics;

// Keeps the last `size` values, so its memory is bounded and old times are forgotten.
//
// Threads: one thread updates, any thread reads. A reader may see values of two moments mixed, which a distribution
// bears; every single value is whole.
class Histogram {
 public:
  // 1024 values: 8 KB, and the 99.9th percentile still has a value of its own.
  static constexpr size_t kDefaultSize = 1024;

  // `size` >= 1.
  explicit Histogram(size_t size = kDefaultSize);
  ~Histogram();
  Histogram(const Histogram&) = delete;
  Histogram& operator=(const Histogram&) = delete;

  void Update(int64_t value) {
    const int64_t count = count_.load(std::memory_order_relaxed);
    values_[next_].store(value, std::memory_order_relaxed);
    next_ = next_ + 1 == size_ ? 0 : next_ + 1;
    // Release: whoever sees this count sees the values below it written.
    count_.store(count + 1, std::memory_order_release);
  }

  int64_t Count() const { return count_.load(std::memory_order_relaxed); }
  HistogramStatistics Statistics() const;

 private:
  const size_t size_;
  std::atomic<int64_t>* const values_;  // [size_], owned
  size_t next_ = 0;
  std::atomic<int64_t> count_{0};
};

}  // namespace weir
