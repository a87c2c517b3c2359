#include "weir/base/execution/event_count.h"

#include <gtest/gtest.h>

#include <atomic>
#include <thread>
#include <vector>

#include "weir/base/clock.h"

namespace weir {
namespace {

constexpr int64_t kMillisecond = 1'000'000;

int64_t Now() { return SystemClock::Instance().MonotonicNanos(); }

TEST(EventCount, NotifyBetweenPrepareAndWaitIsNotLost) {
  EventCount ready;
  ready.PrepareWait();
  ready.Notify();
  EXPECT_TRUE(ready.WaitUntil(EventCount::kForever));
}

TEST(EventCount, DeadlinePasses) {
  EventCount ready;
  ready.PrepareWait();
  const int64_t deadline = Now() + 2 * kMillisecond;
  EXPECT_FALSE(ready.WaitUntil(deadline));
  EXPECT_GE(Now(), deadline);
}

TEST(EventCount, DeadlineInThePastReturnsAtOnce) {
  EventCount ready;
  ready.PrepareWait();
  EXPECT_FALSE(ready.WaitUntil(-5));
  // The wait is over: a later Notify finds nobody, and the next wait starts afresh.
  ready.Notify();
  ready.PrepareWait();
  EXPECT_FALSE(ready.WaitUntil(Now() + kMillisecond));
}

TEST(EventCount, NotifyBeforePrepareDoesNotWake) {
  EventCount ready;
  ready.Notify();
  ready.PrepareWait();
  EXPECT_FALSE(ready.WaitUntil(Now() + kMillisecond));
}

TEST(EventCount, CancelledWaitLeavesNothingBehind) {
  EventCount ready;
  ready.PrepareWait();
  ready.CancelWait();
  EXPECT_TRUE(ready.WaitUntil(EventCount::kForever));
}

// Two threads hand a number to and fro. A lost wake-up hangs the test.
TEST(EventCount, PingPongLosesNoWakeUp) {
  constexpr int kRounds = 20'000;
  EventCount ready[2];
  std::atomic<int> turn{0};
  const auto play = [&](int me) {
    for (int round = 0; round < kRounds; ++round) {
      const int mine = 2 * round + me;
      while (turn.load(std::memory_order_acquire) != mine) {
        ready[me].PrepareWait();
        if (turn.load(std::memory_order_acquire) == mine) {
          ready[me].CancelWait();
        } else {
          ready[me].Wait();
        }
      }
      turn.store(mine + 1, std::memory_order_release);
      ready[1 - me].Notify();
    }
  };
  std::thread other(play, 1);
  play(0);
  other.join();
  EXPECT_EQ(turn.load(), 2 * kRounds);
}

// Several producers, one consumer, timeouts in between: every item is seen.
TEST(EventCount, ManyWakersLoseNoItem) {
  constexpr int kItems = 5000;
  EventCount ready;
  std::atomic<int> produced{0};
  std::vector<std::thread> producers;
  for (int p = 0; p < 3; ++p) {
    producers.emplace_back([&] {
      for (int i = 0; i < kItems; ++i) {
        produced.fetch_add(1, std::memory_order_release);
        ready.Notify();
      }
    });
  }
  int waits = 0;
  while (produced.load(std::memory_order_acquire) < 3 * kItems) {
    ready.PrepareWait();
    if (produced.load(std::memory_order_acquire) == 3 * kItems) {
      ready.CancelWait();
    } else {
      ready.WaitUntil(++waits % 2 == 0 ? EventCount::kForever : Now() + kMillisecond / 50);
    }
  }
  for (std::thread& producer : producers) producer.join();
  EXPECT_EQ(produced.load(), 3 * kItems);
}

}  // namespace
}  // namespace weir
