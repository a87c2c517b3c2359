#include "weir/jobmanager/checkpoint/checkpoint_decisions.h"

#include <gtest/gtest.h>

#include <set>
#include <string>
#include <vector>

#include "weir/base/random.h"

namespace weir {
namespace {

using Kind = TriggerDecision::Kind;

const ExecutionAttemptId kFirst = ExecutionAttemptId::FromName("first");
const ExecutionAttemptId kSecond = ExecutionAttemptId::FromName("second");

CheckpointPolicy EverySecond() {
  CheckpointPolicy policy;
  policy.interval = Duration(1000);
  policy.timeout = Duration(5000);
  return policy;
}
CheckpointFacts At(int64_t now_ms) { return {.now_ms = now_ms, .all_tasks_run = true}; }
CheckpointId Begin(CheckpointState& state, int64_t now_ms, SnapshotKind kind = SnapshotKind::kCheckpoint) {
  return BeginCheckpoint(state, kind, {kFirst, kSecond}, now_ms);
}
CheckpointId AllAcknowledged(CheckpointState& state, int64_t now_ms, SnapshotKind kind = SnapshotKind::kCheckpoint) {
  const CheckpointId id = Begin(state, now_ms, kind);
  EXPECT_EQ(Acknowledge(state, id, kFirst), Acknowledged::kAccepted);
  EXPECT_EQ(Acknowledge(state, id, kSecond), Acknowledged::kComplete);
  return id;
}

TEST(DecideTrigger, WaitsForTheIntervalAndThenTriggers) {
  const CheckpointState state;
  EXPECT_EQ(DecideTrigger(EverySecond(), state, At(400)).kind, Kind::kWait);
  EXPECT_EQ(DecideTrigger(EverySecond(), state, At(400)).at_ms, 1000);
  EXPECT_EQ(DecideTrigger(EverySecond(), state, At(1000)).kind, Kind::kTrigger);
}

TEST(DecideTrigger, BlocksWhileNotAllTasksRun) {
  const TriggerDecision decision = DecideTrigger(EverySecond(), {}, {.now_ms = 9000});
  EXPECT_EQ(decision.kind, Kind::kBlocked);
  EXPECT_EQ(decision.reason, "not all tasks run");
}

TEST(DecideTrigger, BlocksWhileAsManyAsAllowedAreUnderWay) {  // I8
  CheckpointState state;
  Begin(state, 1000);
  EXPECT_EQ(DecideTrigger(EverySecond(), state, At(5000)).kind, Kind::kBlocked);
  CheckpointPolicy two = EverySecond();
  two.max_concurrent = 2;
  EXPECT_EQ(DecideTrigger(two, state, At(5000)).kind, Kind::kTrigger);
}

TEST(DecideTrigger, PausesAfterTheEndOfTheLast) {  // I8
  CheckpointPolicy policy = EverySecond();
  policy.min_pause = Duration(3000);
  CheckpointState state;
  const CheckpointId id = AllAcknowledged(state, 1000);
  FinishMetadata(policy, state, id, MetadataWrite::kWritten, 1500);
  EXPECT_EQ(DecideTrigger(policy, state, At(2000)).at_ms, 4500);
}

TEST(DecideTrigger, ASavepointWaitsForNeitherIntervalNorCheckpoints) {
  CheckpointState state;
  Begin(state, 1000);
  CheckpointFacts facts = At(1001);
  facts.savepoint_requested = true;
  EXPECT_EQ(DecideTrigger(EverySecond(), state, facts).kind, Kind::kTrigger);
  EXPECT_EQ(DecideTrigger(EverySecond(), state, facts).snapshot, SnapshotKind::kSavepoint);
  Begin(state, 1001, SnapshotKind::kSavepoint);
  EXPECT_EQ(DecideTrigger(EverySecond(), state, facts).kind, Kind::kBlocked);
}

TEST(DecideTrigger, TheLastOneOfAJobWaitsForNeitherIntervalNorPause) {
  CheckpointState state;
  CheckpointFacts facts{.now_ms = 1, .all_tasks_run = true, .all_input_read = true};
  EXPECT_EQ(DecideTrigger(EverySecond(), state, facts).kind, Kind::kTrigger);
  Begin(state, 1);
  EXPECT_EQ(DecideTrigger(EverySecond(), state, facts).kind, Kind::kBlocked);
}

TEST(DecideTrigger, WithoutAnIntervalOnlySavepointsBegin) {
  CheckpointState state;
  CheckpointFacts facts{.now_ms = 60'000, .all_tasks_run = true, .is_periodic = false, .all_input_read = true};
  EXPECT_EQ(DecideTrigger(EverySecond(), state, facts).kind, Kind::kBlocked);
  facts.savepoint_requested = true;
  EXPECT_EQ(DecideTrigger(EverySecond(), state, facts).kind, Kind::kTrigger);
}

TEST(BeginCheckpoint, IdsRiseAndAreNotUsedAgainAfterAnAbort) {  // I1
  CheckpointState state;
  const CheckpointId first = Begin(state, 0);
  AbortCheckpoint(EverySecond(), state, first, false, 1);
  EXPECT_EQ(Begin(state, 2), first.Next());
}

TEST(Acknowledge, DoubledAndStaleOnesAreTold) {  // I4
  CheckpointState state;
  const CheckpointId id = Begin(state, 0);
  EXPECT_EQ(Acknowledge(state, id, kFirst), Acknowledged::kAccepted);
  EXPECT_EQ(Acknowledge(state, id, kFirst), Acknowledged::kDoubled);
  EXPECT_EQ(Acknowledge(state, id.Next(), kFirst), Acknowledged::kStale);
  AbortCheckpoint(EverySecond(), state, id, false, 1);
  EXPECT_EQ(Acknowledge(state, id, kSecond), Acknowledged::kStale);
}

TEST(Acknowledge, AnAttemptThatHasNoPartInItIsStale) {  // I6
  CheckpointState state;
  const CheckpointId id = Begin(state, 0);
  EXPECT_EQ(Acknowledge(state, id, ExecutionAttemptId::FromName("former attempt")), Acknowledged::kStale);
}

TEST(AbortCheckpoint, OneFailureMoreThanTolerableFailsTheJob) {
  CheckpointPolicy policy = EverySecond();
  policy.tolerable_failures = 1;
  CheckpointState state;
  EXPECT_FALSE(AbortCheckpoint(policy, state, Begin(state, 0), true, 1).fails_job);
  EXPECT_TRUE(AbortCheckpoint(policy, state, Begin(state, 2), true, 3).fails_job);
}

TEST(AbortCheckpoint, ASuccessBeginsTheCountAnew) {
  CheckpointPolicy policy = EverySecond();
  policy.tolerable_failures = 1;
  CheckpointState state;
  AbortCheckpoint(policy, state, Begin(state, 0), true, 1);
  FinishMetadata(policy, state, AllAcknowledged(state, 2), MetadataWrite::kWritten, 3);
  EXPECT_FALSE(AbortCheckpoint(policy, state, Begin(state, 4), true, 5).fails_job);
}

TEST(AbortCheckpoint, NeitherAFailoverNorASavepointCounts) {
  CheckpointState state;
  EXPECT_FALSE(AbortCheckpoint(EverySecond(), state, Begin(state, 0), false, 1).fails_job);
  const CheckpointId savepoint = Begin(state, 2, SnapshotKind::kSavepoint);
  EXPECT_FALSE(AbortCheckpoint(EverySecond(), state, savepoint, true, 3).fails_job);
}

TEST(ExpiredCheckpoints, AreThoseThatStillLackAcknowledgements) {  // I5
  CheckpointState state;
  const CheckpointId lacking = Begin(state, 0);
  AllAcknowledged(state, 0);
  EXPECT_EQ(NextExpiry(EverySecond(), state), 5000);
  EXPECT_TRUE(ExpiredCheckpoints(EverySecond(), state, 4999).empty());
  EXPECT_EQ(ExpiredCheckpoints(EverySecond(), state, 60'000), std::vector<CheckpointId>{lacking});
}

TEST(FinishMetadata, ACompleteOneSubsumesTheOldestAndAbortsOlderPendingOnes) {
  CheckpointPolicy policy = EverySecond();
  policy.retained = 2;
  CheckpointState state;
  const CheckpointId first = AllAcknowledged(state, 0);
  FinishMetadata(policy, state, first, MetadataWrite::kWritten, 1);
  FinishMetadata(policy, state, AllAcknowledged(state, 2), MetadataWrite::kWritten, 3);
  const CheckpointId slow = Begin(state, 4);
  const MetadataOutcome outcome = FinishMetadata(policy, state, AllAcknowledged(state, 5), MetadataWrite::kWritten, 6);
  EXPECT_TRUE(outcome.complete);
  EXPECT_EQ(outcome.aborted, std::vector<CheckpointId>{slow});
  EXPECT_EQ(outcome.subsumed, std::vector<CheckpointId>{first});
}

TEST(FinishMetadata, WhenItsOutcomeIsUnknownItIsNotCompleteAndNothingIsDeleted) {  // I5
  CheckpointState state;
  const CheckpointId good = AllAcknowledged(state, 0);
  FinishMetadata(EverySecond(), state, good, MetadataWrite::kWritten, 1);
  const MetadataOutcome outcome =
      FinishMetadata(EverySecond(), state, AllAcknowledged(state, 2), MetadataWrite::kUnknown, 3);
  EXPECT_FALSE(outcome.complete);
  EXPECT_TRUE(outcome.keeps_files);
  EXPECT_TRUE(outcome.subsumed.empty());
  EXPECT_TRUE(outcome.fails_job);
  EXPECT_EQ(state.retained, std::vector<CheckpointId>{good});
}

TEST(FinishMetadata, ASavepointIsNotRetainedAndSubsumesNothing) {
  CheckpointState state;
  const CheckpointId good = AllAcknowledged(state, 0);
  FinishMetadata(EverySecond(), state, good, MetadataWrite::kWritten, 1);
  const CheckpointId savepoint = AllAcknowledged(state, 2, SnapshotKind::kSavepoint);
  EXPECT_TRUE(FinishMetadata(EverySecond(), state, savepoint, MetadataWrite::kWritten, 3).subsumed.empty());
  EXPECT_EQ(state.retained, std::vector<CheckpointId>{good});
  EXPECT_EQ(state.last_complete, savepoint);
}

TEST(FinishMetadata, OfACheckpointThatAFailoverAbortedKeepsItsFilesUnlessThereAreSurelyNone) {  // I5, I6
  for (MetadataWrite write : {MetadataWrite::kWritten, MetadataWrite::kUnknown, MetadataWrite::kNotWritten}) {
    CheckpointState state;
    const CheckpointId id = AllAcknowledged(state, 0);
    AbortCheckpoint(EverySecond(), state, id, false, 1);
    const MetadataOutcome outcome = FinishMetadata(EverySecond(), state, id, write, 2);
    EXPECT_FALSE(outcome.complete);
    EXPECT_EQ(outcome.keeps_files, write != MetadataWrite::kNotWritten);
  }
}

TEST(CheckpointDecisions, AnyHistoryKeepsTheInvariants) {
  for (uint64_t seed = 1; seed <= 200; ++seed) {
    SCOPED_TRACE("seed " + std::to_string(seed));
    SeededRandom random(seed);
    CheckpointPolicy policy = EverySecond();
    policy.max_concurrent = 1 + static_cast<int>(random.Uniform(3));
    policy.retained = 1 + static_cast<int>(random.Uniform(3));
    policy.tolerable_failures = 1'000'000;
    CheckpointState state;
    std::set<CheckpointId> deleted;
    int64_t now = 0;
    for (int event = 0; event < 300; ++event) {
      now += static_cast<int64_t>(random.Uniform(800));
      const CheckpointId before = state.last_id;
      if (DecideTrigger(policy, state, At(now)).kind == Kind::kTrigger) {
        EXPECT_GT(Begin(state, now), before);  // I1
      }
      EXPECT_LE(static_cast<int>(state.pending.size()), policy.max_concurrent);  // I8
      for (CheckpointId id : ExpiredCheckpoints(policy, state, now)) AbortCheckpoint(policy, state, id, true, now);
      if (state.pending.empty()) continue;
      const PendingCheckpoint& chosen = state.pending[random.Uniform(state.pending.size())];
      const CheckpointId id = chosen.id;
      if (chosen.missing.empty()) {
        const auto write = static_cast<MetadataWrite>(random.Uniform(3));
        for (CheckpointId gone : FinishMetadata(policy, state, id, write, now).subsumed) deleted.insert(gone);
      } else if (random.Chance(0.9)) {
        Acknowledge(state, id, random.Chance(0.5) ? kFirst : kSecond);
      } else {
        AbortCheckpoint(policy, state, id, random.Chance(0.5), now);
      }
      EXPECT_LE(static_cast<int>(state.retained.size()), policy.retained);
      for (CheckpointId kept : state.retained) EXPECT_FALSE(deleted.contains(kept));
    }
  }
}

}  // namespace
}  // namespace weir
