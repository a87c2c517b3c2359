#include "weir/base/execution/simulated_executor.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace weir {
namespace {

using namespace std::chrono_literals;

TEST(SimulatedExecutor, RunsInTheOrderOfPosting) {
  SimulatedExecutor simulation;
  std::string order;
  simulation.Post([&] {
    order += 'a';
    simulation.Post([&] { order += 'c'; });
  });
  simulation.Post([&] { order += 'b'; });
  EXPECT_EQ(order, "");
  simulation.RunUntilIdle();
  EXPECT_EQ(order, "abc");
}

TEST(SimulatedExecutor, TimersRunInOrderOfTheirTimeWithTheClockAtIt) {
  SimulatedExecutor simulation;
  std::vector<std::pair<char, int64_t>> order;
  const auto note = [&](char c) {
    return [&, c] { order.emplace_back(c, simulation.clock().MonotonicNanos() / 1'000'000); };
  };
  simulation.PostAfter(20ms, note('c'));
  simulation.PostAfter(10ms, note('a'));
  simulation.PostAfter(10ms, note('b'));
  simulation.PostAfter(30ms, note('d'));
  simulation.AdvanceTime(25ms);
  EXPECT_EQ(order, (std::vector<std::pair<char, int64_t>>{{'a', 10}, {'b', 10}, {'c', 20}}));
  EXPECT_EQ(simulation.clock().MonotonicNanos(), 25'000'000);
}

TEST(SimulatedExecutor, AdvancingRunsTimersThatTimersSet) {
  SimulatedExecutor simulation;
  int beats = 0;
  UniqueFunction<void()> beat = [&] {
    if (++beats < 100) simulation.PostAfter(100ms, [&] { beat(); });
  };
  simulation.PostAfter(100ms, [&] { beat(); });
  simulation.AdvanceTime(1s);
  EXPECT_EQ(beats, 10);
}

TEST(SimulatedExecutor, CancelledTimerDoesNotRunAndDiesAtOnce) {
  SimulatedExecutor simulation;
  auto owned = std::make_shared<int>(1);
  const std::weak_ptr<int> alive = owned;
  TimerHandle timer = simulation.PostAfter(1s, [owned = std::move(owned)] { FAIL(); });
  EXPECT_TRUE(timer.Cancel());
  EXPECT_TRUE(alive.expired());
  EXPECT_FALSE(timer.Cancel());
  simulation.AdvanceTime(2s);
}

TEST(SimulatedExecutor, TimerThatIsDueButHasNotRunCanStillBeCancelled) {
  SimulatedExecutor simulation;
  TimerHandle second;
  bool cancelled = false;
  simulation.PostAfter(1s, [&] { cancelled = second.Cancel(); });
  second = simulation.PostAfter(1s, [] { FAIL(); });
  simulation.AdvanceTime(2s);
  EXPECT_TRUE(cancelled);
}

std::string Interleaving(uint64_t seed) {
  SimulatedExecutor simulation(seed);
  const auto a = simulation.NewExecutor("a");
  const auto b = simulation.NewExecutor("b");
  std::string order;
  for (int i = 0; i < 8; ++i) {
    a->Post([&order, i] { order += static_cast<char>('a' + i); });
    b->Post([&order, i] { order += static_cast<char>('A' + i); });
  }
  simulation.RunUntilIdle();
  return order;
}

TEST(SimulatedExecutor, SeedDecidesHowLanesInterleaveButEachKeepsItsOrder) {
  EXPECT_EQ(Interleaving(1), Interleaving(1));
  EXPECT_NE(Interleaving(1), Interleaving(2));
  std::string lane_a;
  for (const char c : Interleaving(3)) {
    if (c >= 'a') lane_a += c;
  }
  EXPECT_EQ(lane_a, "abcdefgh");
}

TEST(SimulatedExecutor, ClosuresOfADeadLaneAreDropped) {
  SimulatedExecutor simulation;
  auto lane = simulation.NewExecutor("short");
  lane->Post([] { FAIL(); });
  lane->PostAfter(1s, [] { FAIL(); });
  lane.reset();
  simulation.AdvanceTime(2s);
}

TEST(SimulatedExecutor, KnowsWhichLaneRuns) {
  SimulatedExecutor simulation;
  const auto lane = simulation.NewExecutor("lane");
  bool in_lane = false;
  bool in_main = true;
  lane->Post([&] {
    in_lane = lane->IsCurrent();
    in_main = simulation.IsCurrent();
  });
  simulation.RunUntilIdle();
  EXPECT_TRUE(in_lane);
  EXPECT_FALSE(in_main);
  EXPECT_FALSE(lane->IsCurrent());
}

TEST(SimulatedExecutor, RunUntilStopsWhenTheConditionHoldsOrTimeIsUp) {
  SimulatedExecutor simulation;
  bool set = false;
  simulation.PostAfter(5s, [&] { set = true; });
  EXPECT_FALSE(simulation.RunUntil([&] { return set; }, 4s));
  EXPECT_TRUE(simulation.RunUntil([&] { return set; }, 10s));
  EXPECT_EQ(simulation.clock().MonotonicNanos(), 5'000'000'000);
}

TEST(SimulatedExecutor, HugeDelayDoesNotOverflow) {
  SimulatedExecutor simulation;
  simulation.AdvanceTime(1s);
  simulation.PostAfter(std::chrono::nanoseconds::max(), [] { FAIL(); });
  simulation.AdvanceTime(24h);
}

}  // namespace
}  // namespace weir
