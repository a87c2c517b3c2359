#include "weir/runtime/checkpoint/barrier_aligner.h"

#include <gtest/gtest.h>

#include <string>
#include <utility>
#include <vector>

#include "weir/base/random.h"

namespace weir {
namespace {

constexpr AlignmentMode kExactlyOnce = AlignmentMode::kExactlyOnce;
constexpr AlignmentMode kAtLeastOnce = AlignmentMode::kAtLeastOnce;

// "blocks", "aligned 3", "aborted 2", in this order; "" if nothing follows.
std::string Text(const BarrierOutcome& outcome) {
  std::string text;
  const auto add = [&](const std::string& word) { text += (text.empty() ? "" : " ") + word; };
  if (outcome.blocks) add("blocks");
  if (!outcome.aborted.IsNone()) add("aborted " + outcome.aborted.ToString());
  if (!outcome.aligned.IsNone()) add("aligned " + outcome.aligned.ToString());
  for (const uint32_t channel : outcome.overtaken) add("overtakes " + std::to_string(channel));
  return text;
}

class Task {
 public:
  explicit Task(uint32_t channels, AlignmentMode mode = kExactlyOnce) : aligner_(channels, mode) {}
  explicit Task(std::vector<bool> may_overtake) : aligner_(std::move(may_overtake), kExactlyOnce) {}
  std::string Overtake(int64_t id) { return Text(aligner_.OnOvertake(CheckpointId(id))); }
  std::string Barrier(uint32_t channel, int64_t id) { return Text(aligner_.OnBarrier(channel, CheckpointId(id))); }
  std::string End(uint32_t channel) { return Text(aligner_.OnChannelEnd(channel)); }
  std::string Trigger(int64_t id) { return Text(aligner_.OnTriggered(CheckpointId(id))); }
  std::string Abort(int64_t id) { return Text(aligner_.OnAborted(CheckpointId(id))); }

