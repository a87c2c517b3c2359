// Whole jobs in virtual time: no thread, no sleep, the same run for the same seed.
#include <gtest/gtest.h>

#include <algorithm>
#include <string>
#include <vector>

#include "weir/testing.h"
#include "weir/weir.h"

#include "tests/harness/status_matchers.h"

namespace weir {
namespace {

using namespace std::chrono_literals;

const char* const kProgram[] = {"test"};

struct Ping {
  int64_t key = 0;
  int64_t number = 0;
};

// One ping per second, of keys 0 to 2, without an end.
auto Pings() {
  return GeneratorSource<Ping>([](int64_t n) { return Ping{n % 3, n}; }).RatePerSecond(1);
}

// Says a key's name an hour after its first ping.
class Reminder : public KeyedProcessFunction<int64_t, Ping, std::string> {
 public:
  void ProcessElement(const Ping&, Context& ctx, Collector<std::string>&) {
    if (set_.Has()) return;
    set_.Update(true);
    ctx.timers().RegisterProcessingTime(ctx.processing_time() + 1h);
  }
  void OnTimer(Timestamp, OnTimerContext& ctx, Collector<std::string>& out) {
    out.Collect("key " + std::to_string(ctx.key()));
  }

 private:
  ValueState<bool> set_{this, "set"};
};

TEST(VirtualTime, MovesOnlyWhenTheTestSaysSo) {
  SimulatedExecutor time;
  StreamExecutionEnvironment env(1, kProgram);
  env.RunOn(EmbeddedCluster::Start({.simulation = &time}));
  auto pings = env.FromSource(Pings(), "pings").Map([](const Ping& ping) { return ping.number; }).ExecuteAndCollect();
  time.RunUntilIdle();
  EXPECT_EQ(pings.TakeAvailable(), std::vector<int64_t>{0}) << "the first one goes at once";
  time.AdvanceTime(3s);
  EXPECT_EQ(pings.TakeAvailable(), (std::vector<int64_t>{1, 2, 3}));
  EXPECT_TRUE(pings.TakeAvailable().empty());
}

TEST(VirtualTime, FiresTimersOfProcessingTime) {
  SimulatedExecutor time;
  StreamExecutionEnvironment env(1, kProgram);
  env.SetParallelism(2).RunOn(EmbeddedCluster::Start({.slots = 2, .simulation = &time}));
  auto reminders = env.FromSource(Pings(), "pings").KeyBy(&Ping::key).Process<Reminder>().ExecuteAndCollect();
  time.AdvanceTime(59min);
  EXPECT_TRUE(reminders.TakeAvailable().empty());
  time.AdvanceTime(2min);
  std::vector<std::string> keys = reminders.TakeAvailable();
  std::sort(keys.begin(), keys.end());
  EXPECT_EQ(keys, (std::vector<std::string>{"key 0", "key 1", "key 2"}));
}

TEST(VirtualTime, RunsABoundedJobToItsEnd) {
  SimulatedExecutor time;
  StreamExecutionEnvironment env(1, kProgram);
  env.SetParallelism(3).RunOn(EmbeddedCluster::Start({.slots = 3, .simulation = &time}));
  std::vector<std::pair<int64_t, int64_t>> counts = env.FromSequence(1, 30'000)
                                                        .KeyBy([](int64_t n) { return n % 3; })
                                                        .Window(GlobalWindows::WithEndOfStreamTrigger())
                                                        .Aggregate(Count())
                                                        .ExecuteAndCollect();
  std::sort(counts.begin(), counts.end());
  EXPECT_EQ(counts, (std::vector<std::pair<int64_t, int64_t>>{{0, 10'000}, {1, 10'000}, {2, 10'000}}));
}

TEST(VirtualTime, LetsTimePassWhileSomebodyWaits) {
  SimulatedExecutor time;
  const Timestamp start = time.clock().WallTime();
  StreamExecutionEnvironment env(1, kProgram);
  env.RunOn(EmbeddedCluster::Start({.simulation = &time}));
  env.FromSource(GeneratorSource<Ping>([](int64_t n) { return Ping{n, n}; }, 61).RatePerSecond(1), "pings")
      .SinkTo(DiscardSink<Ping>());
  EXPECT_OK(env.Execute("a minute").status());
  EXPECT_GE(time.clock().WallTime() - start, 59s);
}

TEST(VirtualTime, TellsWhyAJobFails) {
  SimulatedExecutor time;
  StreamExecutionEnvironment env(1, kProgram);
  env.RunOn(EmbeddedCluster::Start({.simulation = &time}));
  env.FromSequence(1, 10)
      .Map([](int64_t n) -> int64_t { return n == 7 ? throw std::runtime_error("seven") : n; })
      .SinkTo(DiscardSink<int64_t>());
  EXPECT_TRUE(IsError(env.Execute("seven").status(), StatusCode::kUnknown, "seven"));
}

TEST(VirtualTime, CancelsAJobWithoutAnEnd) {
  SimulatedExecutor time;
  StreamExecutionEnvironment env(1, kProgram);
  env.RunOn(EmbeddedCluster::Start({.simulation = &time}));
  env.FromSource(Pings(), "pings").SinkTo(DiscardSink<Ping>());
  JobClient job = env.ExecuteAsync("pings");
  ASSERT_TRUE(job.ok());
  time.AdvanceTime(10s);
  EXPECT_EQ(job.Status(), JobStatus::kRunning);
  EXPECT_OK(job.Cancel());
  EXPECT_TRUE(IsError(job.Result().status(), StatusCode::kCancelled, "pings"));
}

// The order in which keys' results come at parallelism 2.
std::vector<int64_t> OrderOf(uint64_t seed) {
  SimulatedExecutor time(seed);
  StreamExecutionEnvironment env(1, kProgram);
  env.SetParallelism(2).RunOn(EmbeddedCluster::Start({.slots = 2, .simulation = &time}));
  return env.FromSequence(1, 5'000)
      .KeyBy([](int64_t n) { return n % 100; })
      .Reduce([](int64_t a, int64_t b) { return a + b; })
      .ExecuteAndCollect();
}

TEST(VirtualTime, RunsTheSameForTheSameSeed) { EXPECT_EQ(OrderOf(7), OrderOf(7)); }

// Two sources, one of them ten times as fast in event time; how far it is ahead of the other one after a minute.
Duration DriftAfterAMinute(bool aligned) {
  SimulatedExecutor time;
  StreamExecutionEnvironment env(1, kProgram);
  env.RunOn(EmbeddedCluster::Start({.simulation = &time}));
  auto strategy = WatermarkStrategy<Ping>::ForMonotonousTimestamps().WithTimestamps(&Ping::number);
  if (aligned) strategy = strategy.WithWatermarkAlignment("pings", 20s, 500ms);
  const auto pings = [&](int64_t step) {
    return env.FromSource(GeneratorSource<Ping>([step](int64_t n) { return Ping{step, n * step}; }).RatePerSecond(10),
                          strategy, "pings");
  };
  auto all = pings(100).Union(pings(1'000)).Map([](const Ping& ping) { return ping; }).ExecuteAndCollect();
  time.AdvanceTime(1min);
  int64_t latest[2] = {0, 0};
  for (const Ping& ping : all.TakeAvailable()) latest[ping.key == 1'000] = ping.number;
  return Duration(latest[1] - latest[0]);
}

TEST(VirtualTime, AlignedSourcesKeepStep) {
  EXPECT_GT(DriftAfterAMinute(/*aligned=*/false), 400s);
  EXPECT_LE(DriftAfterAMinute(/*aligned=*/true), 20s + 10s) << "the drift, and what is read in an interval";
  EXPECT_GE(DriftAfterAMinute(/*aligned=*/true), 15s);
}

}  // namespace
}  // namespace weir
