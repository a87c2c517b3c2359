// Timers of keyed process functions, beside a plain std::set of what is pending.
#include <gtest/gtest.h>

#include <algorithm>
#include <limits>
#include <set>
#include <string>
#include <string_view>
#include <tuple>
#include <utility>
#include <vector>

#include "weir/base/random.h"
#include "weir/functions/process_function.h"
#include "weir/testing/harness_of.h"
#include "weir/testing/operator_harness.h"

namespace weir {
namespace {

using namespace std::chrono_literals;

enum : int64_t { kRegister, kDelete, kRegisterProcessing, kDeleteProcessing };

struct Command {
  int64_t key = 0;
  int64_t what = kRegister;
  int64_t time = 0;
};
struct Fired {
  int64_t key = 0;
  int64_t time = 0;
  bool is_event = true;
  int64_t count = 0;  // of this key's timers so far: shows that state stands for the timer's key
};

Timestamp At(int64_t time) { return FromEventTime(time); }

template <class Context>
void Obey(const Command& command, Context& ctx) {
  TimerService& timers = ctx.timers();
  switch (command.what) {
    case kRegister:
      return timers.RegisterEventTime(At(command.time));
    case kDelete:
      return timers.DeleteEventTime(At(command.time));
    case kRegisterProcessing:
      return timers.RegisterProcessingTime(At(command.time));
    default:
      return timers.DeleteProcessingTime(At(command.time));
  }
}

// Timers of every third key at even times come again `kPeriod` later, once (the time is odd then).
constexpr int64_t kPeriod = 51;
bool ComesAgain(int64_t key, int64_t time) { return key % 3 == 0 && time % 2 == 0; }

class Alarm : public KeyedProcessFunction<int64_t, Command, Fired> {
 public:
  void ProcessElement(const Command& command, Context& ctx, Collector<Fired>&) { Obey(command, ctx); }
  void OnTimer(Timestamp time, OnTimerContext& ctx, Collector<Fired>& out) {
    const int64_t at = ToEventTime(time);
    EXPECT_EQ(ctx.has_timestamp() ? ToEventTime(ctx.timestamp()) : kNoEventTime, at);
    const bool is_event = ctx.time_domain() == TimeDomain::kEvent;
    EXPECT_TRUE(!is_event || at <= ctx.watermark());
    out.Collect({ctx.key(), at, is_event, count_.Update([](int64_t n) { return n + 1; })});
    if (is_event && ComesAgain(ctx.key(), at)) ctx.timers().RegisterEventTime(At(at + kPeriod));
  }

