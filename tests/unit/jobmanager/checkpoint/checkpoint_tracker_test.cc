#include "weir/jobmanager/checkpoint/checkpoint_tracker.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace weir {
namespace {

using ::testing::ElementsAre;

// A source of two subtasks and a sink of one.
class CheckpointTrackerTest : public ::testing::Test {
 public:
  CheckpointTrackerTest() {
    auto graph = std::make_shared<JobGraph>();
    graph->vertices.resize(2);
    graph->vertices[0].name = "source";
    graph->vertices[0].parallelism = 2;
    graph->vertices[1].name = "sink";
    graph_ = graph;
  }
  void Begin(CheckpointTracker& tracker, int64_t id, SnapshotKind kind = SnapshotKind::kCheckpoint) {
    tracker.Began(CheckpointId(id), kind, {{0, 0}, {0, 1}, {1, 0}}, 1000);
  }
  // All three subtasks, at 1100, 1200 and 1300.
  void AcknowledgeAll(CheckpointTracker& tracker, int64_t id, int64_t bytes) {
    tracker.Acknowledged(CheckpointId(id), {0, 0}, {.checkpointed_bytes = 1}, bytes, 1100);
    tracker.Acknowledged(CheckpointId(id), {0, 1}, {.checkpointed_bytes = 2}, bytes, 1200);
    tracker.Acknowledged(CheckpointId(id), {1, 0}, {.processed_bytes = 5, .persisted_bytes = 9}, 0, 1300);
  }
  void Complete(CheckpointTracker& tracker, int64_t id, int64_t bytes = 10) {
    Begin(tracker, id);
    AcknowledgeAll(tracker, id, bytes);
    tracker.Completed(CheckpointId(id), "/chk-" + std::to_string(id), 1400);
  }
  std::vector<int64_t> History(const CheckpointTracker& tracker) {
    std::vector<int64_t> ids;
    for (const auto& record : tracker.Statistics()->history) ids.push_back(record->id.value());
    return ids;
  }

