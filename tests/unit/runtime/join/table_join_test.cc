#include "weir/runtime/join/table_join.h"

#include <gtest/gtest.h>

#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "weir/api/table_joined_stream.h"
#include "weir/testing/harness_of.h"

#include "tests/harness/status_matchers.h"

namespace weir {
namespace {

using namespace std::chrono_literals;

struct Order {
  int64_t id = 0;
  std::string item;
};
struct Payment {
  int64_t order = 0;
  int64_t amount = 0;
};
using Text = Change<std::string>;

std::string Line(const Order* order, const Payment* payment) {
  return (order == nullptr ? "-" : order->item) + " " + (payment == nullptr ? "-" : std::to_string(payment->amount));
}
constexpr RowKind kInsert = RowKind::kInsert;
constexpr RowKind kDelete = RowKind::kDelete;

auto LeftJoin(Ttl ttl = {}) {
  return HarnessOf<Order, Payment>([&](auto orders, auto payments) {
    return orders.KeyBy(&Order::id)
        .LeftJoin(payments.KeyBy(&Payment::order))
        .WithTtl(ttl)
        .Apply([](const Order& order, const Payment* payment) { return Line(&order, payment); });
  });
}
auto FullJoin() {
  return HarnessOf<Order, Payment>([](auto orders, auto payments) {
    return orders.KeyBy(&Order::id).FullJoin(payments.KeyBy(&Payment::order)).Apply(&Line);
  });
}
// Of streams of changes.
auto InnerJoinOfChanges() {
  return HarnessOf<Change<Order>, Change<Payment>>([](auto orders, auto payments) {
    return orders.KeyBy([](const Change<Order>& change) { return change.row.id; })
        .InnerJoin(payments.KeyBy([](const Change<Payment>& change) { return change.row.order; }))
        .Apply([](const Order& order, const Payment& payment) { return Line(&order, &payment); });
  });
}

TEST(TableJoin, AnInnerJoinOfPlainStreamsGivesPlainRows) {
  auto harness = HarnessOf<Order, Payment>([](auto orders, auto payments) {
    return orders.KeyBy(&Order::id)
        .InnerJoin(payments.KeyBy(&Payment::order))
        .Apply([](const Order& order, const Payment& payment) { return Line(&order, &payment); });
  });
  harness.Push1({1, "tea"}).Push2({2, 5}).Push2({1, 3}).Push2({1, 4}).Push1({1, "milk"}).Push1({2, "bun"});
  EXPECT_OK(harness.ExpectOutput({"tea 3", "tea 4", "milk 3", "milk 4", "bun 5"}));
}

TEST(TableJoin, ALeftJoinTakesTheLoneRowBackWhenItsFirstPartnerComes) {
  auto harness = LeftJoin();
  harness.Push1({1, "tea"}).Push2({1, 3}).Push2({1, 4}).Push2({2, 9});
  EXPECT_OK(harness.ExpectOutput({{kInsert, "tea -"}, {kDelete, "tea -"}, {kInsert, "tea 3"}, {kInsert, "tea 4"}}));
}

TEST(TableJoin, EqualLoneRowsAreTakenBackOneByOne) {
  auto harness = LeftJoin();
  harness.Push1({1, "tea"}).Push1({1, "tea"}).Push2({1, 3});
  EXPECT_OK(harness.ExpectOutput({{kInsert, "tea -"},
                                  {kInsert, "tea -"},
                                  {kDelete, "tea -"},
                                  {kDelete, "tea -"},
                                  {kInsert, "tea 3"},
                                  {kInsert, "tea 3"}}));
}

TEST(TableJoin, ARightJoinKeepsTheRightSide) {
  auto harness = HarnessOf<Order, Payment>([](auto orders, auto payments) {
    return orders.KeyBy(&Order::id)
        .RightJoin(payments.KeyBy(&Payment::order))
        .Apply([](const Order* order, const Payment& payment) { return Line(order, &payment); });
  });
  harness.Push1({1, "tea"}).Push2({2, 5}).Push1({2, "bun"});
  EXPECT_OK(harness.ExpectOutput({{kInsert, "- 5"}, {kDelete, "- 5"}, {kInsert, "bun 5"}}));
}

TEST(TableJoin, AFullJoinKeepsBothSides) {
  auto harness = FullJoin();
  harness.Push1({1, "tea"}).Push2({2, 5}).Push2({1, 3});
  EXPECT_OK(harness.ExpectOutput({{kInsert, "tea -"}, {kInsert, "- 5"}, {kDelete, "tea -"}, {kInsert, "tea 3"}}));
}

TEST(TableJoin, AnInnerJoinPassesTheKindsOfItsInputsOn) {
  auto harness = InnerJoinOfChanges();
  harness.Push1({kInsert, {1, "tea"}}).Push2({kInsert, {1, 3}});
  harness.Push1({RowKind::kUpdateBefore, {1, "tea"}}).Push1({RowKind::kUpdateAfter, {1, "green tea"}});
  harness.Push2({kDelete, {1, 3}}).Push2({kDelete, {1, 99}});
  EXPECT_OK(harness.ExpectOutput({{kInsert, "tea 3"},
                                  {RowKind::kUpdateBefore, "tea 3"},
                                  {RowKind::kUpdateAfter, "green tea 3"},
                                  {kDelete, "green tea 3"},
                                  // What is not there may have expired; its results go all the same.
                                  {kDelete, "green tea 99"}}));
}

TEST(TableJoin, ARowStandsAloneAgainWhenItsLastPartnerGoes) {
  auto harness = HarnessOf<Order, Change<Payment>>([](auto orders, auto payments) {
    return orders.KeyBy(&Order::id)
        .LeftJoin(payments.KeyBy([](const Change<Payment>& change) { return change.row.order; }))
        .Apply([](const Order& order, const Payment* payment) { return Line(&order, payment); });
  });
  harness.Push2({kInsert, {1, 3}}).Push2({kInsert, {1, 3}}).Push1({1, "tea"});
  EXPECT_OK(harness.ExpectOutput({{kInsert, "tea 3"}, {kInsert, "tea 3"}}));
  harness.Push2({kDelete, {1, 3}});
  EXPECT_OK(harness.ExpectOutput({{kDelete, "tea 3"}}));
  harness.SnapshotAndRestore().Push2({kDelete, {1, 3}});
  EXPECT_OK(harness.ExpectOutput({{kDelete, "tea 3"}, {kInsert, "tea -"}}));
}

TEST(TableJoin, RowsThatTheConditionRefusesDoNotMatch) {
  auto harness = HarnessOf<Order, Payment>([](auto orders, auto payments) {
    return orders.KeyBy(&Order::id)
        .FullJoin(payments.KeyBy(&Payment::order))
        .If([](const Order& order, const Payment& payment) { return order.item != "tea" || payment.amount > 3; })
        .Apply(&Line);
  });
  harness.Push1({1, "tea"}).Push2({1, 3}).Push2({1, 4});
  EXPECT_OK(harness.ExpectOutput({{kInsert, "tea -"}, {kInsert, "- 3"}, {kDelete, "tea -"}, {kInsert, "tea 4"}}));
}

TEST(TableJoin, ARowOlderThanItsTimeToLiveMeetsNobody) {
  auto harness = LeftJoin(Ttl(10s));
  harness.Push1({1, "tea"}).AdvanceProcessingTime(9s).Push1({1, "milk"}).AdvanceProcessingTime(2s).Push2({1, 3});
  EXPECT_OK(harness.ExpectOutput({{kInsert, "tea -"}, {kInsert, "milk -"}, {kDelete, "milk -"}, {kInsert, "milk 3"}}));
}

struct Maybe {
  std::optional<int64_t> id;
  std::string item;
};
TEST(TableJoin, NullKeysMatchNobody) {
  auto harness = HarnessOf<Maybe, Maybe>([](auto left, auto right) {
    return left.KeyBy(&Maybe::id).LeftJoin(right.KeyBy(&Maybe::id)).Apply([](const Maybe& l, const Maybe* r) {
      return l.item + " " + (r == nullptr ? "-" : r->item);
    });
  });
  harness.Push2({std::nullopt, "nobody"}).Push1({std::nullopt, "lost"}).Push2({7, "b"}).Push1({7, "a"});
  EXPECT_OK(harness.ExpectOutput({{kInsert, "lost -"}, {kInsert, "a b"}}));
}

TEST(Change, PrintsItsKind) {
  EXPECT_EQ(Printed(Text{RowKind::kUpdateBefore, "tea"}), "{kind: -U, row: tea}");
  EXPECT_EQ(RowKindName(RowKind::kUpdateAfter), "+U");
}

}  // namespace
}  // namespace weir