 private:
  ValueState<int64_t> count_{this, "count"};
};

auto AlarmHarness(HarnessOptions options = {}) {
  return HarnessOf<Command>([](auto commands) { return commands.KeyBy(&Command::key).template Process<Alarm>(); },
                            std::move(options));
}

TEST(KeyedTimers, FireBeforeTheWatermarkThatMadeThemDue) {
  auto harness = AlarmHarness();
  harness.Push({1, kRegister, 20}).Push({2, kRegister, 10}).Watermark(25);
  const auto elements = harness.TakeElements();
  ASSERT_EQ(elements.size(), 3u);
  EXPECT_EQ(elements[0].record.time, 10);
  EXPECT_EQ(elements[1].record.time, 20);
  EXPECT_EQ(elements[1].time, 20) << "results carry the timer's time";
  EXPECT_EQ(elements[2].kind, ElementKind::kWatermark);
}

TEST(KeyedTimers, FireAtTheirOwnMillisecondAndNotBefore) {
  auto harness = AlarmHarness();
  harness.Push({1, kRegister, 20}).Watermark(19);
  EXPECT_TRUE(harness.TakeOutput().empty());
  harness.Watermark(20);
  EXPECT_EQ(harness.TakeOutput().size(), 1u);
}

TEST(KeyedTimers, AreOnePerKeyAndTime) {
  auto harness = AlarmHarness();
  harness.Push({1, kRegister, 21}).Push({1, kRegister, 21}).Push({2, kRegister, 21}).Watermark(30);
  EXPECT_EQ(harness.TakeOutput().size(), 2u);
}

TEST(KeyedTimers, DoNotFireOnceDeleted) {
  auto harness = AlarmHarness();
  harness.Push({1, kRegister, 21}).Push({1, kDelete, 21}).Watermark(30);
  EXPECT_TRUE(harness.TakeOutput().empty());
}

TEST(KeyedTimers, OfThePastFireAtTheNextWatermark) {
  auto harness = AlarmHarness();
  harness.Watermark(100).Push({1, kRegister, 21});
  EXPECT_TRUE(harness.TakeOutput().empty());
  harness.Watermark(101);
  EXPECT_EQ(harness.TakeOutput().size(), 1u);
}

TEST(KeyedTimers, OfProcessingTimeFireByTheClock) {
  auto harness = AlarmHarness();
  const int64_t now = harness.clock().WallMillis();
  harness.Push({1, kRegisterProcessing, now + 500}).AdvanceProcessingTime(499ms);
  EXPECT_TRUE(harness.TakeOutput().empty());
  harness.AdvanceProcessingTime(1ms);
  const auto elements = harness.TakeElements();
  ASSERT_EQ(elements.size(), 1u);
  EXPECT_FALSE(elements[0].record.is_event);
}

TEST(KeyedTimers, OfTheFirstAndLastMomentHoldNoOthersUp) {
  auto harness = AlarmHarness();
  const int64_t now = harness.clock().WallMillis();
  harness.Push({1, kRegisterProcessing, std::numeric_limits<int64_t>::min()})
      .Push({2, kRegisterProcessing, std::numeric_limits<int64_t>::max()})
      .Push({3, kRegisterProcessing, now + 1})
      .AdvanceProcessingTime(1ms);
  EXPECT_EQ(harness.TakeOutput().size(), 2u);
}

TEST(KeyedTimers, OfProcessingTimeThatAreOverdueFireAfterARestore) {
  auto harness = AlarmHarness();
  harness.Push({1, kRegisterProcessing, harness.clock().WallMillis() + 5});
  const StatusOr<std::string> written = harness.Snapshot();
  auto later = AlarmHarness({.start = ManualClock::kDefaultStart + 1h});
  later.Restore({*written}).AdvanceProcessingTime(0ms);
  EXPECT_EQ(later.TakeOutput().size(), 1u);
}

TEST(KeyedTimers, OfProcessingTimeAreDroppedAtTheEndOfTheInput) {
  auto harness = AlarmHarness();
  harness.Push({1, kRegisterProcessing, harness.clock().WallMillis() + 5}).Push({2, kRegister, 1'000'001}).EndInput();
  harness.AdvanceProcessingTime(1h);
  const auto fired = harness.TakeOutput();
  ASSERT_EQ(fired.size(), 1u) << "the end is the watermark +infinity";
  EXPECT_TRUE(fired[0].is_event);
}

TEST(KeyedTimers, HoldTheRestOfTheBatchUntilTheyHaveFired) {
  auto harness = AlarmHarness({.resume_budget = 100});
  using Element = StreamElement<Command>;
  std::vector<Element> elements;
  for (int64_t key = 1; key < 4000; ++key) elements.push_back(Element::Record({key, kRegister, 9}, 1));
  harness.PushElements(elements);
  // Behind the mark, a timer of each key is registered that is late already: were it processed before, it would fire with the others.
  harness.PushElements({Element::Watermark(10), Element::Record({1, kRegister, 7}, 11), Element::Watermark(20)});
  const auto out = harness.TakeElements();
  ASSERT_EQ(out.size(), 4002u);
  EXPECT_EQ(out[3999].kind, ElementKind::kWatermark);
  EXPECT_EQ(out[3999].time, 10);
  EXPECT_EQ(out[4000].record.time, 7);
  EXPECT_EQ(out[4000].record.count, 2);
}

TEST(KeyedTimers, AMillionFireInPiecesAsTheOutputHasRoom) {
  constexpr int64_t kKeys = 1'000;
  constexpr int64_t kTimersPerKey = 1'000;
  auto harness = AlarmHarness();
  for (int64_t time = 1; time < 2 * kTimersPerKey; time += 2) {  // odd: none comes again
    std::vector<Command> commands;
    for (int64_t key = 0; key < kKeys; ++key) commands.push_back({key, kRegister, time});
    harness.PushBatch(commands);
  }
  harness.LimitOutput(1).Watermark(2 * kTimersPerKey);
  RecordingOutput& output = harness.driver().output(0);
  int64_t fired = 0;
  EventTime latest = 0;
  while (output.waiting() > 0) {
    EXPECT_LE(output.waiting(), 2u) << "of a piece";
    while (const BatchPtr batch = output.Take()) {
      AsBatch<Fired>(*batch).ForEach([&](const Fired& timer, uint32_t) {
        EXPECT_GE(timer.time, latest);
        latest = timer.time;
        ++fired;
      });
    }
    harness.driver().Run();
  }
  EXPECT_EQ(fired, kKeys * kTimersPerKey);
}

TEST(KeyedTimers, LeaveNoStateBehind) {
  class Forgetful : public KeyedProcessFunction<int64_t, Command, int64_t> {
   public:
    void ProcessElement(const Command& command, Context& ctx, Collector<int64_t>&) { Obey(command, ctx); }
    void OnTimer(Timestamp, OnTimerContext&, Collector<int64_t>&) {}
  };
  auto harness =
      HarnessOf<Command>([](auto commands) { return commands.KeyBy(&Command::key).template Process<Forgetful>(); });
  const StatusOr<std::string> empty = harness.Snapshot();
  harness.Push({1, kRegister, 5}).Push({1, kRegister, 6}).Push({2, kRegister, 7}).Push({2, kDelete, 7});
  EXPECT_NE(*harness.Snapshot(), *empty);
  harness.Watermark(6);
  EXPECT_EQ(*harness.Snapshot(), *empty);
}

TEST(KeyedTimers, OfAFunctionWithoutOnTimerAreAnErrorThatSaysSo) {
  class Deaf : public KeyedProcessFunction<int64_t, Command, int64_t> {
   public:
    void ProcessElement(const Command& command, Context& ctx, Collector<int64_t>&) { Obey(command, ctx); }
  };
  auto harness =
      HarnessOf<Command>([](auto commands) { return commands.KeyBy(&Command::key).template Process<Deaf>(); });
  harness.Push({1, kRegister, 5});
  EXPECT_NE(harness.status().message().find("no method void OnTimer"), std::string::npos) << harness.status().message();
}

// Text keys: results may hold the key, a view, although no record is at hand that owns it.
struct Named {
  std::string_view name;
  int64_t time = 0;
};
class NamedAlarm : public KeyedProcessFunction<std::string_view, Named, Named> {
 public:
  void ProcessElement(const Named& command, Context& ctx, Collector<Named>&) {
    ctx.timers().RegisterEventTime(At(command.time));
  }
  void OnTimer(Timestamp time, OnTimerContext& ctx, Collector<Named>& out) {
    out.Collect({ctx.key(), ToEventTime(time)});
  }
};

TEST(KeyedTimers, MayPutTextKeysIntoResults) {
  auto harness =
      HarnessOf<Named>([](auto commands) { return commands.KeyBy(&Named::name).template Process<NamedAlarm>(); });
  harness.Push({"a key that is longer than its slot", 3}).Push({"short", 2}).Watermark(10);
  EXPECT_EQ(harness.ExpectOutput({{"short", 2}, {"a key that is longer than its slot", 3}}), OkStatus());
}

class TwoAlarms : public KeyedCoProcessFunction<int64_t, Command, Command, Fired> {
 public:
  void ProcessElement1(const Command& command, Context& ctx, Collector<Fired>&) { Obey(command, ctx); }
  void ProcessElement2(const Command& command, Context& ctx, Collector<Fired>&) { Obey(command, ctx); }
  void OnTimer(Timestamp time, OnTimerContext& ctx, Collector<Fired>& out) {
    out.Collect({ctx.key(), ToEventTime(time), ctx.time_domain() == TimeDomain::kEvent, 0});
  }
};

TEST(KeyedTimers, OfTwoInputsFireAtTheLowerWatermark) {
  auto harness = HarnessOf<Command, Command>([](auto a, auto b) {
    return a.KeyBy(&Command::key).Connect(b.KeyBy(&Command::key)).template Process<TwoAlarms>();
  });
  harness.Push1({1, kRegister, 10}).Push2({1, kRegister, 11}).Push2({1, kDelete, 10}).Push1({2, kRegister, 12});
  harness.Watermark1(50);
  EXPECT_TRUE(harness.TakeOutput().empty());
  harness.Watermark2(11);
  const auto fired = harness.TakeOutput();
  ASSERT_EQ(fired.size(), 1u);
  EXPECT_EQ(fired[0].time, 11);
  harness.EndInput2();
  EXPECT_EQ(harness.TakeOutput().size(), 1u);
  EXPECT_EQ(harness.output_watermark(), 50);
}

// What should be pending, and what fires.
class Model {
 public:
  using Timer = std::pair<int64_t, int64_t>;  // time, key
  void Obey(const Command& command) {
    std::set<Timer>& timers = timers_[command.what / 2];
    if (command.what % 2 == 0) {
      timers.insert({command.time, command.key});
    } else {
      timers.erase({command.time, command.key});
    }
  }
  std::vector<Timer> Advance(bool is_event, int64_t up_to) {
    std::vector<Timer> fired;
    std::set<Timer>& timers = timers_[is_event ? 0 : 1];
    while (!timers.empty() && timers.begin()->first <= up_to) {
      const Timer timer = *timers.begin();
      timers.erase(timers.begin());
      fired.push_back(timer);
      if (is_event && ComesAgain(timer.second, timer.first)) timers.insert({timer.first + kPeriod, timer.second});
    }
    return fired;
  }

