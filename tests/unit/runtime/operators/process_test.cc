#include "weir/runtime/operators/process.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "weir/testing.h"

#include "tests/harness/status_matchers.h"
#include "tests/harness/test_batches.h"

namespace weir {
namespace {

const OutputTag<std::string_view> kOdd("odd");

// Even numbers go on with what the context says of them, odd ones to the side.
class Sorter : public ProcessFunction<int64_t, std::string> {
 public:
  explicit Sorter(std::string prefix) : prefix_(std::move(prefix)) {}
  void ProcessElement(int64_t n, Context& ctx, Collector<std::string>& out) {
    if (n % 2 != 0) {
      const std::string text = "odd " + std::to_string(n);
      static const std::string kKept = "odd";
      ctx.Output(kOdd, kKept);
      return;
    }
    out.Collect(prefix_ + std::to_string(n) +
                (ctx.has_timestamp() ? " at " + Printed(ToEventTime(ctx.timestamp())) : "") +
                (ctx.watermark() == kMinWatermark ? "" : " after " + Printed(ctx.watermark())));
  }

 private:
  const std::string prefix_;
};

auto SorterHarness(HarnessOptions options = {}) {
  return HarnessOf<int64_t>(
      [](auto in) {
        auto sorted = in.template Process<Sorter>(std::string("even "));
        sorted.GetSideOutput(kOdd);
        return sorted;
      },
      options);
}

TEST(ProcessOperator, BuildsTheFunctionFromItsArguments) {
  auto harness = SorterHarness();
  harness.Push(2);
  EXPECT_OK(harness.ExpectOutput({"even 2"}));
}

TEST(ProcessOperator, TellsTheFunctionTimeAndWatermark) {
  auto harness = SorterHarness();
  harness.Push(2, 20).Watermark(15).Push(4, 40);
  EXPECT_OK(harness.ExpectOutput({"even 2 at 20", "even 4 at 40 after 15"}));
}

TEST(ProcessOperator, TellsWatermarksInsideABatch) {
  using Element = StreamElement<int64_t>;
  auto harness = SorterHarness();
  harness.PushElements({Element::Record(2, 20), Element::Watermark(15), Element::Record(4, 40)});
  EXPECT_OK(harness.ExpectOutput({"even 2 at 20", "even 4 at 40 after 15"}));
}

TEST(ProcessOperator, ForgetsTheTimeOfTheRecordBefore) {
  auto harness = SorterHarness();
  harness.Push(2, 20).Push(4);
  const auto elements = harness.TakeElements();
  ASSERT_EQ(elements.size(), 2u);
  EXPECT_EQ(elements[1].record, "even 4");
  EXPECT_EQ(elements[1].time, kNoEventTime);
}

TEST(ProcessOperator, SendsToASideOutput) {
  auto harness = SorterHarness();
  harness.PushBatch({1, 2, 3});
  EXPECT_OK(harness.ExpectOutput({"even 2"}));
  EXPECT_OK(harness.ExpectSideOutput<std::string_view>(kOdd, {"odd", "odd"}));
}

TEST(ProcessOperator, DropsWhatNobodyReadsOnTheSide) {
  auto harness = HarnessOf<int64_t>([](auto in) { return in.template Process<Sorter>(std::string("even ")); });
  harness.PushBatch({1, 2});
  EXPECT_OK(harness.ExpectOutput({"even 2"}));
}

TEST(ProcessOperator, WatermarksReachTheSideOutputs) {
  auto harness = SorterHarness();
  harness.Watermark(15);
  const BatchPtr batch = harness.driver().output(1).Take();
  ASSERT_NE(batch, nullptr);
  EXPECT_EQ(MarksOf(*batch), std::vector<EventTime>{15});
}

// Says in its accumulators what was called.
class Witness : public ProcessFunction<int64_t, int64_t> {
 public:
  void Open(RuntimeContext& context) {
    context_ = &context;
    context.accumulator("opened").Add(1);
  }
  Status Close() {
    context_->accumulator("closed").Add(1);
    return OkStatus();
  }
  void ProcessElement(int64_t n, Context&, Collector<int64_t>&) {
    context_->accumulator("seen").Add(1);
    kept_.Add(n);
    if (n < 0) throw std::invalid_argument("negative");
  }

 private:
  RuntimeContext* context_ = nullptr;
  OperatorListState<int64_t> kept_{this, "kept"};
};

TEST(ProcessOperator, OpensAndClosesTheFunctionOnce) {
  auto harness = HarnessOf<int64_t>([](auto in) { return in.template Process<Witness>(); });
  harness.Push(1).Push(2).Close();
  EXPECT_EQ(harness.accumulators().Snapshot(),
            (std::vector<std::pair<std::string, int64_t>>{{"opened", 1}, {"seen", 2}, {"closed", 1}}));
}

TEST(ProcessOperator, StopsAtTheFirstException) {
  auto harness = HarnessOf<int64_t>([](auto in) { return in.template Process<Witness>(); });
  harness.Push(-1).Push(2);
  EXPECT_TRUE(IsError(harness.status(), StatusCode::kUnknown, "std::invalid_argument: negative"));
  EXPECT_EQ(harness.accumulators().Get("seen").value(), 1);
}

// Remembers everything in list state and says what it has.
class Remember : public ProcessFunction<int64_t, std::vector<int64_t>> {
 public:
  void ProcessElement(int64_t n, Context&, Collector<std::vector<int64_t>>& out) {
    all_.Add(n);
    out.Collect(all_.Get());
  }

