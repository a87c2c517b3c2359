#include "weir/runtime/async/request_table.h"

#include <gtest/gtest.h>

namespace weir {
namespace {

constexpr uint32_t kNone = RequestTable::kNone;

TEST(RequestTable, HasASlotForEachRequestUpToItsCapacity) {
  RequestTable table(2, 0);
  EXPECT_TRUE(table.empty());
  const uint32_t first = table.Add(0);
  table.Add(0);
  EXPECT_TRUE(table.IsFull());
  table.Complete(first);
  EXPECT_TRUE(table.IsFull()) << "its results have not left";
  table.Remove(first);
  EXPECT_FALSE(table.IsFull());
}

TEST(RequestTable, FindsNobodyForAnAnswerThatComesTooLate) {
  RequestTable table(1, 0);
  const uint32_t slot = table.Add(0);
  const uint64_t call = table.CallOf(slot);
  EXPECT_EQ(table.Find(call), slot);
  table.Complete(slot);
  EXPECT_EQ(table.Find(call), kNone);
  table.Remove(slot);
  table.Add(0);
  EXPECT_EQ(table.Find(call), kNone) << "the slot is another request's now";
}

TEST(RequestTable, TimesRequestsOutInTheOrderInWhichTheyCame) {
  RequestTable table(3, 100);
  const uint32_t a = table.Add(0);
  const uint32_t b = table.Add(10);
  const uint32_t c = table.Add(20);
  EXPECT_EQ(table.NextTime(), 100);
  table.Complete(a);
  EXPECT_EQ(table.NextTime(), 110);
  EXPECT_EQ(table.TakeTimedOut(109), kNone);
  EXPECT_EQ(table.TakeTimedOut(120), b);
  EXPECT_EQ(table.TakeTimedOut(120), c);
  EXPECT_EQ(table.TakeTimedOut(1000), kNone) << "once each";
  EXPECT_TRUE(table.has_timed_out(b));
  EXPECT_EQ(table.NextTime(), kNoEventTime);
}

TEST(RequestTable, TakesRetriesWhenTheyAreDue) {
  RequestTable table(2, 0);
  const uint32_t a = table.Add(0);
  const uint32_t b = table.Add(0);
  table.RetryAt(a, 50);
  table.RetryAt(b, 30);
  EXPECT_EQ(table.NextTime(), 30);
  EXPECT_EQ(table.TakeDueRetry(29), kNone);
  EXPECT_EQ(table.TakeDueRetry(60), b);
  EXPECT_EQ(table.retries(b), 1);
  EXPECT_EQ(table.TakeDueRetry(60), a);
  EXPECT_EQ(table.TakeDueRetry(60), kNone);
}

TEST(RequestTable, DoesNotRetryWhatHasTimedOutMeanwhile) {
  RequestTable table(1, 100);
  const uint32_t slot = table.Add(0);
  table.RetryAt(slot, 150);
  EXPECT_EQ(table.TakeTimedOut(100), slot);
  EXPECT_EQ(table.TakeDueRetry(200), kNone);
  EXPECT_EQ(table.Find(table.CallOf(slot)), slot) << "whoever answers at a timeout still can";
}

TEST(RequestTable, KnowsItsRequestsInOrder) {
  RequestTable table(3, 0);
  const uint32_t a = table.Add(0);
  const uint32_t b = table.Add(0);
  table.Complete(a);
  table.Remove(a);
  const uint32_t c = table.Add(0);
  EXPECT_EQ(table.InOrder(), (std::vector<uint32_t>{b, c}));
}

}  // namespace
}  // namespace weir
