#include "weir/runtime/operators/two_input.h"

#include <gtest/gtest.h>

#include "weir/testing.h"

#include "tests/harness/status_matchers.h"
#include "tests/harness/test_batches.h"

namespace weir {
namespace {

auto CoMapHarness() {
  return HarnessOf<int64_t, TextRow>([](auto numbers, auto texts) {
    return numbers.Connect(texts).Map([](int64_t n) { return std::to_string(n); },
                                      [](const TextRow& row) { return std::string(row.text); });
  });
}

TEST(CoMap, RunsEachFunctionOnItsOwnInput) {
  auto harness = CoMapHarness();
  harness.Push1(1).Push2({.text = "two"}).Push1(3);
  EXPECT_OK(harness.ExpectOutput({"1", "two", "3"}));
}

TEST(CoMap, PassesTheLowerWatermarkOfItsInputs) {
  auto harness = CoMapHarness();
  harness.Watermark1(10);
  harness.TakeElements();
  EXPECT_EQ(harness.output_watermark(), kMinWatermark);
  harness.Watermark2(7);
  harness.TakeElements();
  EXPECT_EQ(harness.output_watermark(), 7);
  harness.Watermark2(20);
  harness.TakeElements();
  EXPECT_EQ(harness.output_watermark(), 10);
}

TEST(CoMap, EndsEventTimeOnlyWhenBothInputsHaveEnded) {
  auto harness = CoMapHarness();
  harness.Watermark2(7).EndInput1();
  harness.TakeElements();
  EXPECT_EQ(harness.output_watermark(), 7);
  harness.EndInput2();
  harness.TakeElements();
  EXPECT_EQ(harness.output_watermark(), kMaxWatermark);
}

// Joins numbers with the last text of the same key.
class Latest : public KeyedCoProcessFunction<int64_t, SmallRow, TextRow, std::string> {
 public:
  void ProcessElement1(const SmallRow& row, Context& ctx, Collector<std::string>& out) {
    out.Collect(std::to_string(ctx.key()) + " " + std::to_string(row.value) + " " + text_.ValueOr("?"));
  }
  void ProcessElement2(const TextRow& row, Context&, Collector<std::string>&) { text_.Update(std::string(row.text)); }

 private:
  ValueState<std::string> text_{this, "text"};
};

auto LatestHarness() {
  return HarnessOf<SmallRow, TextRow>([](auto numbers, auto texts) {
    return numbers.KeyBy(&SmallRow::key).Connect(texts.KeyBy(&TextRow::key)).template Process<Latest>();
  });
}

TEST(KeyedCoProcess, SharesStateOfAKeyBetweenItsInputs) {
  auto harness = LatestHarness();
  harness.Push1({1, 10}).Push2({1, "one"}).Push1({1, 11}).Push1({2, 20});
  EXPECT_OK(harness.ExpectOutput({"1 10 ?", "1 11 one", "2 20 ?"}));
}

TEST(KeyedCoProcess, RestoresTheSharedState) {
  auto harness = LatestHarness();
  harness.Push2({1, "a text that is long enough to be allocated"}).SnapshotAndRestore().Push1({1, 11});
  EXPECT_OK(harness.ExpectOutput({"1 11 a text that is long enough to be allocated"}));
}

// Counts per key; a broadcast rule says what the count is called, and may reset all keys.
class Rules : public KeyedBroadcastProcessFunction<int64_t, SmallRow, TextRow, std::string> {
 public:
  void ProcessElement(const SmallRow&, ReadOnlyContext& ctx, Collector<std::string>& out) {
    count_.Update(count_.ValueOr(0) + 1);
    const std::string* const rule = ctx.Get(rules_).Find("name");
    out.Collect((rule != nullptr ? *rule : "count") + " of " + std::to_string(ctx.key()) + ": " +
                std::to_string(count_.ValueOr(0)));
  }
  void ProcessBroadcastElement(const TextRow& rule, Context& ctx, Collector<std::string>&) {
    if (rule.text != "reset") return ctx.Get(rules_).Put("name", std::string(rule.text));
    ctx.ApplyToKeyedState([this](int64_t key) {
      if (key != 2) count_.Clear();
    });
  }