 private:
  std::set<Timer> timers_[2];
};

std::vector<Model::Timer> TimersOf(const std::vector<Fired>& all) {
  std::vector<Model::Timer> timers;
  for (const Fired& fired : all) timers.emplace_back(fired.time, fired.key);
  EXPECT_TRUE(std::is_sorted(timers.begin(), timers.end(), [](auto a, auto b) { return a.first < b.first; }));
  std::sort(timers.begin(), timers.end());
  return timers;
}

TEST(KeyedTimers, AgreeWithTheModelOnRandomHistoriesWithRestores) {
  for (uint64_t seed = 1; seed <= 30; ++seed) {
    SCOPED_TRACE("seed " + std::to_string(seed));
    SeededRandom random(seed);
    auto harness = AlarmHarness({.resume_budget = 1 + static_cast<uint32_t>(random.Uniform(20))});
    Model model;
    const int64_t start = harness.clock().WallMillis();
    int64_t watermark = 0;
    for (int step = 0; step < 60; ++step) {
      std::vector<StreamElement<Command>> batch;
      std::vector<Model::Timer> expected;
      for (uint64_t i = 0; i < 1 + random.Uniform(40); ++i) {
        if (random.Uniform(8) == 0) {
          watermark += static_cast<int64_t>(random.Uniform(200));
          batch.push_back(StreamElement<Command>::Watermark(watermark));
          for (const auto& timer : model.Advance(true, watermark)) expected.push_back(timer);
          continue;
        }
        Command command{static_cast<int64_t>(random.Uniform(20)), static_cast<int64_t>(random.Uniform(4)), 0};
        command.time =
            (command.what < 2 ? watermark : start + step * 100) + static_cast<int64_t>(random.Uniform(300)) - 20;
        batch.push_back(StreamElement<Command>::Record(command, watermark + 1));
        model.Obey(command);
      }
      harness.PushElements(batch, random.Uniform(2) == 0 ? InputForm::kDense : InputForm::kSelected);
      auto fired = harness.TakeOutput();
      std::vector<Model::Timer> actual;
      for (const Fired& each : fired) actual.emplace_back(each.time, each.key);
      std::sort(actual.begin(), actual.end());
      std::sort(expected.begin(), expected.end());
      ASSERT_EQ(actual, expected) << "step " << step;
      harness.ProcessingTime(At(start + step * 100));
      ASSERT_EQ(TimersOf(harness.TakeOutput()), model.Advance(false, start + step * 100)) << "step " << step;
      if (random.Uniform(10) == 0) harness.SnapshotAndRestore();
      ASSERT_TRUE(harness.status().ok()) << harness.status().message();
    }
  }
}

TEST(KeyedTimers, MoveWithTheirKeysWhenTheJobIsRescaled) {
  auto one = AlarmHarness();
  Model model;
  SeededRandom random(7);
  for (int i = 0; i < 2000; ++i) {
    const Command command{static_cast<int64_t>(random.Uniform(500)), kRegister,
                          1 + 2 * static_cast<int64_t>(random.Uniform(5000))};
    one.Push(command, 0);
    model.Obey(command);
  }
  const StatusOr<std::string> written = one.Snapshot();
  std::vector<Fired> fired;
  std::vector<std::string> halves;
  for (int subtask = 0; subtask < 3; ++subtask) {
    auto part = AlarmHarness({.subtask_index = subtask, .parallelism = 3});
    part.Restore({*written}).Watermark(2000);
    for (const Fired& each : part.TakeOutput()) fired.push_back(each);
    halves.push_back(*part.Snapshot());
  }
  std::sort(fired.begin(), fired.end(), [](const Fired& a, const Fired& b) { return a.time < b.time; });
  EXPECT_EQ(TimersOf(fired), model.Advance(true, 2000));
  auto merged = AlarmHarness();
  merged.Restore(halves).Watermark(20'000);
  EXPECT_EQ(TimersOf(merged.TakeOutput()), model.Advance(true, 20'000));
}

}  // namespace
}  // namespace weir