 private:
  BarrierAligner aligner_;
};

TEST(BarrierAligner, AlignsAtOnceWithOneChannel) { EXPECT_EQ(Task(1).Barrier(0, 1), "aligned 1"); }

TEST(BarrierAligner, OneThatOvertakesWaitsForNoChannelThatItMayOvertake) {  // I3
  Task task({true, true, true});
  EXPECT_EQ(task.Barrier(1, 4), "blocks");
  EXPECT_EQ(task.Overtake(4), "aligned 4 overtakes 0 overtakes 2");
  EXPECT_EQ(task.Barrier(0, 4), "");
  EXPECT_EQ(task.Overtake(4), "");
}

TEST(BarrierAligner, OneThatOvertakesMayBeHeardOfBeforeAnyBarrier) {
  Task task({true, true});
  EXPECT_EQ(task.Overtake(4), "aligned 4 overtakes 0 overtakes 1");
}

TEST(BarrierAligner, WhereItMustNotOvertakeItIsWaitedFor) {
  Task task({true, false, false});
  EXPECT_EQ(task.Overtake(4), "");
  EXPECT_EQ(task.Barrier(1, 4), "blocks");
  EXPECT_EQ(task.End(2), "aligned 4 overtakes 0");
}

TEST(BarrierAligner, OneThatOvertakesGivesUpTheOlder) {  // I2
  Task task({true, false});
  EXPECT_EQ(task.Barrier(0, 4), "blocks");
  EXPECT_EQ(task.Overtake(5), "aborted 4");
  EXPECT_EQ(task.Overtake(4), "");
  EXPECT_EQ(task.Barrier(1, 5), "aligned 5 overtakes 0");
}

TEST(BarrierAligner, WhatHasAlignedInTimeOvertakesNothing) {
  Task task({true, true});
  EXPECT_EQ(task.Barrier(0, 4), "blocks");
  EXPECT_EQ(task.Barrier(1, 4), "aligned 4");
  EXPECT_EQ(task.Overtake(4), "");
}

TEST(BarrierAligner, BlocksEveryChannelUntilTheLastHasDelivered) {  // I3
  Task task(3);
  EXPECT_EQ(task.Barrier(2, 1), "blocks");
  EXPECT_EQ(task.Barrier(0, 1), "blocks");
  EXPECT_EQ(task.Barrier(1, 1), "aligned 1");
}

TEST(BarrierAligner, BlocksNothingAtLeastOnce) {  // I3
  Task task(2, kAtLeastOnce);
  EXPECT_EQ(task.Barrier(0, 1), "");
  EXPECT_EQ(task.Barrier(0, 2), "");
  EXPECT_EQ(task.Barrier(1, 1), "aligned 1");
  EXPECT_EQ(task.Barrier(1, 2), "aligned 2");
}

TEST(BarrierAligner, DropsABarrierThatIsNotAboveTheLast) {  // I2
  Task task(2);
  task.Barrier(0, 5);
  task.Barrier(1, 5);
  EXPECT_EQ(task.Barrier(0, 5), "");
  EXPECT_EQ(task.Barrier(1, 4), "");
}

TEST(BarrierAligner, GivesUpAnOlderCheckpointForANewerBarrier) {  // I2
  Task task(2);
  EXPECT_EQ(task.Barrier(0, 1), "blocks");
  EXPECT_EQ(task.Barrier(1, 2), "blocks aborted 1");
  EXPECT_EQ(task.Barrier(0, 2), "aligned 2");
}

TEST(BarrierAligner, DropsTheLateBarrierOfACheckpointThatANewerOneGaveUp) {  // I2
  Task task(3);
  task.Barrier(0, 1);
  task.Barrier(1, 2);
  EXPECT_EQ(task.Barrier(2, 1), "");
  EXPECT_EQ(task.Barrier(2, 2), "blocks");
  EXPECT_EQ(task.Barrier(0, 2), "aligned 2");
}

TEST(BarrierAligner, CountsAnEndedChannelAsHavingDelivered) {
  Task task(2);
  EXPECT_EQ(task.End(0), "");
  EXPECT_EQ(task.Barrier(1, 1), "aligned 1");
}

TEST(BarrierAligner, AlignsWhenTheLastMissingChannelEnds) {
  Task task(2);
  EXPECT_EQ(task.Barrier(1, 1), "blocks");
  EXPECT_EQ(task.End(0), "aligned 1");
}

TEST(BarrierAligner, TakesTheCoordinatorsWordWhereThereIsNoOpenChannel) {
  EXPECT_EQ(Task(0).Trigger(1), "aligned 1");
  Task task(1);
  EXPECT_EQ(task.Trigger(1), "");
  EXPECT_EQ(task.End(0), "aligned 1");
  EXPECT_EQ(task.Trigger(2), "aligned 2");
  EXPECT_EQ(task.Trigger(2), "");  // I2: doubled
}

TEST(BarrierAligner, FreesTheChannelsOfAnAbortedCheckpointAndDropsItsBarriers) {
  Task task(2);
  task.Barrier(0, 1);
  EXPECT_EQ(task.Abort(1), "aborted 1");
  EXPECT_EQ(task.Barrier(1, 1), "");
  EXPECT_EQ(task.Barrier(1, 2), "blocks");
}

TEST(BarrierAligner, AnAbortTouchesNoOlderCheckpoint) {  // one that was taken beside it
  Task task(2);
  EXPECT_EQ(task.Barrier(0, 1), "blocks");
  EXPECT_EQ(task.Abort(2), "");
  EXPECT_EQ(task.Barrier(1, 1), "aligned 1");
  EXPECT_EQ(task.Barrier(0, 2), "");
  EXPECT_EQ(task.Barrier(0, 3), "blocks");
  EXPECT_EQ(task.Barrier(1, 2), "");
  EXPECT_EQ(task.Barrier(1, 3), "aligned 3");
}

TEST(BarrierAligner, AnAbortedCheckpointIsNotOvertakenEither) {
  Task task({true, true});
  task.Abort(2);
  EXPECT_EQ(task.Overtake(2), "");
  EXPECT_EQ(task.Overtake(1), "aligned 1 overtakes 0 overtakes 1");
}

TEST(BarrierAligner, IgnoresACheckpointThatWasAbortedBeforeItsTriggerCame) {
  Task task(0);
  EXPECT_EQ(task.Abort(3), "");
  EXPECT_EQ(task.Trigger(3), "");
  EXPECT_EQ(task.Trigger(4), "aligned 4");
}

TEST(BarrierAligner, EndsWithEveryCheckpointAlignedOrGivenUpWhateverTheOrder) {  // I2, I3
  for (uint64_t seed = 0; seed < 500; ++seed) {
    SCOPED_TRACE("seed " + std::to_string(seed));
    SeededRandom random(seed);
    const uint32_t channels = 1 + static_cast<uint32_t>(random.Uniform(4));
    const AlignmentMode mode = random.Uniform(2) == 0 ? kExactlyOnce : kAtLeastOnce;
    BarrierAligner aligner(channels, mode);
    constexpr int64_t kCheckpoints = 6;
    std::vector<int64_t> sent(channels, 0);
    std::vector<bool> blocked(channels, false);
    int64_t last_aligned = 0;
    while (true) {
      std::vector<uint32_t> ready;
      for (uint32_t channel = 0; channel < channels; ++channel) {
        if (!blocked[channel] && sent[channel] < kCheckpoints) ready.push_back(channel);
      }
      if (ready.empty()) break;
      const uint32_t channel = ready[random.Uniform(ready.size())];
      const BarrierOutcome outcome = aligner.OnBarrier(channel, CheckpointId(++sent[channel]));
      if (outcome.blocks) blocked[channel] = true;
      ASSERT_TRUE(outcome.aborted.IsNone());  // every channel delivers every barrier
      if (outcome.aligned.IsNone()) continue;
      ASSERT_EQ(outcome.aligned.value(), ++last_aligned);
      for (uint32_t other = 0; other < channels; ++other) {
        ASSERT_GE(sent[other], last_aligned);
        if (mode == kExactlyOnce) {
          ASSERT_EQ(sent[other], last_aligned);
        }
      }
      blocked.assign(channels, false);
    }
    EXPECT_EQ(last_aligned, kCheckpoints);
  }
}

}  // namespace
}  // namespace weir