  std::shared_ptr<const JobGraph> graph_;
};

TEST_F(CheckpointTrackerTest, ACheckpointIsSummedUpOverItsSubtasks) {
  CheckpointTracker tracker(graph_, 10, /*is_unaligned=*/false);
  Complete(tracker, 1);
  const auto record = tracker.Statistics()->latest_completed;
  ASSERT_NE(record, nullptr);
  EXPECT_EQ(record->status, CheckpointStatus::kCompleted);
  EXPECT_EQ(record->path, "/chk-1");
  EXPECT_EQ(record->totals.subtasks, 3);
  EXPECT_EQ(record->totals.acknowledged, 3);
  EXPECT_EQ(record->totals.duration_ms, 300);
  EXPECT_EQ(record->totals.state_bytes, 20);
  EXPECT_EQ(record->totals.checkpointed_bytes, 3);
  EXPECT_EQ(record->totals.processed_bytes, 5);
  EXPECT_EQ(record->totals.persisted_bytes, 9);
  EXPECT_EQ(record->vertices[0].Totals().latest_ack_ms, 1200);
  EXPECT_EQ(record->vertices[0].name, "source");
}

TEST_F(CheckpointTrackerTest, OneUnderWayIsShownWithWhatHasCome) {
  CheckpointTracker tracker(graph_, 10, false);
  Begin(tracker, 1);
  tracker.Acknowledged(CheckpointId(1), {0, 1}, {}, 4, 1250);
  const auto statistics = tracker.Statistics();
  EXPECT_EQ(statistics->counts.in_progress, 1);
  EXPECT_EQ(statistics->history.at(0)->status, CheckpointStatus::kInProgress);
  EXPECT_EQ(statistics->history[0]->totals.acknowledged, 1);
  EXPECT_FALSE(statistics->history[0]->vertices[0].subtasks[0].is_acknowledged);
}

TEST_F(CheckpointTrackerTest, SubtasksThatHaveFinishedCountAsAcknowledged) {
  CheckpointTracker tracker(graph_, 10, false);
  tracker.Began(CheckpointId(1), SnapshotKind::kCheckpoint, {{1, 0}}, 1000);
  EXPECT_EQ(tracker.Statistics()->history.at(0)->totals.acknowledged, 2);
  tracker.Finished(CheckpointId(1), {1, 0});
  EXPECT_EQ(tracker.Statistics()->history.at(0)->totals.acknowledged, 3);
}

TEST_F(CheckpointTrackerTest, TheHistoryKeepsTheNewestAndAllThatAreUnderWay) {
  CheckpointTracker tracker(graph_, 2, false);
  for (int64_t id = 1; id <= 3; ++id) Complete(tracker, id);
  EXPECT_THAT(History(tracker), ElementsAre(3, 2));
  Begin(tracker, 4);
  EXPECT_THAT(History(tracker), ElementsAre(4, 3));
  EXPECT_EQ(tracker.Statistics()->counts.completed, 3);
  EXPECT_EQ(tracker.Statistics()->counts.total, 4);
}

TEST_F(CheckpointTrackerTest, AFailureKeepsItsReason) {
  CheckpointTracker tracker(graph_, 10, false);
  Begin(tracker, 1);
  tracker.Failed(CheckpointId(1), DataLossError("disk full"), 1500);
  const auto statistics = tracker.Statistics();
  EXPECT_EQ(statistics->latest_failed->failure, "disk full");
  EXPECT_EQ(statistics->latest_failed->end_time_ms, 1500);
  EXPECT_EQ(statistics->counts.failed, 1);
  EXPECT_EQ(statistics->latest_completed, nullptr);
}

TEST_F(CheckpointTrackerTest, WhatComesAfterTheEndChangesNothing) {
  CheckpointTracker tracker(graph_, 10, false);
  Complete(tracker, 1);
  const auto before = tracker.Statistics();
  tracker.Acknowledged(CheckpointId(1), {0, 0}, {}, 99, 9000);
  tracker.Failed(CheckpointId(1), AbortedError("late"), 9000);
  EXPECT_EQ(tracker.Statistics(), before);
}

TEST_F(CheckpointTrackerTest, SavepointsAndRestoresAreToldApart) {
  CheckpointTracker tracker(graph_, 10, /*is_unaligned=*/true);
  Begin(tracker, 1, SnapshotKind::kSavepoint);
  EXPECT_FALSE(tracker.Statistics()->history.at(0)->is_unaligned);  // savepoints always align
  AcknowledgeAll(tracker, 1, 1);
  tracker.Completed(CheckpointId(1), "/savepoint-x", 1400);
  tracker.Restored({.id = CheckpointId(1), .kind = SnapshotKind::kSavepoint, .time_ms = 7, .path = "/savepoint-x"});
  const auto statistics = tracker.Statistics();
  EXPECT_EQ(statistics->latest_completed, nullptr);
  EXPECT_EQ(statistics->latest_savepoint->path, "/savepoint-x");
  EXPECT_EQ(statistics->latest_restored->time_ms, 7);
  EXPECT_EQ(statistics->counts.restored, 1);
}

TEST_F(CheckpointTrackerTest, ADeletedOneSaysSo) {
  CheckpointTracker tracker(graph_, 10, false);
  Complete(tracker, 1);
  tracker.Discarded(CheckpointId(1));
  EXPECT_TRUE(tracker.Statistics()->latest_completed->is_discarded);
  EXPECT_TRUE(tracker.Statistics()->Find(CheckpointId(1))->is_discarded);
}

TEST(CheckpointSummary, PercentilesLieBetweenTheTwoNearestValues) {
  const ValueSummary summary = Summarize({40, 10, 20, 30});
  EXPECT_EQ(summary.min, 10);
  EXPECT_EQ(summary.max, 40);
  EXPECT_EQ(summary.average, 25);
  EXPECT_DOUBLE_EQ(summary.p50, 25);
  EXPECT_DOUBLE_EQ(summary.p99, 40);
  EXPECT_EQ(Summarize({}).max, 0);
  EXPECT_DOUBLE_EQ(Summarize({7}).p50, 7);
}

}  // namespace
}  // namespace weir
