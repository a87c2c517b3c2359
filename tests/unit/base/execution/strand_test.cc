#include "weir/base/execution/strand.h"

#include <gtest/gtest.h>

#include <string>

#include "weir/base/execution/actor.h"
#include "weir/base/execution/simulated_executor.h"

namespace weir {
namespace {

using namespace std::chrono_literals;

TEST(Strand, RunsInOrderAndTakesTurnsWithOthers) {
  SimulatedExecutor simulation;
  Strand first(simulation);
  Strand second(simulation);
  int ran_before_second = 0;
  int ran = 0;
  for (int i = 0; i < 1000; ++i) {
    first.Post([&, i] { EXPECT_EQ(ran++, i); });
  }
  second.Post([&] { ran_before_second = ran; });
  simulation.RunUntilIdle();
  EXPECT_EQ(ran, 1000);
  EXPECT_LT(ran_before_second, 1000);
}

TEST(Strand, NothingRunsAfterStop) {
  SimulatedExecutor simulation;
  Strand strand(simulation);
  strand.Post([&] { strand.Stop(); });
  strand.Post([] { FAIL() << "was waiting when the strand stopped"; });
  strand.PostAfter(1s, [] { FAIL(); });
  simulation.AdvanceTime(2s);
  strand.Post([] { FAIL(); });
  simulation.RunUntilIdle();
}

TEST(Strand, TimerCanBeCancelledUntilItRuns) {
  SimulatedExecutor simulation;
  Strand strand(simulation);
  TimerHandle timer;
  bool cancelled = false;
  strand.PostAfter(1s, [&] { cancelled = timer.Cancel(); });
  timer = strand.PostAfter(1s, [] { FAIL(); });
  simulation.AdvanceTime(2s);
  EXPECT_TRUE(cancelled);
}

TEST(Strand, BoundFunctionOutlivesTheStrandAndThenDoesNothing) {
  SimulatedExecutor simulation;
  int sum = 0;
  auto strand = std::make_unique<Strand>(simulation);
  const auto add = strand->Bind([&](int x, const std::string& y) { sum += x + static_cast<int>(y.size()); });
  add(1, "ab");
  EXPECT_EQ(sum, 0) << "runs on the strand, not in the call";
  simulation.RunUntilIdle();
  EXPECT_EQ(sum, 3);
  add(10, "");
  strand.reset();
  add(100, "");
  simulation.RunUntilIdle();
  EXPECT_EQ(sum, 3);
}

TEST(Strand, BoundFunctionTakesMoveOnlyArguments) {
  SimulatedExecutor simulation;
  Strand strand(simulation);
  int got = 0;
  const auto take = strand.Bind([&](std::unique_ptr<int> value) { got = *value; });
  take(std::make_unique<int>(7));
  simulation.RunUntilIdle();
  EXPECT_EQ(got, 7);
}

class Counter final : public Actor {
 public:
  explicit Counter(Executor& executor) : Actor(executor, "counter") {}
  ~Counter() override { Stop(); }
  void AddAsync(int n, UniqueFunction<void(int)> done) {
    Post([this, n, done = std::move(done)]() mutable {
      EXPECT_TRUE(IsCurrent());
      done(sum_ += n);
    });
  }

 private:
  int sum_ = 0;
};

TEST(Actor, AnswersOnTheCallersStrand) {
  SimulatedExecutor simulation(11);
  const auto lane = simulation.NewExecutor("counter");
  Strand caller(simulation);
  Counter counter(*lane);
  int answer = 0;
  counter.AddAsync(2, caller.Bind([&](int sum) {
    EXPECT_TRUE(caller.IsCurrent());
    answer = sum;
  }));
  counter.AddAsync(3, [](int) {});
  simulation.RunUntilIdle();
  EXPECT_EQ(answer, 2);
}

class Forgetful final : public Actor {
 public:
  explicit Forgetful(Executor& executor) : Actor(executor, "forgetful") {}
};

TEST(ActorDeathTest, MustStopInItsOwnDestructor) {
  SimulatedExecutor simulation;
  EXPECT_DEATH(Forgetful forgetful(simulation), "actor forgetful must call Stop");
}

}  // namespace
}  // namespace weir
