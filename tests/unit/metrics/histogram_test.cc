#include "weir/metrics/histogram.h"

#include <gtest/gtest.h>

#include "weir/metrics/histogram_statistics.h"

namespace weir {
namespace {

TEST(Histogram, IsAllZeroWithoutValues) {
  const HistogramStatistics statistics = Histogram().Statistics();
  EXPECT_EQ(statistics.count(), 0);
  EXPECT_EQ(statistics.Min(), 0);
  EXPECT_EQ(statistics.Mean(), 0);
  EXPECT_EQ(statistics.Quantile(0.99), 0);
  EXPECT_EQ(statistics.StandardDeviation(), 0);
}

TEST(Histogram, DescribesItsValues) {
  Histogram histogram;
  for (int value = 100; value >= 1; --value) histogram.Update(value);
  const HistogramStatistics statistics = histogram.Statistics();
  EXPECT_EQ(statistics.Min(), 1);
  EXPECT_EQ(statistics.Max(), 100);
  EXPECT_DOUBLE_EQ(statistics.Mean(), 50.5);
  EXPECT_NEAR(statistics.StandardDeviation(), 29.0115, 1e-4);
  EXPECT_DOUBLE_EQ(statistics.Quantile(0.5), 50.5);
  EXPECT_DOUBLE_EQ(statistics.Quantile(0.99), 99.99);
  EXPECT_DOUBLE_EQ(statistics.Quantile(0), 1);
  EXPECT_DOUBLE_EQ(statistics.Quantile(1), 100);
}

TEST(Histogram, KeepsTheLastValuesAndCountsAll) {
  Histogram histogram(4);
  for (int value = 1; value <= 10; ++value) histogram.Update(value);
  const HistogramStatistics statistics = histogram.Statistics();
  EXPECT_EQ(statistics.count(), 10);
  EXPECT_EQ(statistics.size(), 4u);
  EXPECT_EQ(statistics.Min(), 7);
  EXPECT_EQ(statistics.Max(), 10);
}

}  // namespace
}  // namespace weir
