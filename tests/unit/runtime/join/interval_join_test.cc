#include "weir/runtime/join/interval_join.h"

#include <gtest/gtest.h>

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "weir/api/interval_joined_stream.h"
#include "weir/testing/harness_of.h"

#include "tests/harness/status_matchers.h"

namespace weir {
namespace {

using namespace std::chrono_literals;

struct Order {
  int64_t key = 0;
  int64_t id = 0;
};
struct Payment {
  int64_t key = 0;
  int64_t id = 0;
};
struct Pair {
  int64_t order = 0;
  int64_t payment = 0;
};

Pair MakePair(const Order& order, const Payment& payment) { return {order.id, payment.id}; }

// Change: what the test wants of the join, as a function of the joined stream.
template <class Change>
auto Joined(Duration lower, Duration upper, Change change, HarnessOptions options = {}) {
  return HarnessOf<Order, Payment>(
      [&](auto orders, auto payments) {
        return change(orders.KeyBy(&Order::key).IntervalJoin(payments.KeyBy(&Payment::key)).Between(lower, upper))
            .Process(MakePair);
      },
      std::move(options));
}
auto Joined(Duration lower, Duration upper, HarnessOptions options = {}) {
  return Joined(lower, upper, [](auto joined) { return joined; }, std::move(options));
}

// State rows of the operator: a snapshot of none is as long as that of a new operator.
bool HasState(auto& harness, auto& fresh) {
  return harness.Snapshot().value().size() != fresh.Snapshot().value().size();
}

TEST(IntervalJoin, JoinsRecordsOfOneKeyWithinTheBounds) {
  auto harness = Joined(0ms, 10ms);
  harness.Push1({1, 1}, 100).Push2({1, 1}, 99).Push2({1, 2}, 100).Push2({1, 3}, 110).Push2({1, 4}, 111);
  harness.Push2({2, 5}, 105);
  EXPECT_OK(harness.ExpectOutput({{1, 2}, {1, 3}}));
}

TEST(IntervalJoin, FindsAPairWhicheverRecordComesFirst) {
  auto harness = Joined(-5ms, 5ms);
  harness.Push2({1, 1}, 95).Push2({1, 2}, 105).Push2({1, 3}, 106).Push2({1, 4}, 94).Push1({1, 1}, 100);
  EXPECT_OK(harness.ExpectOutput({{1, 1}, {1, 2}}));
}

TEST(IntervalJoin, LeavesExclusiveBoundsOut) {
  auto harness = Joined(0ms, 10ms, [](auto joined) { return joined.LowerBoundExclusive().UpperBoundExclusive(); });
  harness.Push1({1, 1}, 100).Push2({1, 1}, 100).Push2({1, 2}, 101).Push2({1, 3}, 109).Push2({1, 4}, 110);
  EXPECT_OK(harness.ExpectOutput({{1, 2}, {1, 3}}));
}

TEST(IntervalJoin, AnExclusiveBoundMovesOnceHoweverOftenItIsSaid) {
  auto harness = Joined(0ms, 2ms, [](auto joined) { return joined.LowerBoundExclusive().LowerBoundExclusive(); });
  harness.Push1({1, 1}, 100).Push2({1, 1}, 101);
  EXPECT_OK(harness.ExpectOutput({{1, 1}}));
}

TEST(IntervalJoin, TakesIntervalsThatLieBeforeTheLeftRecord) {
  auto harness = Joined(-10ms, -5ms);
  harness.Push2({1, 1}, 90).Push2({1, 2}, 95).Push2({1, 3}, 96).Push1({1, 1}, 100).Push2({1, 4}, 92);
  EXPECT_OK(harness.ExpectOutput({{1, 1}, {1, 2}, {1, 4}}));
}

TEST(IntervalJoin, GivesResultsTheLaterTimestamp) {
  auto harness = Joined(-10ms, 10ms);
  harness.Push1({1, 1}, 100).Push2({1, 1}, 105).Push2({1, 2}, 95);
  const auto elements = harness.TakeElements();
  ASSERT_EQ(elements.size(), 2u);
  EXPECT_EQ(elements[0].time, 105);
  EXPECT_EQ(elements[1].time, 100);
}

TEST(IntervalJoin, DropsAndCountsLateRecords) {
  auto harness = Joined(0ms, 10ms);
  harness.Push1({1, 1}, 100).Watermark1(105).Watermark2(105);
  harness.Push2({1, 1}, 104).Push1({1, 2}, 104);
  harness.TakeElements();
  harness.Push2({1, 2}, 105);  // at the watermark is not late
  EXPECT_OK(harness.ExpectOutput({{1, 2}}));
  EXPECT_EQ(harness.accumulators().Get("numLateRecordsDropped").value(), 2);
}

TEST(IntervalJoin, PutsLateRecordsOfEachSideIntoItsSideOutput) {
  const OutputTag<Order> late_orders{"late orders"};
  const OutputTag<Payment> late_payments{"late payments"};
  auto harness = HarnessOf<Order, Payment>([&](auto orders, auto payments) {
    auto pairs = orders.KeyBy(&Order::key)
                     .IntervalJoin(payments.KeyBy(&Payment::key))
                     .Between(0ms, 10ms)
                     .SideOutputLeftLateData(late_orders)
                     .SideOutputRightLateData(late_payments)
                     .Process(MakePair);
    pairs.GetSideOutput(late_orders);
    pairs.GetSideOutput(late_payments);
    return pairs;
  });
  harness.Watermark1(100).Watermark2(100).Push1({1, 1}, 99).Push2({1, 2}, 98).Push1({1, 3}, 100);
  EXPECT_OK(harness.ExpectNoOutput());
  EXPECT_OK(harness.ExpectSideOutput(late_orders, {{1, 1}}));
  EXPECT_OK(harness.ExpectSideOutput(late_payments, {{1, 2}}));
}

// Flink's rule: the left record goes when the watermark reaches time + upper, so a right record at exactly that time comes too late for it.
TEST(IntervalJoin, ForgetsARecordWhenTheWatermarkReachesItsEnd) {
  auto harness = Joined(0ms, 10ms);
  harness.Push1({1, 1}, 100).Watermark1(109).Watermark2(109).Push2({1, 1}, 110);
  EXPECT_OK(harness.ExpectOutput({{1, 1}}));
  harness.Watermark1(110).Watermark2(110).Push2({1, 2}, 110);
  EXPECT_OK(harness.ExpectOutput({}));
}

TEST(IntervalJoin, JoinsRecordsAtTheWatermarkWhileItStands) {
  auto harness = Joined(0ms, 0ms);
  harness.Watermark1(100).Watermark2(100).Push1({1, 1}, 100).Push2({1, 1}, 100);
  EXPECT_OK(harness.ExpectOutput({{1, 1}}));
}

TEST(IntervalJoin, KeepsNothingWhenTheWatermarkHasPassed) {
  auto fresh = Joined(-10ms, 100ms);
  auto harness = Joined(-10ms, 100ms);
  for (int64_t i = 0; i < 100; ++i) harness.Push1({i % 7, i}, i).Push2({i % 5, i}, i);
  EXPECT_TRUE(HasState(harness, fresh));
  // The last left record goes at 199, or up to a 16th of what it was kept for later.
  harness.Watermark1(206).Watermark2(206);
  EXPECT_FALSE(HasState(harness, fresh));
}

TEST(IntervalJoin, KeepsNothingAtTheEndOfTheInput) {
  auto fresh = Joined(0ms, 1h);
  auto harness = Joined(0ms, 1h);
  harness.Push1({1, 1}, 5).Push2({2, 2}, INT64_MAX - 1).Push1({3, 3}, INT64_MIN + 1).EndInput1().EndInput2();
  EXPECT_OK(harness.ExpectNoOutput());
  EXPECT_FALSE(HasState(harness, fresh));
}

TEST(IntervalJoin, TakesBoundsWithoutEnd) {
  auto harness = Joined(Duration::min(), Duration::max());
  harness.Push1({1, 1}, 100).Push2({1, 1}, -1000).Watermark1(0).Watermark2(0).Push2({1, 2}, 7);
  harness.Push1({1, 3}, 3);
  EXPECT_OK(harness.ExpectOutput({{1, 1}, {1, 2}, {3, 1}, {3, 2}}));
}

TEST(IntervalJoin, RefusesRecordsWithoutTimestamps) {
  auto harness = Joined(0ms, 1ms);
  harness.Push1({1, 1});
  EXPECT_TRUE(IsError(harness.status(), StatusCode::kUnknown, "a record came without a timestamp"));
}

TEST(IntervalJoin, RefusesProcessingTimeAndBoundsThatAreTheWrongWayRound) {
  const auto plan = std::make_shared<Plan>();
  const DataStream<Order> orders(plan, {StreamOrigin{.node = 0}});
  const auto keyed = orders.KeyBy(&Order::key);
  keyed.IntervalJoin(keyed).InProcessingTime().Between(2ms, 1ms);
  EXPECT_TRUE(IsError(plan->status(), StatusCode::kInvalidArgument, "event time only"));
  EXPECT_TRUE(IsError(plan->status(), StatusCode::kInvalidArgument, "Between(2 ms, 1 ms)"));
}

// A function with everything: constructor arguments, Open, state of the key, context, side output.
const OutputTag<std::string> kNotes{"notes"};
class Describe : public ProcessJoinFunction<Order, Payment, std::string> {
 public:
  explicit Describe(std::string prefix) : prefix_(std::move(prefix)) {}
  void Open(RuntimeContext&) { prefix_ += ":"; }
  void ProcessElement(const Order& order, const Payment& payment, Context& ctx, Collector<std::string>& out) {
    const int64_t n = pairs_.Update([](int64_t pairs) { return pairs + 1; });
    out.Collect(prefix_ + std::to_string(order.id) + "@" + std::to_string(ToEventTime(ctx.left_timestamp())) + " " +
                std::to_string(payment.id) + "@" + std::to_string(ToEventTime(ctx.right_timestamp())) + " number " +
                std::to_string(n));
    ctx.Output(kNotes, "at " + std::to_string(ToEventTime(ctx.timestamp())));
  }

