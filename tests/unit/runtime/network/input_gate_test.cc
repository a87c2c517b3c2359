#include "weir/runtime/network/input_gate.h"

#include <gtest/gtest.h>

#include "weir/base/execution/event_count.h"

#include "tests/harness/test_batches.h"

namespace weir {
namespace {

using Polled = InputGate::Polled;

// A gate over `channels` channels of SmallRow, and both sides of them.
class GateUnderTest {
 public:
  explicit GateUnderTest(uint32_t channels) {
    for (uint32_t i = 0; i < channels; ++i) channels_.push_back(std::make_shared<LocalChannel>());
    gate_ = std::make_unique<InputGate>(&BatchTypeOf<SmallRow>(), channels_, &self_);
  }

  GateUnderTest& Rows(uint32_t channel, const std::vector<SmallRow>& rows, const std::vector<Mark>& marks = {}) {
    channels_[channel]->Push({.batch = batches_.Make(rows, marks)});
    return *this;
  }
  GateUnderTest& Watermark(uint32_t channel, EventTime watermark) { return Rows(channel, {}, {Mark{0, watermark}}); }
  GateUnderTest& Event(uint32_t channel, StreamEvent::Kind kind) {
    channels_[channel]->Push({.event = {.kind = kind}});
    return *this;
  }
  GateUnderTest& End(uint32_t channel) { return Event(channel, StreamEvent::Kind::kEndOfData); }

  // Everything that the gate has to say now, in a word or two each.
  std::vector<std::string> PollAll() {
    std::vector<std::string> seen;
    while (true) {
      BatchBase* batch = nullptr;
      switch (gate_->Poll(batch)) {
        case Polled::kNothing:
          return seen;
        case Polled::kStatus:
          seen.push_back(gate_->idle() ? "idle" : "active");
          break;
        case Polled::kBarrier:
          seen.push_back("barrier of " + std::to_string(gate_->barrier().channel));
          break;
        case Polled::kFailed:
          seen.push_back("failed");
          break;
        case Polled::kEnd:
          seen.push_back("end");
          break;
        case Polled::kBatch:
          seen.push_back(Describe(*batch));
          Recycle(batch);
          break;
      }
    }
  }
  InputGate& gate() { return *gate_; }
  LocalChannel& channel(uint32_t i) { return *channels_[i]; }
  BatchMaker<SmallRow>& batches() { return batches_; }

 private:
  static std::string Describe(BatchBase& batch) {
    std::string text;
    for (const SmallRow& row : RowsOf<SmallRow>(batch)) text += (text.empty() ? "" : " ") + std::to_string(row.value);
    for (const Mark& mark : batch.marks) {
      text += (text.empty() ? "" : " ") + std::string("w") +
              (mark.watermark == kMaxWatermark ? "max" : std::to_string(mark.watermark)) + "@" +
              std::to_string(mark.row);
    }
    return text;
  }

