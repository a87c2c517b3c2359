#include "weir/runtime/async/emission_order.h"

#include <gtest/gtest.h>

#include <string>

namespace weir {
namespace {

// Everything that may leave now: "3 1 w100".
std::string Leave(EmissionOrder& order) {
  std::string text;
  for (EmissionOrder::Next next = order.Peek(); next.kind != EmissionOrder::Kind::kNothing; next = order.Peek()) {
    if (!text.empty()) text += ' ';
    text +=
        next.kind == EmissionOrder::Kind::kWatermark ? "w" + std::to_string(next.watermark) : std::to_string(next.slot);
    order.Pop();
  }
  return text;
}

TEST(EmissionOrder, KeepsTheOrderOfRequests) {
  EmissionOrder order(/*ordered=*/true, 4);
  for (uint32_t slot : {2, 0, 1}) order.AddRequest(slot);
  order.Complete(1);
  order.Complete(0);
  EXPECT_EQ(Leave(order), "");
  order.Complete(2);
  EXPECT_EQ(Leave(order), "2 0 1");
  EXPECT_TRUE(order.empty());
}

TEST(EmissionOrder, HoldsAWatermarkUntilTheRequestsBeforeItHaveLeft) {
  EmissionOrder order(/*ordered=*/true, 4);
  order.AddRequest(0);
  order.AddWatermark(10);
  order.AddRequest(1);
  order.Complete(1);
  EXPECT_EQ(Leave(order), "");
  order.Complete(0);
  EXPECT_EQ(Leave(order), "0 w10 1");
}

TEST(EmissionOrder, LetsAWatermarkThroughWhenNothingIsBeforeIt) {
  for (const bool ordered : {true, false}) {
    EmissionOrder order(ordered, 1);
    order.AddWatermark(10);
    EXPECT_EQ(Leave(order), "w10");
    EXPECT_TRUE(order.empty());
  }
}

TEST(EmissionOrder, KeepsTheLatestOfWatermarksWithNothingBetweenThem) {
  for (const bool ordered : {true, false}) {
    EmissionOrder order(ordered, 1);
    order.AddRequest(0);
    order.AddWatermark(10);
    order.AddWatermark(20);
    order.Complete(0);
    EXPECT_EQ(Leave(order), "0 w20");
  }
}

TEST(EmissionOrder, UnorderedLetsResultsLeaveAsTheyCome) {
  EmissionOrder order(/*ordered=*/false, 4);
  for (uint32_t slot : {0, 1, 2}) order.AddRequest(slot);
  order.Complete(2);
  order.Complete(0);
  EXPECT_EQ(Leave(order), "2 0");
  EXPECT_FALSE(order.empty());
  order.Complete(1);
  EXPECT_EQ(Leave(order), "1");
}

TEST(EmissionOrder, UnorderedResultsNeverCrossAWatermark) {
  EmissionOrder order(/*ordered=*/false, 4);
  order.AddRequest(0);
  order.AddRequest(1);
  order.AddWatermark(10);
  order.AddRequest(2);
  order.AddRequest(3);
  order.Complete(3);
  order.Complete(1);
  EXPECT_EQ(Leave(order), "1");
  order.Complete(0);
  EXPECT_EQ(Leave(order), "0 w10 3");
  order.Complete(2);
  EXPECT_EQ(Leave(order), "2");
}

TEST(EmissionOrder, GoesOnAfterItWasEmpty) {
  EmissionOrder order(/*ordered=*/false, 2);
  for (int round = 0; round < 3; ++round) {
    order.AddRequest(1);
    order.Complete(1);
    EXPECT_EQ(Leave(order), "1");
    EXPECT_TRUE(order.empty());
  }
}

}  // namespace
}  // namespace weir
