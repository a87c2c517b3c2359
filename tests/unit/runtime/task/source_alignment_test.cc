// A source that keeps step with others: what it reports, when it pauses, when it goes on.
#include <gtest/gtest.h>

#include "weir/functions/watermark_strategy.h"
#include "weir/runtime/operators/source_operator.h"
#include "weir/testing.h"

#include "tests/harness/status_matchers.h"
#include "tests/unit/runtime/task/scripted_operator.h"

namespace weir {
namespace {

using namespace std::chrono_literals;

// Counts up in each of its splits, one row per read, in turn; without an end.
class CountingReader final : public SourceReader<SmallRow, int64_t> {
 public:
  CountingReader(bool can_pause, std::vector<uint32_t>* paused) : can_pause_(can_pause), paused_(paused) {}

  ReadResult Read(Batch<SmallRow>& into, Budget) override {
    for (size_t tried = 0; tried < splits_.size(); ++tried) {
      turn_ = (turn_ + 1) % splits_.size();
      const auto split = static_cast<uint32_t>(turn_);
      if (can_pause_ && std::find(paused_->begin(), paused_->end(), split) != paused_->end()) continue;
      into.Append() = {.key = static_cast<int64_t>(split), .value = splits_[split]++};
      return ReadResult::Progress(split);
    }
    return ReadResult::Idle();
  }
  Status AddSplits(std::vector<int64_t> splits) override {
    splits_.insert(splits_.end(), splits.begin(), splits.end());
    return OkStatus();
  }
  bool PauseSplits(const std::vector<uint32_t>& splits) override {
    *paused_ = splits;
    return can_pause_;
  }
  void NoMoreSplits() override {}
  std::vector<int64_t> Snapshot() override { return splits_; }
  bool WantsSplit() const override { return false; }

 private:
  const bool can_pause_;
  std::vector<uint32_t>* const paused_;
  std::vector<int64_t> splits_;  // the next number of each
  size_t turn_ = SIZE_MAX;       // split 0 comes next
};

class CountingFactory final : public SourceFactory {
 public:
  CountingFactory(bool can_pause, std::vector<uint32_t>* paused) : can_pause_(can_pause), paused_(paused) {}
  Boundedness boundedness() const override { return Boundedness::kContinuousUnbounded; }
  bool blocking() const override { return false; }
  StatusOr<std::unique_ptr<SplitEnumeratorBase>> CreateEnumerator(const std::string*) const override {
    return InternalError("tasks make no enumerators");
  }
  StatusOr<std::unique_ptr<SourceReaderBase>> CreateReader(const RuntimeContext&) const override {
    return std::unique_ptr<SourceReaderBase>(new CountingReader(can_pause_, paused_));
  }

 private:
  const bool can_pause_;
  std::vector<uint32_t>* const paused_;
};

class AlignedSource : public ::testing::Test {
 protected:
  // Splits that begin at these numbers; timestamps are the numbers, watermarks one behind.
  void Start(const std::vector<int64_t>& splits, bool can_pause = false, Duration idle_timeout = Duration(0)) {
    const auto strategy = WatermarkStrategy<SmallRow>::ForMonotonousTimestamps()
                              .WithTimestamps(&SmallRow::value)
                              .WithIdleness(idle_timeout)
                              .WithWatermarkAlignment("group", 100ms, 1s);
    TaskHarnessOptions options;
    options.is_source = true;
    options.operators = ChainOf({{.name = "replaced"}, {.name = "sink", .journal = &journal_}});
    options.operators[0].op =
        std::make_unique<SourceOperator>(std::make_shared<CountingFactory>(can_pause, &paused_), strategy.strategy());
    options.operators[0].inputs = 0;
    task_ = std::make_unique<TaskHarness>(std::move(options));
    task_->Step();
    std::vector<std::string> encoded;
    for (int64_t split : splits) encoded.push_back(EncodeToString(split));
    task_->task().AddSplits(encoded);
  }
  // Limits the source and lets it read as far as it may.
  void ReadUpTo(EventTime limit) {
    task_->task().SetWatermarkLimit(limit);
    EXPECT_EQ(task_->RunUntilIdle(), StepResult::kIdle);
  }
  EventTime watermark() const { return task_->task().statistics().watermark; }

  Journal journal_;
  std::vector<uint32_t> paused_;
  std::unique_ptr<TaskHarness> task_;
};

TEST_F(AlignedSource, ReportsAtOnceAndAfterEachInterval) {
  Start({0});
  ASSERT_EQ(task_->watermark_reports().size(), 1u);
  EXPECT_EQ(task_->watermark_reports()[0].group, "group");
  EXPECT_EQ(task_->watermark_reports()[0].max_drift_ms, 100);
  EXPECT_EQ(task_->watermark_reports()[0].watermark, kMinWatermark);
  ReadUpTo(20);
  task_->clock().Advance(999ms);
  task_->RunUntilIdle();
  EXPECT_EQ(task_->watermark_reports().size(), 1u);
  task_->clock().Advance(1ms);
  task_->RunUntilIdle();
  ASSERT_EQ(task_->watermark_reports().size(), 2u) << "also while it is paused";
  EXPECT_EQ(task_->watermark_reports()[1].watermark, 21);
}

TEST_F(AlignedSource, PausesAboveTheLimitAndGoesOnWhenItRises) {
  Start({0});
  ReadUpTo(20);
  EXPECT_EQ(watermark(), 21) << "the first one above the limit";
  ReadUpTo(20);
  EXPECT_EQ(watermark(), 21);
  ReadUpTo(50);
  EXPECT_EQ(watermark(), 51);
}

TEST_F(AlignedSource, WakesUpForItsNextReport) {
  Start({0});
  ReadUpTo(20);
  EXPECT_EQ(task_->task().wake_up(), task_->clock().WallMillis() + 1000);
}

TEST_F(AlignedSource, LeavesOutSingleSplitsIfTheReaderCan) {
  Start({0, 1000}, /*can_pause=*/true);
  ReadUpTo(20);
  EXPECT_EQ(paused_, (std::vector<uint32_t>{0, 1}));
  EXPECT_EQ(watermark(), 21);
  // The split at 1000 was read once, and then waited for the other.
  EXPECT_EQ(
      std::count_if(journal_.begin(), journal_.end(), [](const std::string& line) { return line.ends_with(" 1000"); }),
      1);
  EXPECT_FALSE(
      std::any_of(journal_.begin(), journal_.end(), [](const std::string& line) { return line.ends_with(" 1001"); }));
}

TEST_F(AlignedSource, ReadsAllSplitsWhileTheLowestIsNotTooFarIfTheReaderCannotPauseSome) {
  Start({0, 1000});
  ReadUpTo(20);
  EXPECT_EQ(watermark(), 21);
  EXPECT_TRUE(
      std::any_of(journal_.begin(), journal_.end(), [](const std::string& line) { return line.ends_with(" 1001"); }));
}

TEST_F(AlignedSource, IsNotIdleBecauseItWasPaused) {
  Start({0}, /*can_pause=*/false, /*idle_timeout=*/500ms);
  ReadUpTo(20);
  task_->clock().Advance(10s);
  task_->RunUntilIdle();
  EXPECT_EQ(task_->watermark_reports().back().watermark, 21);
  ReadUpTo(22);
  task_->clock().Advance(1s);
  task_->RunUntilIdle();
  EXPECT_EQ(task_->watermark_reports().back().watermark, 23);
}

}  // namespace
}  // namespace weir
