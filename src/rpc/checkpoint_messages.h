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

// The task's state is written and synced.
struct CheckpointAcknowledgement {
  MessageHeader header;
  ExecutionAttemptId attempt_id;
  CheckpointId id;
  std::vector<OperatorSubtaskState> state = {};  // by operator of the chain
  int64_t alignment_ms = 0;                      // from the first barrier to the last
  int64_t write_ms = 0;                          // from the last barrier to this message
};

// The task has no part in the checkpoint, which therefore cannot complete. kAborted: a newer barrier came first, which is nobody's failure.
struct CheckpointDecline {
  MessageHeader header;
  ExecutionAttemptId attempt_id;
  CheckpointId id;
  Status reason = {};
};

// What a person asks for.
struct SavepointRequest {
  std::string directory = {};  // a folder for it is made in here; empty: execution.checkpointing.savepoint-dir
  SnapshotFormat format = SnapshotFormat::kCanonical;
  bool stops = false;
  bool drains = false;
};

}  // namespace weir
