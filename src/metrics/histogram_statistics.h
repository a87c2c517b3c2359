// The figures of a distribution.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

namespace weir {

// What a histogram held at one moment.
class HistogramStatistics {
 public:
  // `count`: of all values ever; `values`: those still held, in any order.
  HistogramStatistics(int64_t count, std::vector<int64_t> values);

  int64_t count() const { return count_; }
  // Values that the figures below are about.
  size_t size() const { return sorted_.size(); }
  // 0 where there is no value.
  int64_t Min() const { return sorted_.empty() ? 0 : sorted_.front(); }
  int64_t Max() const { return sorted_.empty() ? 0 : sorted_.back(); }
  double Mean() const;
  double StandardDeviation() const;
  // `q` in [0, 1]; linear between neighbours, position q * (n + 1), as Flink's.
  double Quantile(double q) const;

 private:
  int64_t count_;
  std::vector<int64_t> sorted_;
};

}  // namespace weir
