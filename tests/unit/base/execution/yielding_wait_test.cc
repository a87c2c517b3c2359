#include "weir/base/execution/yielding_wait.h"

#include <gtest/gtest.h>

#include <chrono>

#include "weir/base/clock.h"

namespace weir {
namespace {

using std::chrono_literals::operator""ms;
using std::chrono_literals::operator""us;

// Counts yields, each of which takes as long as the test says.
class YieldingWaitTest : public ::testing::Test {
 protected:
  // Whether the wait was worth while, if there is something to do after `yields` more.
  bool AwaitReadyAfter(int yields) {
    yields_ = 0;
    ready_after_ = yields;
    return wait_.Await();
  }
  bool AwaitInVain() { return AwaitReadyAfter(YieldingWait::kMostYields + 1); }

  ManualClock clock_;
  std::chrono::nanoseconds yield_takes_ = 1us;
  int yields_ = 0;  // of the last Await
  int ready_after_ = 0;
  YieldingWait wait_{&clock_,
                     [this] {
                       ++yields_;
                       clock_.Advance(yield_takes_);
                     },
                     [this] { return yields_ >= ready_after_; }};
};

TEST_F(YieldingWaitTest, EndsWhenThereIsSomethingToDo) {
  EXPECT_TRUE(AwaitReadyAfter(3));
  EXPECT_EQ(yields_, 3);
  EXPECT_TRUE(AwaitReadyAfter(YieldingWait::kMostYields));
}

TEST_F(YieldingWaitTest, GivesUpAfterTheMostYields) {
  EXPECT_FALSE(AwaitInVain());
  EXPECT_EQ(yields_, YieldingWait::kMostYields);
}

TEST_F(YieldingWaitTest, TriesSeldomWhereNothingComes) {
  for (int i = 0; i < YieldingWait::kMostTrust; ++i) AwaitInVain();
  int tries = 0;
  for (int i = 0; i < 10 * YieldingWait::kTriesWithoutTrust; ++i) {
    AwaitInVain();
    if (yields_ > 0) ++tries;
  }
  EXPECT_EQ(tries, 10);
}

TEST_F(YieldingWaitTest, TriesAlwaysWhereItMostlyPays) {
  for (int i = 0; i < 100; ++i) {
    for (int hit = 0; hit < YieldingWait::kMissCosts; ++hit) ASSERT_TRUE(AwaitReadyAfter(1));
    AwaitInVain();
    ASSERT_EQ(yields_, YieldingWait::kMostYields);
  }
}

// Somebody computes, and has the CPU until the kernel's next tick.
TEST_F(YieldingWaitTest, PausesAfterALongYieldForLongerEachTime) {
  yield_takes_ = 4ms;
  int64_t pause = YieldingWait::kShortestPauseNanos;
  for (int i = 0; i < 3; ++i) {
    EXPECT_FALSE(AwaitReadyAfter(2));
    EXPECT_EQ(yields_, 1);
    clock_.Advance(std::chrono::nanoseconds(pause - 1));
    EXPECT_FALSE(AwaitReadyAfter(0));
    EXPECT_EQ(yields_, 0) << "within the pause";
    clock_.Advance(std::chrono::nanoseconds(1));
    pause *= 4;
  }
  EXPECT_TRUE(AwaitReadyAfter(1)) << "what there is after a long yield counts";
}

TEST_F(YieldingWaitTest, APauseHasALimit) {
  yield_takes_ = 4ms;
  for (int i = 0; i < 20; ++i) {
    AwaitReadyAfter(2);
    ASSERT_EQ(yields_, 1);
    clock_.Advance(std::chrono::nanoseconds(YieldingWait::kLongestPauseNanos));
  }
}

TEST_F(YieldingWaitTest, ManyShortYieldsMakeTheNextPauseShorter) {
  const auto next_pause = [this] {
    yield_takes_ = 4ms;
    AwaitReadyAfter(2);
    yield_takes_ = 1us;
    int64_t waited = 0;
    for (; !AwaitReadyAfter(1); waited += 1'000'000) clock_.Advance(1ms);
    return waited;
  };
  EXPECT_EQ(next_pause(), YieldingWait::kShortestPauseNanos);
  for (int i = 0; i < 2 * YieldingWait::kYieldsUntilTrusted; ++i) ASSERT_TRUE(AwaitReadyAfter(1));
  EXPECT_EQ(next_pause(), YieldingWait::kShortestPauseNanos) << "four times as long, halved twice";
}

}  // namespace
}  // namespace weir
