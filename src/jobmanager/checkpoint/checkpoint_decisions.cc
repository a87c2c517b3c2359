#include "weir/jobmanager/checkpoint/checkpoint_decisions.h"

#include <algorithm>
#include <limits>
#include <utility>

#include "weir/base/check.h"

namespace weir {
namespace {

using Kind = TriggerDecision::Kind;

std::vector<PendingCheckpoint>::iterator FindPending(CheckpointState& state, CheckpointId id) {
  return std::ranges::find(state.pending, id, &PendingCheckpoint::id);
}

int CountPending(const CheckpointState& state, SnapshotKind kind) {
  return static_cast<int>(std::ranges::count(state.pending, kind, &PendingCheckpoint::kind));
}

TriggerDecision Blocked(std::string reason) { return {.kind = Kind::kBlocked, .reason = std::move(reason)}; }

// The earliest time for the next periodic checkpoint.
int64_t NextPeriodic(const CheckpointPolicy& policy, const CheckpointState& state) {
  const int64_t by_interval = state.last_trigger_ms + policy.interval.count();
  return state.has_ended ? std::max(by_interval, state.last_end_ms + policy.min_pause.count()) : by_interval;
}

void Ended(CheckpointState& state, int64_t now_ms) {
  state.last_end_ms = now_ms;
  state.has_ended = true;
}

bool CountFailure(const CheckpointPolicy& policy, CheckpointState& state) {
  return ++state.failures_in_a_row > policy.tolerable_failures;
}

}  // namespace

TriggerDecision DecideTrigger(const CheckpointPolicy& policy, const CheckpointState& state,
                              const CheckpointFacts& facts) {
  if (!facts.all_tasks_run) return Blocked("not all tasks run");
  if (policy.one_at_a_time && !state.pending.empty()) return Blocked("an unaligned checkpoint is taken alone");
  if (facts.savepoint_requested) {
    if (CountPending(state, SnapshotKind::kSavepoint) > 0) return Blocked("another savepoint is under way");
    return {.kind = Kind::kTrigger, .snapshot = SnapshotKind::kSavepoint};
  }
  if (CountPending(state, SnapshotKind::kCheckpoint) >= policy.max_concurrent) {
    return Blocked("as many checkpoints as allowed are under way");
  }
  if (!facts.is_periodic) return Blocked("no checkpoints are asked for");
  if (facts.all_input_read || facts.checkpoint_requested) return {.kind = Kind::kTrigger};
  const int64_t at = NextPeriodic(policy, state);
  if (at > facts.now_ms) return {.kind = Kind::kWait, .at_ms = at};
  return {.kind = Kind::kTrigger};
}

CheckpointId BeginCheckpoint(CheckpointState& state, SnapshotKind kind, std::set<ExecutionAttemptId> tasks,
                             int64_t now_ms) {
  state.last_id = state.last_id.Next();
  state.pending.push_back({.id = state.last_id, .kind = kind, .triggered_ms = now_ms, .missing = std::move(tasks)});
  if (kind == SnapshotKind::kCheckpoint) state.last_trigger_ms = now_ms;
  return state.last_id;
}

Acknowledged Acknowledge(CheckpointState& state, CheckpointId id, const ExecutionAttemptId& attempt) {
  const auto pending = FindPending(state, id);
  if (pending == state.pending.end()) return Acknowledged::kStale;
  if (pending->acknowledged.contains(attempt)) return Acknowledged::kDoubled;
  if (pending->missing.erase(attempt) == 0) return Acknowledged::kStale;
  pending->acknowledged.insert(attempt);
  return pending->missing.empty() ? Acknowledged::kComplete : Acknowledged::kAccepted;
}

AbortOutcome AbortCheckpoint(const CheckpointPolicy& policy, CheckpointState& state, CheckpointId id, bool counts,
                             int64_t now_ms) {
  const auto pending = FindPending(state, id);
  if (pending == state.pending.end()) return {};
  // A savepoint that fails is the affair of whoever asked for it.
  const bool is_failure = counts && pending->kind == SnapshotKind::kCheckpoint;
  state.pending.erase(pending);
  Ended(state, now_ms);
  return {.was_pending = true, .fails_job = is_failure && CountFailure(policy, state)};
}

std::vector<CheckpointId> ExpiredCheckpoints(const CheckpointPolicy& policy, const CheckpointState& state,
                                             int64_t now_ms) {
  std::vector<CheckpointId> expired;
  for (const PendingCheckpoint& pending : state.pending) {
    // Once all have acknowledged, time does not abort it: the metadata may be there already (I5).
    if (!pending.missing.empty() && now_ms - pending.triggered_ms >= policy.timeout.count())
      expired.push_back(pending.id);
  }
  return expired;
}

int64_t NextExpiry(const CheckpointPolicy& policy, const CheckpointState& state) {
  int64_t next = std::numeric_limits<int64_t>::max();
  for (const PendingCheckpoint& pending : state.pending) {
    if (!pending.missing.empty()) next = std::min(next, pending.triggered_ms + policy.timeout.count());
  }
  return next;
}

MetadataOutcome FinishMetadata(const CheckpointPolicy& policy, CheckpointState& state, CheckpointId id,
                               MetadataWrite write, int64_t now_ms) {
  const auto found = FindPending(state, id);
  // Aborted meanwhile. Whatever was written stays until it is known to be useless (I5).
  if (found == state.pending.end()) return {.keeps_files = write != MetadataWrite::kNotWritten};
  WEIR_CHECK(found->missing.empty()) << "checkpoint " << id << " still lacks acknowledgements";
  const SnapshotKind kind = found->kind;
  state.pending.erase(found);
  Ended(state, now_ms);
  MetadataOutcome outcome;
  if (write != MetadataWrite::kWritten) {
    outcome.keeps_files = write == MetadataWrite::kUnknown;
    outcome.fails_job = kind == SnapshotKind::kCheckpoint && CountFailure(policy, state);
    return outcome;
  }
  outcome.complete = true;
  state.failures_in_a_row = 0;
  state.last_complete = std::max(state.last_complete, id);
  if (kind == SnapshotKind::kSavepoint) return outcome;

  std::erase_if(state.pending, [&](const PendingCheckpoint& other) {
    const bool needless = other.kind == SnapshotKind::kCheckpoint && other.id < id;
    if (needless) outcome.aborted.push_back(other.id);
    return needless;
  });
  state.retained.push_back(id);
  const auto kept = static_cast<size_t>(std::max(1, policy.retained));
  while (state.retained.size() > kept) {
    outcome.subsumed.push_back(state.retained.front());
    state.retained.erase(state.retained.begin());
  }
  return outcome;
}

}  // namespace weir
