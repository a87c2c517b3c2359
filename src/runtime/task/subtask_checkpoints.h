// The part of a task that takes snapshots: docs/checkpointing.md, steps 2 to 6 and 9, on the task's side.
//
//   trigger, barriers, ends of channels ─▶ BarrierAligner ─▶ is_due ─▶ Take: barrier forwarded, then state frozen ─▶ OnSnapshot
//
// Unaligned: a task that has heard of a checkpoint, by its trigger, a barrier or an announcement, aligns for `aligned_timeout`; then it takes its snapshot,
// announces its own barrier, and captures what is in flight in front of the others. OnSnapshot comes when they are all there.
//
// The owner looks at is_due between two batches, and calls Take when no operator is in the middle of its work. From the alignment on it reads no input.
//
// Threads: the task's thread.
#pragma once

#include <cstdint>
#include <deque>
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
  std::vector<PartitionWriter*> writers = {};
  bool overtakes = false;  // unaligned checkpoints; savepoints align all the same
  Duration aligned_timeout{0};
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
  // Step 4 of unaligned checkpoints: has anybody announced one, is the time for aligning over? To be called in every step, also while outputs are full.
  void LookAround();
  // Goes on with capturing what is in flight, and hands over the snapshot when it is complete.
  void AdvanceCapture();
  bool is_capturing() const { return !capturing_.IsNone(); }
  // Wall time at which LookAround is to be called though nothing else happens; kNoEventTime: none.
  EventTime wake_up() const;
  // Step 9.
  void OnAborted(CheckpointId id);
  // The task has processed all its input and told its consumers.
  void OnEndOfData();

  // A snapshot is to be taken, before any further input is read.
  bool is_due() const { return !due_.empty(); }
  // It does not wait for room in the outputs.
  bool is_urgent() const { return !due_.empty() && due_.front().overtakes; }
  // Step 5. Everything that the operators have emitted is in `writers`.
  void Take(OperatorChain& chain);

  // Of the last snapshot that was handed over.
  const CheckpointMetrics& last_metrics() const { return last_metrics_; }

  // The job stops with a snapshot that has been taken: nothing is to be processed before its end is known.
  bool is_stopped() const { return !stopped_.IsNone(); }
  // Whether the task is done for good once `id` is complete.
  bool EndsWith(CheckpointId id) const;

 private:
  struct Due {
    CheckpointId id;
    bool stops = false;
    bool overtakes = false;
    std::vector<uint32_t> overtaken = {};  // channels, in the aligner's numbers
  };
  // Of the first barrier of a checkpoint, or of its trigger where there are no barriers.
  struct Begin {
    CheckpointId id;
    int64_t wall_ms = 0;
    int64_t monotonic_ns = 0;
    int64_t bytes_read = 0;
  };
  struct Taken {
    CheckpointId id;
    Begin begin = {};
    FrozenTask snapshot = {};
  };
  // The newest checkpoint that overtakes, or will.
  struct Overtaking {
    CheckpointId id;
    EventTime at_ms = 0;   // wall time until which it aligns
    bool is_over = false;  // that time has come
  };
  // Remembers when the task first heard of it in the stream.
  void NoteBegin(CheckpointId id);
  // Takes it out, with all older ones.
  Begin TakeBegin(CheckpointId id);
  // What was measured until now, when the last barrier is there.
  void MeasureAlignment(Taken& taken) const;
  // Heard of `id`, which aligns until `at_ms` at the latest.
  void NoteOvertaking(CheckpointId id, EventTime at_ms);
  void Announce(CheckpointId id);
  void BeginCapture(const Due& due);
  // What was captured for a checkpoint that is over is not needed.
  void DropCapture();
  bool HasRestoredRows() const;
  void Follow(BarrierOutcome outcome, bool stops, bool overtakes);
  void UnblockAll();
  // Hands over what is taken and whose trigger is known.
  void HandOver();

  const SubtaskCheckpointsOptions options_;
  std::vector<uint32_t> first_channel_;  // of each gate, in the aligner's numbers
  BarrierAligner aligner_;
  // Ascending. Several where a source could not begin with one before it heard of the next: every barrier must be sent, or consumers give up the older.
  std::deque<Due> due_;
  CheckpointId stopped_;
  CheckpointId first_after_end_;  // of the snapshots taken
  bool has_ended_ = false;
  // A barrier may be faster than the coordinator's message, which says where the snapshot goes.
  std::vector<CheckpointTrigger> triggers_;
  std::vector<Taken> taken_;
  std::vector<Begin> begins_;
  std::optional<Overtaking> overtaking_;
  CheckpointId last_taken_;
  CheckpointMetrics last_metrics_;
  CheckpointId capturing_;
  int64_t bytes_read_ = 0;
};

}  // namespace weir
