#include "weir/jobmanager/diagnosis/diagnose.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace weir {
namespace {

using ::testing::HasSubstr;

SubtaskFacts Subtask(double busy, double backpressured, int64_t records = 1000) {
  return {.is_measured = true,
          .busy = busy,
          .idle = 1 - busy - backpressured,
          .backpressured = backpressured,
          .records_in = records};
}

// A source in front of "count" in front of "store", one subtask each, all at ease.
JobFacts Calm() {
  JobFacts facts;
  facts.now_ms = 1'000'000;
  facts.vertices = {
      {.id = VertexId::FromName("a"), .name = "events", .is_source = true, .inputs = {}, .subtasks = {Subtask(0.1, 0)}},
      {.id = VertexId::FromName("b"),
       .name = "count",
       .is_source = false,
       .inputs = {0},
       .subtasks = {Subtask(0.2, 0)}},
      {.id = VertexId::FromName("c"),
       .name = "store",
       .is_source = false,
       .inputs = {1},
       .subtasks = {Subtask(0.1, 0)}}};
  return facts;
}

TEST(Diagnose, CallsAJobThatIsAtEaseHealthy) {
  const std::vector<Verdict> verdicts = Diagnose(Calm());
  ASSERT_EQ(verdicts.size(), 1u);
  EXPECT_EQ(verdicts[0].kind, "healthy");
  EXPECT_EQ(verdicts[0].severity, Severity::kOk);
}

TEST(Diagnose, NamesTheBottleneckAndWhomItHoldsBack) {
  JobFacts facts = Calm();
  facts.vertices[0].subtasks = {Subtask(0.05, 0.95)};
  facts.vertices[1].subtasks = {Subtask(0.97, 0)};
  facts.vertices[1].subtasks[0].process_cores = 1;
  const std::vector<Verdict> verdicts = Diagnose(facts);
  ASSERT_EQ(verdicts.size(), 2u);
  EXPECT_EQ(verdicts[0].kind, "bottleneck");
  EXPECT_EQ(verdicts[0].summary, "`count` is the bottleneck: it is CPU-bound");
  EXPECT_EQ(verdicts[0].vertex, facts.vertices[1].id);
  EXPECT_EQ(verdicts[0].evidence.front().value, "97 %");
  EXPECT_EQ(verdicts[1].summary, "`events` is held back by `count`");
}

TEST(Diagnose, TellsWaitingFromComputing) {
  JobFacts facts = Calm();
  facts.vertices[1].subtasks = {Subtask(0.97, 0)};
  facts.vertices[1].subtasks[0].process_cores = 0.05;
  EXPECT_THAT(Diagnose(facts)[0].summary, HasSubstr("waits in its own code"));
  EXPECT_THAT(Diagnose(facts)[0].advice, HasSubstr("AsyncMap"));
}

TEST(Diagnose, NamesTheOperatorOfAChain) {
  JobFacts facts = Calm();
  facts.vertices[1].subtasks = {Subtask(0.97, 0)};
  facts.vertices[1].subtasks[0].operators = {{.name = "parse", .self_share = 0.1},
                                             {.name = "score", .self_share = 0.8}};
  EXPECT_THAT(Diagnose(facts)[0].summary, HasSubstr("operator `score` of `count`"));
}

TEST(Diagnose, DoesNotBlameWhoIsHeldBack) {
  JobFacts facts = Calm();
  facts.vertices[1].subtasks = {Subtask(0.75, 0.9)};
  EXPECT_EQ(Diagnose(facts)[0].kind, "healthy");
}

TEST(Diagnose, NamesASlowSink) {
  JobFacts facts = Calm();
  facts.vertices[2].subtasks = {Subtask(0.99, 0)};
  facts.vertices[2].subtasks[0].process_cores = 0.1;
  facts.vertices[2].subtasks[0].operators = {{.name = "format", .self_share = 0.02},
                                             {.name = "table", .is_sink = true, .self_share = 0.9}};
  const Verdict verdict = Diagnose(facts)[0];
  EXPECT_EQ(verdict.kind, "slow-sink");
  EXPECT_EQ(verdict.summary, "`store` waits for its sink `table`, which does not take records faster");
}

TEST(Diagnose, NamesTheHotKeyOfASkewedVertex) {
  JobFacts facts = Calm();
  facts.vertices[1].subtasks = {Subtask(0.1, 0, 1000), Subtask(0.95, 0, 9000), Subtask(0.1, 0, 1000)};
  facts.vertices[1].subtasks[1].operators = {
      {.name = "count", .self_share = 0.9, .hot_keys = {{"ATL", 0.8}, {"JFK", 0.1}}}};
  const Verdict verdict = Diagnose(facts)[0];
  EXPECT_EQ(verdict.kind, "skew");
  EXPECT_EQ(verdict.subtask, 1);
  EXPECT_EQ(verdict.summary,
            "subtask 2/3 of `count` gets 9.0 times the records of the others: its key `ATL` is 80 % of its input");
}

TEST(Diagnose, FindsNoSkewInEvenWork) {
  JobFacts facts = Calm();
  facts.vertices[1].subtasks = {Subtask(0.95, 0, 1000), Subtask(0.95, 0, 1100)};
  EXPECT_EQ(Diagnose(facts)[0].kind, "bottleneck");
}

TEST(Diagnose, TakesASourceAtFullSpeedForNoProblem) {
  JobFacts facts = Calm();
  facts.vertices[0].subtasks = {Subtask(0.98, 0)};
  EXPECT_EQ(Diagnose(facts)[0].severity, Severity::kInfo);
}

TEST(Diagnose, NamesTheSplitThatHoldsTheWatermark) {
  JobFacts facts = Calm();
  facts.vertices[0].subtasks[0].slowest_split = {
      .is_known = true, .split = 3, .watermark = 0, .furthest = 600'000, .silent_ms = 20'000};
  const Verdict verdict = Diagnose(facts)[0];
  EXPECT_EQ(verdict.kind, "watermark");
  EXPECT_THAT(verdict.summary, HasSubstr("split 3 of `events` holds the watermark back"));
  EXPECT_THAT(verdict.advice, HasSubstr("WithIdleness"));
}

TEST(Diagnose, DoesNotBlameASplitThatIsOnlySlow) {
  JobFacts facts = Calm();
  facts.vertices[0].subtasks[0].slowest_split = {
      .is_known = true, .split = 3, .watermark = 0, .furthest = 600'000, .silent_ms = 10};
  EXPECT_EQ(Diagnose(facts)[0].kind, "healthy");
}

TEST(Diagnose, NamesTheSubtaskOfASourceThatHoldsTheWatermark) {
  JobFacts facts = Calm();
  facts.vertices[0].subtasks = {Subtask(0.1, 0), Subtask(0, 0)};
  facts.vertices[0].subtasks[0].watermark = 600'000;
  EXPECT_THAT(Diagnose(facts)[0].summary, HasSubstr("subtask 2/2 of `events` holds the watermark back: it is idle"));
}

TEST(Diagnose, TellsTheFirstFailureOfAJobThatFailed) {
  JobFacts facts = Calm();
  facts.status = JobStatus::kFailed;
  facts.failure = {.is_known = true,
                   .age_ms = 1000,
                   .cause = "no such file\nat x.cc:7",
                   .task = "count (1/1)",
                   .restarts = 3,
                   .has_ended_job = true};
  const Verdict verdict = Diagnose(facts)[0];
  EXPECT_EQ(verdict.kind, "failure");
  EXPECT_EQ(verdict.severity, Severity::kError);
  EXPECT_EQ(verdict.summary, "the job failed: first `count (1/1)`: no such file");
  EXPECT_EQ(verdict.evidence.front().value, "no such file\nat x.cc:7");
}

TEST(Diagnose, ForgetsAFailureFromWhichTheJobHasRecoveredLongAgo) {
  JobFacts facts = Calm();
  facts.failure = {.is_known = true, .age_ms = 3'600'000, .cause = "x", .task = "", .restarts = 1};
  EXPECT_EQ(Diagnose(facts)[0].kind, "healthy");
}

TEST(Diagnose, NamesThePlaceWhereABarrierWaits) {
  JobFacts facts = Calm();
  facts.checkpoint = {.is_pending = true, .id = 7, .age_ms = 60'000, .usual_ms = 500, .missing = {{}, {0}, {0}}};
  const Verdict verdict = Diagnose(facts)[0];
  EXPECT_EQ(verdict.kind, "checkpoint");
  EXPECT_EQ(verdict.summary, "checkpoint 7 does not finish: its barrier waits in front of `count`");
  EXPECT_EQ(verdict.vertex, facts.vertices[1].id);
}

TEST(Diagnose, FindsBehindABarrierThatIsNotSentWhoHoldsItBack) {
  JobFacts facts = Calm();
  facts.vertices[0].subtasks = {Subtask(0.05, 0.95)};
  facts.checkpoint = {.is_pending = true, .id = 7, .age_ms = 60'000, .usual_ms = 500, .missing = {{0}, {0}, {0}}};
  const Verdict held = FindStuckCheckpoint(facts)[0];
  EXPECT_EQ(held.summary,
            "checkpoint 7 does not finish: its barrier waits for `events`, which is held back by `count`");
  EXPECT_EQ(held.vertex, facts.vertices[1].id);
  facts.vertices[1].subtasks = {Subtask(0.1, 0.9)};
  EXPECT_THAT(FindStuckCheckpoint(facts)[0].summary, HasSubstr("held back by `store`"));
  facts.checkpoint.missing[0] = {};
  EXPECT_THAT(FindStuckCheckpoint(facts)[0].summary, HasSubstr("in front of `count`, which is held back by `store`"));
  facts.vertices[0].subtasks = facts.vertices[1].subtasks = {Subtask(0.1, 0)};
  facts.checkpoint.missing[0] = {0};
  EXPECT_THAT(FindStuckCheckpoint(facts)[0].summary, HasSubstr("`events` has not sent its barrier"));
}

TEST(Diagnose, WaitsForACheckpointThatAlwaysTakesLong) {
  JobFacts facts = Calm();
  facts.checkpoint = {.is_pending = true, .id = 7, .age_ms = 60'000, .usual_ms = 50'000, .missing = {{}, {0}, {0}}};
  EXPECT_EQ(Diagnose(facts)[0].kind, "healthy");
}

TEST(Diagnose, TellsOfCheckpointsThatFailInARow) {
  JobFacts facts = Calm();
  facts.checkpoint.failed_in_a_row = 2;
  facts.checkpoint.last_failure = "disk full";
  EXPECT_EQ(Diagnose(facts)[0].summary, "the last 2 checkpoints failed: disk full");
}

TEST(Diagnose, PutsTheWorstFirst) {
  JobFacts facts = Calm();
  facts.vertices[0].subtasks = {Subtask(0.05, 0.95)};
  facts.vertices[1].subtasks = {Subtask(0.97, 0)};
  facts.status = JobStatus::kRunning;
  facts.waiting_for = "1 of 2 slots";
  const std::vector<Verdict> verdicts = Diagnose(facts);
  ASSERT_EQ(verdicts.size(), 3u);
  EXPECT_EQ(verdicts.back().kind, "backpressure");
}

}  // namespace
}  // namespace weir
