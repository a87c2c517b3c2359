#include "weir/runtime/join/window_join.h"

#include <gtest/gtest.h>

#include <span>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "weir/api/joined_streams.h"
#include "weir/testing/harness_of.h"

#include "tests/harness/status_matchers.h"

namespace weir {
namespace {

using namespace std::chrono_literals;

struct Order {
  int64_t key = 0;
  std::string item;
};
struct Payment {
  int64_t key = 0;
  int64_t amount = 0;
};

std::string Line(const Order& order, const Payment& payment) {
  return order.item + " " + std::to_string(payment.amount);
}
void Sizes(std::span<const Order> orders, std::span<const Payment> payments, Collector<std::string>& out) {
  out.Collect(std::to_string(orders.size()) + " and " + std::to_string(payments.size()));
}

// Windows: what becomes of .EqualTo(...).
template <class Windows>
auto JoinHarness(Windows windows, HarnessOptions options = {}) {
  return HarnessOf<Order, Payment>(
      [&](auto orders, auto payments) {
        return windows(orders.Join(payments).Where(&Order::key).EqualTo(&Payment::key)).Apply(&Line);
      },
      std::move(options));
}
template <class Windows>
auto CoGroupHarness(Windows windows) {
  return HarnessOf<Order, Payment>([&](auto orders, auto payments) {
    return windows(orders.CoGroup(payments).Where(&Order::key).EqualTo(&Payment::key)).Apply(&Sizes);
  });
}

TEST(WindowJoin, JoinsEveryPairOfAWindow) {
  auto harness = JoinHarness([](auto joined) { return joined.Window(TumblingEventTimeWindows(10ms)); });
  harness.Push1({1, "tea"}, 0)
      .Push2({1, 3}, 9)
      .Push1({1, "milk"}, 5)
      .Push2({1, 4}, 2)
      .Push2({2, 5}, 2)
      .Push2({1, 6}, 10);
  EXPECT_OK(harness.ExpectNoOutput());
  harness.Watermark1(9).Watermark2(20);
  EXPECT_OK(harness.ExpectOutput({"tea 3", "tea 4", "milk 3", "milk 4"}));
}

TEST(WindowJoin, ResultsCarryTheLastTimestampOfTheWindow) {
  auto harness = JoinHarness([](auto joined) { return joined.Window(TumblingEventTimeWindows(10ms)); });
  harness.Push1({1, "tea"}, 0).Push2({1, 3}, 2).EndInput1().EndInput2();
  const auto elements = harness.TakeElements();
  ASSERT_FALSE(elements.empty());
  EXPECT_EQ(elements.front().time, 9);
}

TEST(WindowJoin, TakesSlidingWindows) {
  auto harness = JoinHarness([](auto joined) { return joined.Window(SlidingEventTimeWindows(10ms, 5ms)); });
  harness.Push1({1, "tea"}, 3).Push2({1, 3}, 7).Push2({1, 4}, 12).EndInput1().EndInput2();
  EXPECT_OK(harness.ExpectOutput({"tea 3"}));
}

TEST(WindowJoin, ASessionIsThatOfBothSides) {
  auto harness = JoinHarness([](auto joined) { return joined.Window(EventTimeSessionWindows(10ms)); });
  harness.Push1({1, "tea"}, 0).Push1({1, "milk"}, 18).Push2({1, 5}, 18).Push2({1, 3}, 9).EndInput1().EndInput2();
  EXPECT_OK(harness.ExpectOutput({"tea 5", "tea 3", "milk 5", "milk 3"}));
}

TEST(WindowJoin, TakesWindowsOfProcessingTime) {
  auto harness = JoinHarness([](auto joined) { return joined.Window(TumblingProcessingTimeWindows(1s)); });
  harness.Push1({1, "tea"}).Push2({1, 3}).AdvanceProcessingTime(1s);
  EXPECT_OK(harness.ExpectOutput({"tea 3"}));
}

TEST(WindowJoin, TakesCountsOfBothSides) {
  auto harness =
      JoinHarness([](auto joined) { return joined.Window(GlobalWindows()).Trigger(PurgingTrigger(CountTrigger(3))); });
  harness.Push1({1, "tea"}).Push2({1, 3}).Push2({1, 4}).Push2({1, 5}).Push2({1, 6}).Push1({1, "milk"});
  EXPECT_OK(harness.ExpectOutput({"tea 3", "tea 4", "milk 5", "milk 6"}));
}

TEST(WindowJoin, JoinsBoundedInputsWhenTheyEnd) {
  auto harness = JoinHarness([](auto joined) { return joined.Window(GlobalWindows::WithEndOfStreamTrigger()); });
  harness.Push1({1, "tea"}).Push2({1, 3}).EndInput1();
  EXPECT_OK(harness.ExpectNoOutput());
  harness.Push2({1, 4}).EndInput2();
  EXPECT_OK(harness.ExpectOutput({"tea 3", "tea 4"}));
}

TEST(WindowJoin, FiresAgainWithinTheAllowedLateness) {
  auto harness =
      JoinHarness([](auto joined) { return joined.Window(TumblingEventTimeWindows(10ms)).AllowedLateness(5ms); });
  harness.Push1({1, "tea"}, 0).Push2({1, 3}, 9).Watermark1(10).Watermark2(10);
  EXPECT_OK(harness.ExpectOutput({"tea 3"}));
  harness.Push2({1, 4}, 1);
  EXPECT_OK(harness.ExpectOutput({"tea 3", "tea 4"}));
  harness.Watermark1(14).Watermark2(14).Push2({1, 5}, 1);
  EXPECT_OK(harness.ExpectNoOutput());
}

TEST(WindowJoin, AnEvictorSeesTheRecordsOfBothSides) {
  auto harness =
      JoinHarness([](auto joined) { return joined.Window(TumblingEventTimeWindows(10ms)).Evictor(CountEvictor(2)); });
  harness.Push1({1, "tea"}, 0).Push1({1, "milk"}, 0).Push2({1, 3}, 1).EndInput1().EndInput2();
  EXPECT_OK(harness.ExpectOutput({"milk 3"}));
}

TEST(WindowJoin, RefusesRecordsWithoutTimestampsInWindowsOfEventTime) {
  auto harness = JoinHarness([](auto joined) { return joined.Window(TumblingEventTimeWindows(10ms)); });
  harness.Push1({1, "tea"});
  EXPECT_FALSE(harness.status().ok());
}

TEST(WindowJoin, KeepsItsWindowsOverARestore) {
  auto harness = JoinHarness([](auto joined) { return joined.Window(TumblingEventTimeWindows(10ms)); });
  harness.Push1({1, "tea"}, 0).SnapshotAndRestore().Push2({1, 3}, 9).SnapshotAndRestore().Watermark1(9).Watermark2(9);
  EXPECT_OK(harness.ExpectOutput({"tea 3"}));
}

TEST(CoGroup, CallsItsFunctionAlsoWhereOnlyOneSideHasRecords) {
  auto harness = CoGroupHarness([](auto grouped) { return grouped.Window(TumblingEventTimeWindows(10ms)); });
  harness.Push1({1, "tea"}, 0).Push1({1, "milk"}, 1).Push2({1, 3}, 2).Push2({1, 3}, 12).Push1({1, "bun"}, 21);
  harness.EndInput1().EndInput2();
  EXPECT_OK(harness.ExpectOutput({"2 and 1", "0 and 1", "1 and 0"}));
}

TEST(CoGroup, ATriggerSeesTheSideOfEachRecord) {
  // Fires at every payment.
  class AtPayments : public Trigger<> {
   public:
    TriggerResult OnElement(const std::variant<Order, Payment>& record, const TimeWindow&, Context&) {
      return record.index() == 1 ? TriggerResult::kFire : TriggerResult::kContinue;
    }
  };
  auto harness =
      CoGroupHarness([](auto grouped) { return grouped.Window(TumblingEventTimeWindows(10ms)).Trigger(AtPayments()); });
  harness.Push1({1, "tea"}, 0).Push2({1, 3}, 2).Push1({1, "milk"}, 1).Push2({1, 4}, 2);
  EXPECT_OK(harness.ExpectOutput({"1 and 1", "2 and 2"}));
}

// Classes: with arguments, Open and state of the key.
class Numbered : public JoinFunction<Order, Payment, std::string> {
 public:
  explicit Numbered(std::string prefix) : prefix_(std::move(prefix)) {}
  void Open(RuntimeContext&) { prefix_ += ":"; }
  void Join(const Order& order, const Payment& payment, Collector<std::string>& out) {
    out.Collect(prefix_ + std::to_string(n_.Update([](int64_t n) { return n + 1; })) + " " + Line(order, payment));
  }

