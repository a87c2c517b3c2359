// What the checkpoint coordinator of a job decides: when to begin a checkpoint, when one is complete, which ones are aborted or subsumed, and when failed
// checkpoints fail the job. Pure functions over a value; the messages and the files are the JobMaster's affair. The protocol, with its steps (1 to 10) and
// invariants (I1 to I8), is docs/checkpointing.md.
//
//   TriggerDecision decision = DecideTrigger(policy, state, facts);        // step 1
//   Acknowledged outcome = Acknowledge(state, id, attempt);                // step 6
//   MetadataOutcome done = FinishMetadata(policy, state, id, outcome, now) // step 7, 8
//   AbortOutcome gone = AbortCheckpoint(policy, state, id, true)           // step 9
#pragma once

#include <cstdint>
#include <set>
#include <string>
#include <vector>

#include "weir/base/ids.h"
#include "weir/base/time.h"
#include "weir/state/storage/checkpoint_metadata.h"

namespace weir {

struct CheckpointPolicy {
  Duration interval{10'000};
  Duration min_pause{0};      // from the end of one to the beginning of the next
  Duration timeout{600'000};  // from the trigger to the last acknowledgement
  int max_concurrent = 1;
  bool one_at_a_time = false;  // savepoints count too: in-flight data belongs to one snapshot
  int tolerable_failures = 0;  // in a row; one more fails the job
  int retained = 1;            // completed checkpoints that are kept; savepoints do not count
};

// One that has begun and has not ended.
struct PendingCheckpoint {
  CheckpointId id;
  SnapshotKind kind = SnapshotKind::kCheckpoint;
  int64_t triggered_ms = 0;
  std::set<ExecutionAttemptId> missing;  // whose acknowledgement has not come; empty: the metadata is being written
  std::set<ExecutionAttemptId> acknowledged = {};
};

// Everything the coordinator remembers. Times are of a clock that never goes back.
struct CheckpointState {
  CheckpointId last_id;                    // of the last one that began; ids are never used again (I1)
  std::vector<PendingCheckpoint> pending;  // in the order of their ids
  std::vector<CheckpointId> retained;      // complete, ascending; without savepoints
  CheckpointId last_complete;              // of either kind
  int64_t last_trigger_ms = 0;             // of a checkpoint; before the first: when the job began to run
  int64_t last_end_ms = 0;                 // of the last that ended, in whatever way
  bool has_ended = false;
  int failures_in_a_row = 0;
};

// What is known about the job at the moment.
struct CheckpointFacts {
  int64_t now_ms = 0;
  bool all_tasks_run = false;         // RUNNING or FINISHED, and no restart under way
  bool is_periodic = true;            // execution.checkpointing.interval is set
  bool all_input_read = false;        // every task waits for the last checkpoint of the job
  bool savepoint_requested = false;   // a person or a command waits for one
  bool checkpoint_requested = false;  // likewise
};

// Step 1.
struct TriggerDecision {
  enum class Kind : uint8_t {
    kTrigger,  // now
    kWait,     // look again at `at_ms`
    kBlocked,  // look again when a checkpoint ends or a task changes its state
  };
  Kind kind = Kind::kBlocked;
  SnapshotKind snapshot = SnapshotKind::kCheckpoint;
  int64_t at_ms = 0;
  std::string reason = {};  // kBlocked: for people
};

// A savepoint waits for neither interval nor pause, nor does a checkpoint that was asked for, or the last one of a job. It
// may begin beside checkpoints that are under way; of savepoints only one is under way at a time.
TriggerDecision DecideTrigger(const CheckpointPolicy& policy, const CheckpointState& state,
                              const CheckpointFacts& facts);

// Begins the next checkpoint, which all of `tasks` must acknowledge (those that have not finished; none: it is complete but for its metadata).
CheckpointId BeginCheckpoint(CheckpointState& state, SnapshotKind kind, std::set<ExecutionAttemptId> tasks,
                             int64_t now_ms);

// Step 6.
enum class Acknowledged : uint8_t {
  kAccepted,
  kComplete,  // it was the last: the metadata is to be written now
  kDoubled,   // came before; nothing to do
  kStale,  // the checkpoint has ended, or never was, or the attempt has no part in it: its private files are to be deleted (I4)
};
Acknowledged Acknowledge(CheckpointState& state, CheckpointId id, const ExecutionAttemptId& attempt);

// Step 9.
struct AbortOutcome {
  bool was_pending = false;  // tasks are to be told, files deleted
  bool fails_job = false;
};
// `counts`: it failed by itself (declined, timed out, an error of the file system); not when the job fails over, is cancelled, or a newer one overtook it.
AbortOutcome AbortCheckpoint(const CheckpointPolicy& policy, CheckpointState& state, CheckpointId id, bool counts,
                             int64_t now_ms);
// The pending ones whose time is over at `now_ms`, in the order of their ids.
std::vector<CheckpointId> ExpiredCheckpoints(const CheckpointPolicy& policy, const CheckpointState& state,
                                             int64_t now_ms);
// When the next one expires; INT64_MAX: none can.
int64_t NextExpiry(const CheckpointPolicy& policy, const CheckpointState& state);

// Steps 7 and 8.
struct MetadataOutcome {
  bool complete = false;                    // tasks are to be told to commit everything up to it
  bool keeps_files = false;                 // kUnknown
  std::vector<CheckpointId> aborted = {};   // older pending ones that it makes needless
  std::vector<CheckpointId> subsumed = {};  // to be deleted, oldest first
  bool fails_job = false;
};
MetadataOutcome FinishMetadata(const CheckpointPolicy& policy, CheckpointState& state, CheckpointId id,
                               MetadataWrite write, int64_t now_ms);

}  // namespace weir