 private:
  std::string prefix_;
  ValueState<int64_t> pairs_{this, "pairs"};
};

TEST(ProcessJoin, KnowsTimestampsAndHasStateOfTheKey) {
  auto harness = HarnessOf<Order, Payment>([](auto orders, auto payments) {
    auto texts = orders.KeyBy(&Order::key)
                     .IntervalJoin(payments.KeyBy(&Payment::key))
                     .Between(-5ms, 5ms)
                     .template Process<Describe>("pair");
    texts.GetSideOutput(kNotes);
    return texts;
  });
  harness.Push1({1, 10}, 100).Push2({1, 20}, 98).SnapshotAndRestore().Push2({1, 21}, 101);
  EXPECT_OK(harness.ExpectOutput({"pair:10@100 20@98 number 1", "pair:10@100 21@101 number 2"}));
  EXPECT_OK(harness.ExpectSideOutput(kNotes, {std::string("at 100"), std::string("at 101")}));
}

// Views of records that wait in state go on with the results.
struct Text {
  int64_t key = 0;
  std::string_view text;
};
TEST(IntervalJoin, KeepsTheBytesOfViews) {
  auto harness = HarnessOf<Text, Text>([](auto left, auto right) {
    return left.KeyBy(&Text::key)
        .IntervalJoin(right.KeyBy(&Text::key))
        .Between(0ms, 10ms)
        .Process([](const Text& l, const Text& r, Collector<std::pair<std::string_view, std::string_view>>& out) {
          out.Collect({l.text, r.text});
        });
  });
  harness.Push1({1, "left"}, 100).Push2({1, "right"}, 105).SnapshotAndRestore().Push2({1, "again"}, 106);
  harness.Watermark1(500).Watermark2(500);
  EXPECT_OK(harness.ExpectOutput({{"left", "right"}, {"left", "again"}}));
}

TEST(IntervalJoin, TakesTextKeys) {
  auto harness = HarnessOf<Text, Text>([](auto left, auto right) {
    return left.KeyBy(&Text::text)
        .IntervalJoin(right.KeyBy(&Text::text))
        .Between(0ms, 10ms)
        .Process([](const Text& l, const Text& r) { return Pair{l.key, r.key}; });
  });
  harness.Push1({1, "a"}, 100).Push1({2, "b"}, 100).Push2({3, "b"}, 105);
  EXPECT_OK(harness.ExpectOutput({{2, 3}}));
}

}  // namespace
}  // namespace weir
