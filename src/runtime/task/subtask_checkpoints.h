// The part of a task that takes snapshots: docs/checkpointing.md, steps 2 to 6 and 9, on the task's side.
//
//   trigger, barriers, ends of channels ─▶ BarrierAligner ─▶ is_due ─▶ Take: barrier forwarded, then state frozen ─▶ OnSnapshot
//
// The owner looks at is_due between two batches, and calls Take when no operator is in the middle of its work. From the alignment on it reads no input.
//
// Threads: the task's thread.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <utility>
#include <vector>

#include "weir/base/status.h"
#include "weir/rpc/checkpoint_messages.h"
#include "weir/runtime/checkpoint/barrier_aligner.h"
#include "weir/runtime/network/input_gate.h"
#include "weir/runtime/network/partition_writer.h"
#include "weir/runtime/task/frozen_task.h"
#include "weir/runtime/task/operator_chain.h"

namespace weir {

class Clock;
class TaskObserver;

struct SubtaskCheckpointsOptions {
  AlignmentMode alignment = AlignmentMode::kExactlyOnce;
  std::vector<InputGate*> gates;  // none: a source
  TaskObserver* observer = nullptr;
  const Clock* clock = nullptr;  // for what is measured
};

class SubtaskCheckpoints {
 public:
  explicit SubtaskCheckpoints(SubtaskCheckpointsOptions options);

  // Step 2.
  void OnTrigger(CheckpointTrigger trigger);
  // Step 4. The gate has reported a barrier.
  void OnBarrier(size_t gate);
  // Channels of the gate may have ended, and what came before their end has been processed.
  void OnProgress(size_t gate);
  // The task has read rows of so many bytes.
  void CountRead(uint64_t bytes) { bytes_read_ += static_cast<int64_t>(bytes); }
  // Step 9.
  void OnAborted(CheckpointId id);
  // The task has processed all its input and told its consumers.
  void OnEndOfData() { has_ended_ = true; }

  // A snapshot is to be taken, before any further input is read.
  bool is_due() const { return due_.has_value(); }
  // Step 5. Everything that the operators have emitted is in `writers`.
  void Take(OperatorChain& chain, const std::vector<std::unique_ptr<PartitionWriter>>& writers);

  // The job stops with a snapshot that has been taken: nothing is to be processed before its end is known.
  bool is_stopped() const { return !stopped_.IsNone(); }
  // Whether the task is done for good once `id` is complete.
  bool EndsWith(CheckpointId id) const;

 private:
  struct Due {
    CheckpointId id;
    bool stops = false;
  };
  struct Taken {
    CheckpointId id;
    int64_t began_wall_ms = 0;
    FrozenTask snapshot = {};
  };
  // Of the first barrier of a checkpoint, or of its trigger where there are no barriers.
  struct Begin {
    CheckpointId id;
    int64_t wall_ms = 0;
    int64_t monotonic_ns = 0;
    int64_t bytes_read = 0;
  };
  // Remembers when the task first heard of it in the stream.
  void NoteBegin(CheckpointId id);
  // What was measured until now, at the alignment's end; forgets the beginnings up to `id`. `wall_ms`: of the beginning.
  CheckpointMetrics Measure(CheckpointId id, int64_t& wall_ms);
  void Follow(const BarrierOutcome& outcome, bool stops);
  void UnblockAll();
  // Hands over what is taken and whose trigger is known.
  void HandOver();

  const SubtaskCheckpointsOptions options_;
  std::vector<uint32_t> first_channel_;  // of each gate, in the aligner's numbers
  BarrierAligner aligner_;
  std::optional<Due> due_;
  CheckpointId stopped_;
  CheckpointId first_after_end_;  // of the snapshots taken
  bool has_ended_ = false;
  // A barrier may be faster than the coordinator's message, which says where the snapshot goes.
  std::vector<CheckpointTrigger> triggers_;
  std::vector<Taken> taken_;
  std::vector<Begin> begins_;
  int64_t bytes_read_ = 0;
};

}  // namespace weir
