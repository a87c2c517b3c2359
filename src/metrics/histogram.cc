#include "weir/metrics/histogram.h"

#include <algorithm>
#include <cmath>
#include <utility>

#include "weir/metrics/histogram_statistics.h"

namespace weir {

const std::array<double, HistogramSummary::kQuantileCount> HistogramSummary::kQuantiles = {0.5,  0.75, 0.95,
                                                                                           0.98, 0.99, 0.999};
const std::array<const char*, HistogramSummary::kQuantileCount> HistogramSummary::kQuantileNames = {
    "0.5", "0.75", "0.95", "0.98", "0.99", "0.999"};

HistogramStatistics::HistogramStatistics(int64_t count, std::vector<int64_t> values)
    : count_(count), sorted_(std::move(values)) {
  std::sort(sorted_.begin(), sorted_.end());
}

double HistogramStatistics::Mean() const {
  if (sorted_.empty()) return 0;
  double sum = 0;
  for (const int64_t value : sorted_) sum += static_cast<double>(value);
  return sum / static_cast<double>(sorted_.size());
}

double HistogramStatistics::StandardDeviation() const {
  if (sorted_.size() < 2) return 0;
  const double mean = Mean();
  double squares = 0;
  for (const int64_t value : sorted_)
    squares += (static_cast<double>(value) - mean) * (static_cast<double>(value) - mean);
  return std::sqrt(squares / static_cast<double>(sorted_.size() - 1));
}

double HistogramStatistics::Quantile(double q) const {
  const double position = q * static_cast<double>(sorted_.size() + 1);
  if (position < 1) return static_cast<double>(Min());
  if (position >= static_cast<double>(sorted_.size())) return static_cast<double>(Max());
  const auto below = static_cast<size_t>(position);
  const auto low = static_cast<double>(sorted_[below - 1]);
  const auto high = static_cast<double>(sorted_[below]);
  return low + (position - static_cast<double>(below)) * (high - low);
}

HistogramSummary HistogramStatistics::Summary() const {
  HistogramSummary summary{.count = count_,
                           .min = Min(),
                           .max = Max(),
                           .mean = Mean(),
                           .standard_deviation = StandardDeviation(),
                           .quantiles = {}};
  for (size_t i = 0; i < HistogramSummary::kQuantileCount; ++i) {
    summary.quantiles[i] = Quantile(HistogramSummary::kQuantiles[i]);
  }
  return summary;
}

Histogram::Histogram(size_t size) : size_(std::max<size_t>(size, 1)), values_(new std::atomic<int64_t>[size_]()) {}

Histogram::~Histogram() { delete[] values_; }

HistogramStatistics Histogram::Statistics() const {
  const int64_t count = count_.load(std::memory_order_acquire);
  std::vector<int64_t> values(std::min<size_t>(size_, static_cast<size_t>(count)));
  for (size_t i = 0; i < values.size(); ++i) values[i] = values_[i].load(std::memory_order_relaxed);
  return HistogramStatistics(count, std::move(values));
}

}  // namespace weir