 private:
  BroadcastState<std::string, std::string> rules_{this, "rules"};
  ValueState<int64_t> count_{this, "count"};
};

auto RulesHarness() {
  return HarnessOf<SmallRow, TextRow>([](auto numbers, auto rules) {
    return numbers.KeyBy(&SmallRow::key).Connect(rules.Broadcast()).template Process<Rules>();
  });
}

TEST(KeyedBroadcastProcess, ReadsWhatBroadcastElementsWrote) {
  auto harness = RulesHarness();
  harness.Push1({1, 0}).Push2({0, "number"}).Push1({1, 0});
  EXPECT_OK(harness.ExpectOutput({"count of 1: 1", "number of 1: 2"}));
}

TEST(KeyedBroadcastProcess, VisitsTheStateOfAllKeys) {
  auto harness = RulesHarness();
  harness.Push1({1, 0}).Push1({2, 0}).Push1({3, 0}).Push2({0, "reset"});
  harness.TakeOutput();
  harness.Push1({1, 0}).Push1({2, 0}).Push1({3, 0});
  EXPECT_OK(harness.ExpectOutput({"count of 1: 1", "count of 2: 2", "count of 3: 1"}));
}

TEST(KeyedBroadcastProcess, RestoresBroadcastAndKeyedState) {
  auto harness = RulesHarness();
  harness.Push1({1, 0}).Push2({0, "number"}).SnapshotAndRestore();
  harness.TakeOutput();
  harness.Push1({1, 0});
  EXPECT_OK(harness.ExpectOutput({"number of 1: 2"}));
}

// The untimed kinds that share the operator with the keyed ones.
class Merge : public CoProcessFunction<int64_t, TextRow, std::string> {
 public:
  void ProcessElement1(int64_t n, Context& ctx, Collector<std::string>& out) {
    out.Collect(std::to_string(n) + (ctx.has_timestamp() ? " at " + std::to_string(ToEventTime(ctx.timestamp())) : ""));
  }
  void ProcessElement2(const TextRow& row, Context& ctx, Collector<std::string>& out) {
    out.Collect(std::string(row.text) +
                (ctx.watermark() == kMinWatermark ? "" : " after " + std::to_string(ctx.watermark())));
  }
};

TEST(CoProcess, TellsTimesAndTheMergedWatermark) {
  auto harness = HarnessOf<int64_t, TextRow>(
      [](auto numbers, auto texts) { return numbers.Connect(texts).template Process<Merge>(); });
  harness.Push1(1, 10).Watermark1(8).Push2({.text = "early"}).Watermark2(5).Push2({.text = "late"});
  EXPECT_OK(harness.ExpectOutput({"1 at 10", "early", "late after 5"}));
}

class Filtered : public BroadcastProcessFunction<int64_t, int64_t, int64_t> {
 public:
  void ProcessElement(int64_t n, ReadOnlyContext& ctx, Collector<int64_t>& out) {
    if (!ctx.Get(banned_).Contains(n)) out.Collect(n);
  }
  void ProcessBroadcastElement(int64_t n, Context& ctx, Collector<int64_t>&) { ctx.Get(banned_).Put(n, 1); }

 private:
  BroadcastState<int64_t, int64_t> banned_{this, "banned"};
};

TEST(BroadcastProcess, KeepsItsBroadcastStateOverARestore) {
  auto harness = HarnessOf<int64_t, int64_t>(
      [](auto numbers, auto bans) { return numbers.Connect(bans.Broadcast()).template Process<Filtered>(); });
  harness.Push1(1).Push1(2).Push2(2).SnapshotAndRestore().Push1(1).Push1(2);
  EXPECT_OK(harness.ExpectOutput({1, 2, 1}));
}

// Every element goes to a side output with its time; keys with timers only are no keys with state.
const OutputTag<std::string> kLog{"log"};
class Logged : public KeyedBroadcastProcessFunction<int64_t, SmallRow, SmallRow, int64_t> {
 public:
  void ProcessElement(const SmallRow& row, ReadOnlyContext& ctx, Collector<int64_t>&) {
    ctx.Output(kLog, "element " + std::to_string(row.value));
    if (row.value > 0) seen_.Update(row.value);
    ctx.timers().RegisterEventTime(ctx.timestamp() + Duration(100));
  }
  void ProcessBroadcastElement(const SmallRow& row, Context& ctx, Collector<int64_t>& out) {
    ctx.Output(kLog, "broadcast " + std::to_string(row.value));
    ctx.ApplyToKeyedState([&](int64_t key) { out.Collect(key); });
  }
  void OnTimer(Timestamp, OnTimerContext& ctx, Collector<int64_t>&) {
    ctx.Output(kLog, "timer of " + std::to_string(ctx.key()));
  }

 private:
  ValueState<int64_t> seen_{this, "seen"};
};

auto LoggedHarness() {
  return HarnessOf<SmallRow, SmallRow>([](auto rows, auto rules) {
    auto keys = rows.KeyBy(&SmallRow::key).Connect(rules.Broadcast()).template Process<Logged>();
    keys.GetSideOutput(kLog);
    return keys;
  });
}

TEST(KeyedBroadcastProcess, VisitsNoKeyThatHasTimersAlone) {
  auto harness = LoggedHarness();
  harness.Push1({1, 5}, 10).Push1({2, 0}, 10).Push2({0, 7}, 10);
  EXPECT_OK(harness.ExpectOutput({1}));
}

TEST(KeyedBroadcastProcess, ItsSideOutputsHaveTheElementsOfBothInputsBeforeTheirWatermark) {
  auto harness = LoggedHarness();
  harness.Watermark1(50);
  // One step: the broadcast element, then the watermark that passes its time.
  harness.PushElements2({StreamElement<SmallRow>::Record({0, 7}, 10), StreamElement<SmallRow>::Watermark(20)});
  std::vector<EventTime> marks;
  bool is_after_mark = false;
  while (BatchPtr batch = harness.driver().output(1).Take()) {
    for (const Mark& mark : batch->marks) marks.push_back(mark.watermark);
    is_after_mark |= batch->size > 0 && !marks.empty() && (batch->marks.empty() || batch->marks.front().row == 0);
  }
  EXPECT_EQ(marks, (std::vector<EventTime>{20}));
  EXPECT_FALSE(is_after_mark);
}

TEST(KeyedBroadcastProcess, FiresTimersOfItsKeys) {
  auto harness = LoggedHarness();
  harness.Push1({3, 1}, 10).Watermark1(110).Watermark2(110);
  EXPECT_OK(harness.ExpectSideOutput(kLog, {std::string("element 1"), std::string("timer of 3")}));
}

}  // namespace
}  // namespace weir
