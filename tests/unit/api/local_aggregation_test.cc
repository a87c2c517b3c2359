// Windows in two phases in a whole job, and what the plan says of windows.
#include "weir/api/local_aggregation.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <string>
#include <tuple>
#include <vector>

#include "weir/weir.h"

namespace weir {
namespace {

using namespace std::chrono_literals;

constexpr const char* kProgram[] = {"test"};

struct Sale {
  int64_t shop = 0;
  int64_t amount = 0;
  Timestamp time;
};
struct Sum10s {
  int64_t shop = 0;
  Timestamp end;
  int64_t amount = 0;
  friend auto operator<=>(const Sum10s&, const Sum10s&) = default;
};

// Half of the sales are those of one shop.
std::vector<Sale> Sales() {
  std::vector<Sale> sales;
  for (int64_t n = 0; n < 20'000; ++n) {
    sales.push_back({n % 2 == 0 ? 0 : n % 17, n % 101, FromEventTime(n * 10 - n % 30)});
  }
  return sales;
}

template <class Windows>
auto SalesIn(StreamExecutionEnvironment& env, Windows windows) {
  return env.FromCollection(Sales())
      .AssignTimestampsAndWatermarks(WatermarkStrategy<Sale>::BoundedOutOfOrderness(30ms).WithTimestamps(&Sale::time))
      .KeyBy(&Sale::shop)
      .Window(windows);
}
constexpr auto kSum10s = [](int64_t shop, const TimeWindow& window, int64_t amount) {
  return Sum10s{shop, window.end, amount};
};
std::vector<Sum10s> Sorted(std::vector<Sum10s> rows) {
  std::sort(rows.begin(), rows.end());
  return rows;
}

template <class Windows>
void CompareWithOnePhase(Windows windows) {
  StreamExecutionEnvironment env(1, kProgram);
  const auto one = Sorted(SalesIn(env, windows).Aggregate(Sum(&Sale::amount), kSum10s).ExecuteAndCollect("one phase"));
  for (const int parallelism : {1, 3}) {
    env.SetParallelism(parallelism);
    const auto two = Sorted(SalesIn(env, windows)
                                .LocalAggregation()
                                .Aggregate(Sum(&Sale::amount), kSum10s)
                                .ExecuteAndCollect("two phases"));
    EXPECT_EQ(one, two) << parallelism;
  }
  EXPECT_FALSE(one.empty());
}

TEST(LocalAggregation, GivesTheResultsOfOnePhase) {
  CompareWithOnePhase(TumblingEventTimeWindows(10s));
  CompareWithOnePhase(SlidingEventTimeWindows(10s, 3s));
}

TEST(LocalAggregation, GivesTheResultsOfOnePhaseAtTheEndOfTheInput) {
  StreamExecutionEnvironment env(1, kProgram);
  const auto keyed = [&env] {
    return env.FromCollection(Sales()).KeyBy(&Sale::shop).Window(GlobalWindows::WithEndOfStreamTrigger());
  };
  const auto amount = [](int64_t shop, const GlobalWindow&, int64_t sum) { return Sum10s{shop, Timestamp(), sum}; };
  const auto one = Sorted(keyed().Aggregate(Sum(&Sale::amount), amount).ExecuteAndCollect("one phase"));
  EXPECT_EQ(one.size(), 17u);
  const auto larger = [](const Sale& a, const Sale& b) { return a.amount < b.amount ? b : a; };
  const auto reduced = [](int64_t shop, const GlobalWindow&, const Sale& sale) {
    return Sum10s{shop, Timestamp(), sale.amount};
  };
  const auto largest = Sorted(keyed().Reduce(larger, reduced).ExecuteAndCollect("one phase"));
  for (const int parallelism : {1, 3}) {
    env.SetParallelism(parallelism);
    EXPECT_EQ(one, Sorted(keyed()
                              .LocalAggregation("two phases")
                              .Aggregate(Sum(&Sale::amount), amount)
                              .ExecuteAndCollect("two phases")));
    EXPECT_EQ(largest, Sorted(keyed().LocalAggregation().Reduce(larger, reduced).ExecuteAndCollect("two phases")));
  }
}

TEST(LocalAggregation, DoesNotGoWithASideOutputForLateRecords) {
  StreamExecutionEnvironment env(1, kProgram);
  SalesIn(env, TumblingEventTimeWindows(10s))
      .SideOutputLateData(OutputTag<Sale>("late"))
      .LocalAggregation()
      .Aggregate(Count())
      .Print();
  const auto plan = env.ExecutionPlan();
  EXPECT_NE(plan.status().message().find("SideOutputLateData"), std::string::npos) << plan.status().message();
}

TEST(Plan, ShowsThePathOfWindowsAndTheFirstOfTwoPhases) {
  StreamExecutionEnvironment env(1, kProgram);
  SalesIn(env, SlidingEventTimeWindows(10s, 1s)).LocalAggregation().Aggregate(Sum(&Sale::amount)).Print();
  SalesIn(env, SlidingEventTimeWindows(10s, 1s)).Aggregate(Max(&Sale::amount)).Print();
  SalesIn(env, EventTimeSessionWindows(1s)).Aggregate(Count()).Print();
  const auto plan = env.ExecutionPlan();
  ASSERT_TRUE(plan.ok()) << plan.status().message();
  for (const char* said : {"LocalAggregate(SlidingEventTimeWindows(10000 ms, 1000 ms))", "slices, deducted",
                           "slices, merged", "each window apart"}) {
    EXPECT_NE(plan->find(said), std::string::npos) << said << " is not in " << *plan;
  }
}

}  // namespace
}  // namespace weir
