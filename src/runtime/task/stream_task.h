// One subtask of a job vertex: a chain of operators with its inputs and outputs, stepped by an executor.
#pragma once

#include <atomic>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "weir/base/status.h"
#include "weir/rpc/task_deployment.h"
#include "weir/runtime/network/input_gate.h"
#include "weir/runtime/network/partition_writer.h"
#include "weir/runtime/task/frozen_task.h"
#include "weir/runtime/task/mailbox.h"
#include "weir/runtime/task/operator_chain.h"
#include "weir/runtime/task/step.h"
#include "weir/runtime/task/subtask_checkpoints.h"
#include "weir/runtime/task/task_numbers.h"

namespace weir {

class Clock;

// Hears of a task's life; called on the task's thread.
class TaskObserver {
 public:
  virtual ~TaskObserver() = default;
  virtual void OnState(ExecutionState state, const Status& error) = 0;
  virtual void OnReaderRegistered() {}
  virtual void OnSplitRequest() {}
  // All input is processed; the task waits for the checkpoint that covers that.
  virtual void OnEndOfData() {}
  // A snapshot is frozen; it is to be written and acknowledged. Or there will be none of this id.
  virtual void OnSnapshot(const CheckpointTrigger& trigger, FrozenTask snapshot) {}
  virtual void OnSnapshotFailed(CheckpointId id, const Status& reason) {}
  virtual void OnCheckpointComplete(CheckpointId id) {}
  // An aligned source says how far it is.
  virtual void OnWatermark(const WatermarkReport& report) {}
};

struct StreamTaskOptions {
  std::string name;  // "Map -> Filter (2/4)"
  std::unique_ptr<OperatorChain> chain;
  bool is_source = false;                         // the head makes its own batches
  std::vector<std::unique_ptr<InputGate>> gates;  // by input; none for a source
  std::vector<std::unique_ptr<PartitionWriter>> writers;
  // Contexts of the chain's operators, but for their outputs; what they point to lives as long as the task.
  std::function<OperatorContext(size_t)> context_of;
  // Restores the operators' state after Open; may be empty.
  std::function<Status(OperatorChain&)> restore;
  // Publishes what can only be read on the task's thread (the size of state); called between steps, a few times a second. An error ends the task.
  // May be empty.
  std::function<Status()> publish;
  // Counts what passes besides the records themselves.
  bool counts = true;
  // Unaligned checkpoints: barriers overtake, after so long.
  bool overtakes = false;
  Duration aligned_timeout{0};
  // Restores in-flight data into the gates before anything else; may be empty.
  std::function<Status(std::vector<std::unique_ptr<InputGate>>&)> restore_channels;
  // The job takes checkpoints: at the end of its input the task waits for one that covers everything.
  bool has_checkpoints = false;
  AlignmentMode alignment = AlignmentMode::kExactlyOnce;
  const Clock* clock = nullptr;
  EventCount* executor = nullptr;  // parks the executor that steps this task
  TaskObserver* observer = nullptr;
};

// Life: kInitializing (first step: operators are opened), kRunning, then kFinished, kCanceled or kFailed, reported once; then Step says kDone. With
// checkpoints, a task that has read its input keeps its operators open and stays kRunning until one that covers its last state is complete.
//
// Threads: Step on the executor's thread; Cancel, Post and statistics on any.
class StreamTask final : public Stepped {
 public:
  explicit StreamTask(StreamTaskOptions options);
  ~StreamTask() override;

  StepResult Step() override;
  EventTime wake_up() const override { return wake_up_; }