  BatchMaker<SmallRow> batches_;
  EventCount self_;
  std::vector<std::shared_ptr<LocalChannel>> channels_;
  std::unique_ptr<InputGate> gate_;
};

using Seen = std::vector<std::string>;

TEST(InputGate, HasNothingToSayAtFirst) {
  GateUnderTest gate(2);
  EXPECT_FALSE(gate.gate().HasInput());
  EXPECT_EQ(gate.PollAll(), Seen{});
}

TEST(InputGate, HandsOverWholeBatches) {
  GateUnderTest gate(1);
  gate.Rows(0, {{.value = 1}, {.value = 2}});
  EXPECT_TRUE(gate.gate().HasInput());
  EXPECT_EQ(gate.PollAll(), Seen{"1 2"});
}

TEST(InputGate, TakesChannelsInTurn) {
  GateUnderTest gate(2);
  gate.Rows(0, {{.value = 1}}).Rows(0, {{.value = 2}}).Rows(1, {{.value = 10}}).Rows(1, {{.value = 20}});
  EXPECT_EQ(gate.PollAll(), (Seen{"1", "10", "2", "20"}));
}

TEST(InputGate, ShowsOnlyTheRowsOfASharedBatchThatAreItsOwn) {
  GateUnderTest gate(1);
  BatchBase* const shared = gate.batches().Make({{.value = 1}, {.value = 2}, {.value = 3}});
  shared->readers.store(2);
  uint16_t mine[] = {0, 2};
  gate.channel(0).Push({.batch = shared, .selection = mine, .count = 2});
  EXPECT_EQ(gate.PollAll(), Seen{"1 3"});
  EXPECT_EQ(shared->readers.load(), 1u) << "the view gave up its reader of the shared batch";
  Recycle(shared);
}

TEST(InputGate, DropsASharedBatchWithoutRowsOrMarksOfItsOwn) {
  GateUnderTest gate(1);
  BatchBase* const shared = gate.batches().Make({{.value = 1}});
  shared->readers.store(2);
  uint16_t none[1] = {};
  gate.channel(0).Push({.batch = shared, .selection = none, .count = 0});
  EXPECT_EQ(gate.PollAll(), Seen{});
  EXPECT_EQ(shared->readers.load(), 1u);
  Recycle(shared);
}

TEST(InputGate, MergesTheMarksOfOneViewWithoutTouchingTheSharedBatch) {
  GateUnderTest gate(2);
  gate.Watermark(1, 3);
  gate.PollAll();
  BatchBase* const shared = gate.batches().Make({{.value = 1}, {.value = 2}}, {Mark{1, 10}});
  shared->readers.store(2);
  uint16_t mine[] = {1};
  gate.channel(0).Push({.batch = shared, .selection = mine, .count = 1});
  EXPECT_EQ(gate.PollAll(), Seen{"2 w3@1"});
  EXPECT_EQ(MarksOf(*shared), std::vector<EventTime>{10}) << "the other channel still reads it";
  Recycle(shared);
}

TEST(InputGate, ItsViewsDoNotInheritTheRoutesOfAWatermarkOnItsOwn) {
  // Both come from the gate's pool. A partitioner behind the gate writes as many routes as a batch has rows: none for the watermark, many for the view.
  GateUnderTest gate(1);
  BatchPoolHandle views(&BatchTypeOf<SmallRow>());
  BatchBase* const watermark = views->GetEmpty();
  watermark->UseRoutes();
  Recycle(watermark);
  uint16_t mine[] = {0};
  BatchBase* const view = views->GetView(gate.batches().Make({{.value = 1}}), mine, 1);
  ASSERT_EQ(view, watermark) << "the same object again";
  EXPECT_EQ(view->routes, nullptr);
  Recycle(view);
}

TEST(InputGate, LeavesOutMarksThatDoNotAdvanceTheInput) {
  GateUnderTest gate(2);
  gate.Rows(0, {{.value = 1}}, {Mark{1, 10}});
  EXPECT_EQ(gate.PollAll(), Seen{"1"});
}

TEST(InputGate, PutsTheMergedWatermarkWhereTheSlowChannelAdvanced) {
  GateUnderTest gate(2);
  gate.Rows(0, {{.value = 1}}, {Mark{1, 10}});
  gate.PollAll();
  gate.Rows(1, {{.value = 2}, {.value = 3}}, {Mark{1, 7}, Mark{2, 20}});
  EXPECT_EQ(gate.PollAll(), Seen{"2 3 w7@1 w10@2"});
}

TEST(InputGate, SwallowsABatchWhoseOnlyMarkSaysNothingNew) {
  GateUnderTest gate(2);
  gate.Watermark(0, 10);
  EXPECT_EQ(gate.PollAll(), Seen{});
}

TEST(InputGate, LooksBehindWhatSaysNothingToTheTask) {
  for (const uint32_t channels : {1u, 2u}) {
    GateUnderTest gate(channels);
    for (uint32_t channel = 0; channel < channels; ++channel) gate.Watermark(channel, 5);
    EXPECT_EQ(gate.PollAll(), (Seen{"w5@0"}));
    for (int i = 0; i < 5; ++i) gate.Watermark(0, 5);
    gate.Rows(0, {{.value = 1}});
    EXPECT_EQ(gate.PollAll(), (Seen{"1"})) << channels << " channels";
    EXPECT_FALSE(gate.gate().HasInput());
  }
}

TEST(InputGate, LetsTimeGoOnWhenTheSlowestChannelEnds) {
  GateUnderTest gate(2);
  gate.Watermark(0, 10).End(1);
  EXPECT_EQ(gate.PollAll(), Seen{"w10@0"});
}

TEST(InputGate, LetsTimeGoOnWhenTheSlowestChannelBecomesIdle) {
  GateUnderTest gate(2);
  gate.Watermark(0, 10).Event(1, StreamEvent::Kind::kIdle);
  EXPECT_EQ(gate.PollAll(), Seen{"w10@0"});
}

TEST(InputGate, BecomesIdleWhenAllChannelsAreAndActiveAgainWithTheFirst) {
  GateUnderTest gate(2);
  gate.Event(0, StreamEvent::Kind::kIdle).Event(1, StreamEvent::Kind::kIdle);
  EXPECT_EQ(gate.PollAll(), Seen{"idle"});
  EXPECT_TRUE(gate.gate().idle());
  gate.Event(1, StreamEvent::Kind::kActive);
  EXPECT_EQ(gate.PollAll(), Seen{"active"});
}

TEST(InputGate, ReportsTheEndOnceAfterAllChannelsHaveEnded) {
  GateUnderTest gate(2);
  gate.End(0);
  EXPECT_EQ(gate.PollAll(), Seen{});
  gate.Rows(1, {{.value = 1}}).End(1);
  EXPECT_EQ(gate.PollAll(), (Seen{"1", "wmax@0", "end"}));
  EXPECT_TRUE(gate.gate().ended());
  EXPECT_EQ(gate.PollAll(), Seen{});
}

TEST(InputGate, PassesOverABlockedChannelUntilItIsUnblocked) {
  GateUnderTest gate(2);
  gate.Event(0, StreamEvent::Kind::kBarrier).Rows(0, {{.value = 1}}).Rows(1, {{.value = 2}});
  BatchBase* none = nullptr;
  ASSERT_EQ(gate.gate().Poll(none), Polled::kBarrier);
  gate.gate().Block(0);
  EXPECT_EQ(gate.PollAll(), Seen{"2"});
  EXPECT_FALSE(gate.gate().HasInput());
  gate.gate().UnblockAll();
  EXPECT_EQ(gate.PollAll(), Seen{"1"});
}

TEST(InputGate, TellsOnceWhichChannelsHaveEnded) {
  GateUnderTest gate(3);
  gate.End(2).End(0);
  gate.PollAll();
  EXPECT_EQ(gate.gate().TakeEnded(), (std::vector<uint32_t>{0, 2}));
  EXPECT_TRUE(gate.gate().TakeEnded().empty());
}

TEST(InputGate, HasNothingToCaptureOfAChannelWhoseEndItHasRead) {
  GateUnderTest gate(2);
  gate.Rows(0, {{.value = 1}}).End(0);
  gate.PollAll();
  gate.gate().BeginCapture(0, 7);
  EXPECT_TRUE(gate.gate().AdvanceCapture());
  EXPECT_TRUE(gate.gate().EndCapture().empty());
}

TEST(InputGate, SaysThatItHasInputUntilItsEndWasReported) {
  GateUnderTest gate(1);
  gate.Watermark(0, kMaxWatermark).End(0);
  EXPECT_TRUE(gate.gate().HasInput());
  gate.PollAll();
  EXPECT_FALSE(gate.gate().HasInput());
}

}  // namespace
}  // namespace weir