 private:
  std::string prefix_;
  ValueState<int64_t> n_{this, "n"};
};
class Totals : public CoGroupFunction<Order, Payment, int64_t> {
 public:
  void CoGroup(std::span<const Order>, std::span<const Payment> payments, Collector<int64_t>& out) {
    int64_t total = 0;
    for (const Payment& payment : payments) total += payment.amount;
    out.Collect(total);
  }
};

TEST(WindowJoin, TakesAFunctionWithStateOfTheKey) {
  auto harness = HarnessOf<Order, Payment>([](auto orders, auto payments) {
    return orders.Join(payments)
        .Where(&Order::key)
        .EqualTo(&Payment::key)
        .Window(TumblingEventTimeWindows(10ms))
        .template Apply<Numbered>("pair");
  });
  harness.Push1({1, "tea"}, 0).Push2({1, 3}, 1).Push1({1, "milk"}, 10).Push2({1, 4}, 11).EndInput1().EndInput2();
  EXPECT_OK(harness.ExpectOutput({"pair:1 tea 3", "pair:2 milk 4"}));
}

TEST(CoGroup, TakesAFunctionThatIsAClass) {
  auto harness = HarnessOf<Order, Payment>([](auto orders, auto payments) {
    return orders.CoGroup(payments)
        .Where(&Order::key)
        .EqualTo(&Payment::key)
        .Window(TumblingEventTimeWindows(10ms))
        .template Apply<Totals>();
  });
  harness.Push2({1, 3}, 1).Push2({1, 4}, 2).EndInput1().EndInput2();
  EXPECT_OK(harness.ExpectOutput({7}));
}

}  // namespace
}  // namespace weir