  // The task ends as kCanceled at its next step; sinks finish what they have open.
  void Cancel();
  // Something that the task depends on is broken: it ends as kFailed at its next step.
  void Fail(Status why);
  // For source tasks.
  void AddSplits(std::vector<std::string> splits);
  void NoMoreSplits();
  // From the coordinator: docs/checkpointing.md, steps 2, 8 and 9.
  void TriggerCheckpoint(CheckpointTrigger trigger);
  void NotifyCheckpointComplete(CheckpointId id);
  void NotifyCheckpointAborted(CheckpointId id);
  void SetWatermarkLimit(EventTime limit);
  TaskStatistics statistics() const;
  const TaskNumbers& numbers() const { return numbers_; }
  bool is_backpressured() const { return times_.is_backpressured(); }
  const OperatorChain& chain() const { return *options_.chain; }
  // For their numbers that any thread may read.
  const std::vector<std::unique_ptr<PartitionWriter>>& writers() const { return options_.writers; }
  uint32_t input_channels() const;
  const std::string& name() const { return options_.name; }

 private:
  enum class Phase : uint8_t { kNew, kRunning, kDraining, kAwaitingCheckpoint, kDone };
  Status Open();
  // A step without the pieces of snapshots that are being written.
  StepResult WorkOnce();
  // Writes pieces of the snapshots that are under way, for at most a part of the time that the last step took: beside slow steps a piece at a time would take
  // for ever. Returns whether there is more that could be written now.
  bool WriteSnapshots();
  // One round of work; sets `result`.
  Status Work(int64_t began_ns, StepResult& result);
  // These set `worked` or `fed` if there was something to do, and leave it as it was if not. Timers: those in processing time that are due.
  Status FireTimers(bool& worked);
  Status Feed(int64_t began_ns, bool& worked);
  Status FeedOnce(bool& fed);
  Status FeedFromSource(bool& fed);
  Status FeedFromGates(bool& fed);
  Status EndStep();
  // Unaligned checkpoints: takes the snapshot that is due without waiting for room in the outputs.
  Status Overtake();
  // Takes the snapshot that is due, unless what is sent before it sets off work that comes first.
  Status TakeSnapshot();
  // Runs `letter`, which returns a Status, between two steps while the task lives; an error ends the task.
  template <class Letter>
  void Post(Letter letter);
  // The chain is done: tells the consumers, and waits for room if need be.
  StepResult BeginDraining();
  StepResult Drain();
  StepResult AwaitCheckpoint();
  // The input ended because the job stops with a savepoint, in which the task must take part.
  bool EndsWithSavepoint() const;
  StepResult Finish(ExecutionState state, Status error);
  bool OutputsAvailable() const;
  void RequestSplitIfWanted();
  void ReportWatermarkIfDue();
  SourceOperatorBase& source() { return static_cast<SourceOperatorBase&>(options_.chain->head()); }
  void CountBatch(const BatchBase& batch);
  // For the report of a crash: who it is, and how far its input was.
  std::string Whereabouts() const;
  void PublishStatistics();
  void PublishShuffle();

  StreamTaskOptions options_;
  SubtaskCheckpoints checkpoints_;
  Mailbox mailbox_;
  // Set by any thread (relaxed: the notify that follows orders it), read by the task.
  std::atomic<bool> cancelled_{false};
  Phase phase_ = Phase::kNew;
  EventTime wake_up_ = kNoEventTime;
  size_t next_gate_ = 0;
  bool split_requested_ = false;
  // The task is to take part in this savepoint when its input has ended; a source ends as if it had read everything.
  std::optional<CheckpointTrigger> drain_;
  int64_t next_publish_ns_ = 0;
  int64_t last_batch_rows_ = 0;
  int64_t step_nanos_ = 0;           // that the last step worked
  bool has_read_ = false;            // a source, in this step
  bool has_filled_outputs_ = false;  // in this step, which had room when it began
  uint32_t overdrawn_ = 0;           // pieces of work for which there was no room, since the last snapshot
  TaskNumbers numbers_;
  TaskTimes times_;
  // Written by the task once per step, read by any thread; relaxed: each number stands for itself.
  struct Published {
    std::atomic<int64_t> bytes_read{0}, bytes_total{-1}, watermark{kMinWatermark};
  };
  Published published_;
};

}  // namespace weir
