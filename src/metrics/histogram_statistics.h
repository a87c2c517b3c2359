// The figures of a distribution.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <vector>

namespace weir {

// What reporters show of a distribution, and what travels.
struct HistogramSummary {
  static constexpr size_t kQuantileCount = 6;
  // 0.5, 0.75, 0.95, 0.98, 0.99, 0.999, and as reporters write them.
  static const std::array<double, kQuantileCount> kQuantiles;
  static const std::array<const char*, kQuantileCount> kQuantileNames;

  int64_t count = 0;  // of all values ever
  int64_t min = 0;
  int64_t max = 0;
  double mean = 0;
  double standard_deviation = 0;
  std::array<double, kQuantileCount> quantiles = {};  // parallel to kQuantiles
};

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
  HistogramSummary Summary() const;

 private:
  int64_t count_;
  std::vector<int64_t> sorted_;
};

}  // namespace weir