 private:
  OperatorListState<int64_t> all_{this, "all"};
};

TEST(ProcessOperator, RestoresItsListState) {
  const auto make = [](HarnessOptions options) {
    return HarnessOf<int64_t>([](auto in) { return in.template Process<Remember>(); }, options);
  };
  using Element = StreamElement<int64_t>;
  EXPECT_OK(CheckSameResults(make, std::vector<Element>{Element::Record(1), Element::Record(2), Element::Record(3)}));
}

// First flights to each destination, as the example counts them: value and map state.
class Distinct : public KeyedProcessFunction<int64_t, TextRow, std::string> {
 public:
  void ProcessElement(const TextRow& row, Context& ctx, Collector<std::string>& out) {
    if (seen_.Contains(row.text)) return;
    seen_.Put(row.text, row.key);
    count_.Update(count_.ValueOr(0) + 1);
    out.Collect(std::to_string(ctx.key()) + ": " + std::to_string(count_.ValueOr(0)) + " " + std::string(row.text));
  }

 private:
  ValueState<int64_t> count_{this, "count"};
  MapState<std::string, int64_t> seen_{this, "seen"};
};

std::vector<StreamElement<TextRow>> SomeTrips() {
  std::vector<StreamElement<TextRow>> trips;
  const char* const places[] = {"JFK", "LAX", "JFK", "a place with a long name", "ORD", "LAX"};
  for (int64_t i = 0; i < 60; ++i)
    trips.push_back(StreamElement<TextRow>::Record({.key = i % 7, .text = places[i % 6]}));
  return trips;
}

TEST(KeyedProcessOperator, KeepsStatePerKeyHoweverItIsFedRestoredAndRescaled) {
  const auto make = [](HarnessOptions options) {
    return HarnessOf<TextRow>([](auto in) { return in.KeyBy(&TextRow::key).template Process<Distinct>(); }, options);
  };
  auto harness = make({});
  harness.Push({1, "JFK"}).Push({2, "JFK"}).Push({1, "JFK"}).Push({1, "LAX"});
  EXPECT_OK(harness.ExpectOutput({"1: 1 JFK", "2: 1 JFK", "1: 2 LAX"}));
  EXPECT_OK(CheckSameResults(make, SomeTrips()));
  EXPECT_OK(CheckRescaling(make, SomeTrips()));
}

// Counts to three, then forgets the key.
class ToThree : public KeyedProcessFunction<std::string, TextRow, std::string> {
 public:
  void ProcessElement(const TextRow&, Context& ctx, Collector<std::string>& out) {
    if (count_.ValueOr(0) == 2) {
      count_.Clear();
      out.Collect(std::string(ctx.key()));
    } else {
      count_.Update(count_.ValueOr(0) + 1);
    }
  }

 private:
  ValueState<int64_t> count_{this, "count"};
};

TEST(KeyedProcessOperator, ForgetsAKeyWhoseStateWasCleared) {
  const auto make = [](HarnessOptions options) {
    return HarnessOf<TextRow>([](auto in) { return in.KeyBy(&TextRow::text).template Process<ToThree>(); }, options);
  };
  auto harness = make({});
  const size_t empty = harness.Snapshot().value().size();
  harness.Push({.text = "x"}).Push({.text = "x"});
  EXPECT_GT(harness.Snapshot().value().size(), empty);
  harness.Push({.text = "x"});
  EXPECT_OK(harness.ExpectOutput({"x"}));
  EXPECT_EQ(harness.Snapshot().value().size(), empty);
  EXPECT_OK(CheckSameResults(make, SomeTrips()));
}

// Touches its state where there is no key; with one small state alone, or with others.
template <bool kAlone>
class Astray : public KeyedProcessFunction<std::string_view, TextRow, std::string> {
 public:
  explicit Astray(std::string_view where) : where_(where) { TouchIn("constructor"); }
  void Open(RuntimeContext&) { TouchIn("Open"); }
  void InitializeState(RuntimeContext&) { TouchIn("InitializeState"); }
  void SnapshotState(int64_t) { TouchIn("SnapshotState"); }
  void NotifyCheckpointComplete(int64_t) { TouchIn("NotifyCheckpointComplete"); }
  void ProcessElement(const TextRow&, Context&, Collector<std::string>&) {
    count_.Update([](int64_t n) { return n + 1; });
  }

 private:
  struct Nothing {
    Nothing(StatefulFunction*, std::string_view) {}
  };
  void TouchIn(std::string_view here) {
    if (where_ == here) count_.Update(count_.Value() + 1);
  }
  const std::string where_;
  ValueState<int64_t> count_{this, "count"};
  [[no_unique_address]] std::conditional_t<kAlone, Nothing, ListState<int64_t>> others_{this, "others"};
};

template <bool kAlone>
Status StatusOfOneAstray(std::string_view where, const std::string& backend) {
  auto harness = HarnessOf<TextRow>(
      [where](auto in) { return in.KeyBy(&TextRow::text).template Process<Astray<kAlone>>(std::string(where)); },
      {.state_backend = backend});
  harness.Push({.text = "x"}).Push({.text = "x"});
  (void)harness.Snapshot();
  return harness.status();
}

TEST(KeyedProcessOperator, SaysWhichStateIsUsedWhereThereIsNoKey) {
  for (const std::string backend : {"hashmap", "rocksdb"}) {
    EXPECT_OK(StatusOfOneAstray<true>("nowhere", backend));
    for (const std::string_view where : {"Open", "InitializeState", "SnapshotState"}) {
      for (const Status& status : {StatusOfOneAstray<true>(where, backend), StatusOfOneAstray<false>(where, backend)}) {
        EXPECT_EQ(status.code(), StatusCode::kFailedPrecondition) << where;
        EXPECT_THAT(std::string(status.message()), testing::HasSubstr("state \"count\" was used where there is no key"))
            << where;
      }
    }
  }
}

}  // namespace
}  // namespace weir
