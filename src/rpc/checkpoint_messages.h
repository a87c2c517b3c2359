// What JobManager and TaskManagers tell each other about checkpoints and savepoints: docs/checkpointing.md has the protocol.
//
//   JobMaster ── TriggerCheckpoint ──▶ task ── AcknowledgeCheckpoint | DeclineCheckpoint ──▶ JobMaster
//   JobMaster ── NotifyCheckpointComplete | NotifyCheckpointAborted ──▶ task
//
// Every task is told of the trigger, sources so that they begin, the others because whoever has read all its input hears of it in no other way, and
// because the message says where the snapshot goes: barriers carry the id alone.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "weir/base/ids.h"
#include "weir/base/status.h"
#include "weir/rpc/slot_messages.h"
#include "weir/state/storage/checkpoint_metadata.h"
#include "weir/state/storage/snapshot_location.h"

namespace weir {

struct CheckpointTrigger {
  CheckpointId id;
  int64_t time_ms = 0;             // wall time of the decision
  SnapshotLocation location = {};  // where its parts are to be written
  bool stops = false;   // a savepoint that the job stops with: nothing is processed behind it until it has ended
  bool drains = false;  // `stops`, and before it sources end as if they had read everything

  friend bool operator==(const CheckpointTrigger&, const CheckpointTrigger&) = default;
};

// What one task measured of its part in a snapshot. Times are of its machine's clocks.
struct CheckpointMetrics {
  int64_t start_delay_ms = 0;      // from the trigger to the first barrier; of a source, to its own
  int64_t alignment_ms = 0;        // from the first barrier to the last
  int64_t sync_ms = 0;             // the task stood still for its state
  int64_t async_ms = 0;            // from then on until everything was written and synced
  int64_t checkpointed_bytes = 0;  // written for this snapshot; what earlier ones wrote does not count
  int64_t processed_bytes = 0;     // rows read between the first barrier and the last
  int64_t persisted_bytes = 0;     // in-flight data that was stored
  bool is_unaligned = false;       // its barriers overtook data

  friend bool operator==(const CheckpointMetrics&, const CheckpointMetrics&) = default;
};

// The task's state is written and synced.
struct CheckpointAcknowledgement {
  MessageHeader header;
  ExecutionAttemptId attempt_id;
  CheckpointId id;
  std::vector<OperatorSubtaskState> state = {};  // by operator of the chain
  CheckpointMetrics metrics = {};
};

// The task has no part in the checkpoint, which therefore cannot complete. kAborted: a newer barrier came first, which is nobody's failure.
struct CheckpointDecline {
  MessageHeader header;
  ExecutionAttemptId attempt_id;
  CheckpointId id;
  Status reason = {};
};

// How much a checkpoint holds that a person asks for.
enum class CheckpointType : uint8_t {
  kConfigured,   // as execution.checkpointing.incremental says
  kFull,         // it names no file of an earlier one
  kIncremental,  // where that is switched off, full all the same
};

// What a person asks for.
struct SavepointRequest {
  std::string directory = {};  // a folder for it is made in here; empty: execution.checkpointing.savepoint-dir
  SnapshotFormat format = SnapshotFormat::kCanonical;
  bool stops = false;
  bool drains = false;
  bool is_detached = false;  // answered with the path when it has begun; what becomes of it is in the job's details
};

}  // namespace weir
