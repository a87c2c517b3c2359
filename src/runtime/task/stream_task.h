// One subtask of a job vertex: a chain of operators with its inputs and outputs, stepped by an executor.
#pragma once

#include <atomic>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "weir/base/status.h"
#include "weir/rpc/task_deployment.h"
#include "weir/runtime/network/input_gate.h"
#include "weir/runtime/network/partition_writer.h"
#include "weir/runtime/task/mailbox.h"
#include "weir/runtime/task/operator_chain.h"
#include "weir/runtime/task/step.h"

namespace weir {

class Clock;

// Hears of a task's life; called on the task's thread.
class TaskObserver {
 public:
  virtual ~TaskObserver() = default;
  virtual void OnState(ExecutionState state, const Status& error) = 0;
  virtual void OnReaderRegistered() {}
  virtual void OnSplitRequest() {}
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
  const Clock* clock = nullptr;
  EventCount* executor = nullptr;  // parks the executor that steps this task
  TaskObserver* observer = nullptr;
};

// Life: kInitializing (first step: operators are opened), kRunning, then kFinished, kCanceled or kFailed, reported once; then Step says kDone.
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
  // For source tasks.
  void AddSplits(std::vector<std::string> splits);
  void NoMoreSplits();
  TaskStatistics statistics() const;
  const std::string& name() const { return options_.name; }

 private:
  enum class Phase : uint8_t { kNew, kRunning, kDraining, kDone };
  Status Open();
  // One round of work; sets `result`.
  Status Work(StepResult& result);
  Status FeedOnce(bool& fed);
  Status FeedFromSource(bool& fed);
  Status FeedFromGates(bool& fed);
  Status EndStep();
  // The chain is done: tells the consumers, and waits for room if need be.
  StepResult BeginDraining();
  StepResult Drain();
  StepResult Finish(ExecutionState state, Status error);
  bool OutputsAvailable() const;
  void RequestSplitIfWanted();
  SourceOperatorBase& source() { return static_cast<SourceOperatorBase&>(options_.chain->head()); }
  void CountTime(int64_t began, int64_t ended, StepResult result);
  void PublishStatistics();

  StreamTaskOptions options_;
  Mailbox mailbox_;
  std::atomic<bool> cancelled_{
      false};  // set by any thread (relaxed: the notify that follows orders it), read by the task
  Phase phase_ = Phase::kNew;
  EventTime wake_up_ = kNoEventTime;
  size_t next_gate_ = 0;
  bool split_requested_ = false;
  StepResult last_result_ = StepResult::kProgress;
  int64_t last_ended_ns_ = 0;
  int64_t records_in_ = 0;
  // Written by the task once per step, read by any thread; relaxed: each number stands for itself.
  struct Published {
    std::atomic<int64_t> records_in{0}, records_out{0}, bytes_read{0}, bytes_total{-1}, watermark{kMinWatermark};
    std::atomic<int64_t> busy_ns{0}, idle_ns{0}, backpressured_ns{0};
  };
  Published published_;
};

}  // namespace weir
