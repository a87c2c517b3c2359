#include "weir/runtime/task/stream_task.h"

#include <algorithm>

#include "weir/base/clock.h"
#include "weir/base/crash/crash_report.h"
#include "weir/base/fault_point.h"
#include "weir/functions/watermark_generator.h"
#include "weir/runtime/task/user_code.h"

namespace weir {

namespace {

// Per step: enough to pay for looking at mailbox and outputs, little enough to answer within a fraction of a millisecond.
constexpr int kBatchesPerStep = 4;
// User code that is slow ends a step after the batch in which so much time is over: checkpoints and letters wait for the end of a step.
constexpr int64_t kStepNanos = 1'000'000;
// Of a step's time, the part that may go on top for writing snapshots.
constexpr int64_t kSnapshotShare = 8;
constexpr uint32_t kResultsPerPiece = 1024;
// Pieces that a task may make without room for them, so that a barrier can overtake: a quarter million results, a few megabytes. An operator that has more to
// give out (a window over millions of keys fires) holds the barrier up.
constexpr uint32_t kMostOverdrawn = 256;
// What must be read on the task's own thread is for people: no more often than they look.
constexpr int64_t kPublishNanos = 250'000'000;

SubtaskCheckpointsOptions CheckpointsOf(const StreamTaskOptions& options) {
  SubtaskCheckpointsOptions checkpoints{
      .alignment = options.alignment, .gates = {}, .observer = options.observer, .clock = options.clock};
  checkpoints.overtakes = options.overtakes;
  checkpoints.aligned_timeout = options.aligned_timeout;
  for (const auto& writer : options.writers) checkpoints.writers.push_back(writer.get());
  for (const auto& gate : options.gates) checkpoints.gates.push_back(gate.get());
  return checkpoints;
}

}  // namespace

StreamTask::StreamTask(StreamTaskOptions options)
    : options_(std::move(options)), checkpoints_(CheckpointsOf(options_)), mailbox_(options_.executor) {}

StreamTask::~StreamTask() = default;

void StreamTask::Cancel() {
  cancelled_.store(true, std::memory_order_relaxed);
  options_.executor->Notify();
}

template <class Letter>
void StreamTask::Post(Letter letter) {
  mailbox_.Post([this, letter = std::move(letter)]() mutable {
    if (phase_ == Phase::kDone) return;
    Status status = letter();
    if (!status.ok()) Finish(ExecutionState::kFailed, std::move(status));
  });
}

void StreamTask::Fail(Status why) {
  Post([why = std::move(why)] { return why; });
}

void StreamTask::AddSplits(std::vector<std::string> splits) {
  Post([this, splits = std::move(splits)] {
    split_requested_ = false;
    if (phase_ != Phase::kRunning) return OkStatus();
    return GuardUserCode(options_.chain->name(0), [&] { return source().AddSplits(splits); });
  });
}

void StreamTask::NoMoreSplits() {
  Post([this] {
    if (phase_ != Phase::kRunning) return OkStatus();
    return GuardUserCode(options_.chain->name(0), [&] {
      source().NoMoreSplits();
      return OkStatus();
    });
  });
}

void StreamTask::TriggerCheckpoint(CheckpointTrigger trigger) {
  Post([this, trigger = std::move(trigger)]() mutable {
    if (trigger.drains && phase_ == Phase::kRunning) {
      // Not before the end of the input, which the sources now bring about.
      drain_ = std::move(trigger);
    } else {
      checkpoints_.OnTrigger(std::move(trigger));
    }
    return OkStatus();
  });
}

void StreamTask::NotifyCheckpointComplete(CheckpointId id) {
  Post([this, id]() -> Status {
    FaultPoint("commit-begins");
    WEIR_RETURN_IF_ERROR(options_.chain->NotifyCheckpointComplete(id));
    FaultPoint("committed");
    options_.observer->OnCheckpointComplete(id);
    if (checkpoints_.EndsWith(id)) Finish(ExecutionState::kFinished, OkStatus());
    return OkStatus();
  });
}

void StreamTask::NotifyCheckpointAborted(CheckpointId id) {
  Post([this, id] {
    checkpoints_.OnAborted(id);
    return options_.chain->NotifyCheckpointAborted(id);
  });
}

void StreamTask::SetWatermarkLimit(EventTime limit) {
  mailbox_.Post([this, limit] {
    if (phase_ == Phase::kRunning) source().SetWatermarkLimit(limit);
  });
}

Status StreamTask::Open() {
  options_.observer->OnState(ExecutionState::kInitializing, OkStatus());
  WEIR_RETURN_IF_ERROR(options_.chain->Open([this](size_t i) {
    OperatorContext context = options_.context_of(i);
    context.mailbox = &mailbox_;
    return context;
  }));
  if (options_.restore) WEIR_RETURN_IF_ERROR(options_.restore(*options_.chain));
  if (options_.restore_channels) WEIR_RETURN_IF_ERROR(options_.restore_channels(options_.gates));
  if (options_.restore) FaultPoint("state-restored");
  phase_ = Phase::kRunning;
  options_.observer->OnState(ExecutionState::kRunning, OkStatus());
  if (options_.is_source) options_.observer->OnReaderRegistered();
  return OkStatus();
}

StepResult StreamTask::Step() {
  const WorkingOn scope([](const void* task) { return static_cast<const StreamTask*>(task)->Whereabouts(); }, this);
  const StepResult result = WorkOnce();
  if (phase_ == Phase::kDone || phase_ == Phase::kNew) return result;
  return WriteSnapshots() ? StepResult::kProgress : result;
}

bool StreamTask::WriteSnapshots() {
  if (!options_.chain->AdvanceSnapshots()) return false;
  const int64_t until = options_.clock->MonotonicNanos() + step_nanos_ / kSnapshotShare;
  while (options_.clock->MonotonicNanos() < until) {
    if (!options_.chain->AdvanceSnapshots()) return false;
  }
  return true;
}

std::string StreamTask::Whereabouts() const {
  std::string text = "task \"" + options_.name + "\", which had ";
  if (!options_.is_source) {
    // The batch that it works on is counted already.
    text += "taken " + std::to_string(numbers_.records_in.Count()) + " records in (the last " +
            std::to_string(last_batch_rows_) + " at once)";
  } else {
    const auto& head = static_cast<const SourceOperatorBase&>(options_.chain->head());
    const std::string position = head.Position();
    text += "read " + std::to_string(head.records()) + " records" + (position.empty() ? "" : ", up to " + position);
  }
  if (const int64_t watermark = published_.watermark.load(std::memory_order_relaxed); watermark != kMinWatermark) {
    text += "; its watermark was " + std::to_string(watermark);
  }
  return text;
}

StepResult StreamTask::WorkOnce() {
  if (phase_ == Phase::kDone) return StepResult::kDone;
  if (cancelled_.load(std::memory_order_relaxed)) return Finish(ExecutionState::kCanceled, OkStatus());
  if (phase_ == Phase::kNew) {
    if (Status status = Open(); !status.ok()) return Finish(ExecutionState::kFailed, std::move(status));
  }
  const bool had_letters = mailbox_.Run();
  if (phase_ == Phase::kDone) return StepResult::kDone;
  checkpoints_.AdvanceCapture();
  if (phase_ == Phase::kDraining) return Drain();
  if (phase_ == Phase::kAwaitingCheckpoint) return AwaitCheckpoint();
  const int64_t began = options_.clock->MonotonicNanos();
  times_.BeginStep(began);
  StepResult result = StepResult::kIdle;
  Status status = had_letters ? options_.chain->OnLetters() : OkStatus();
  if (status.ok()) status = Overtake();
  // Nobody waits for the end of a slow batch with a snapshot that is complete but for its writing.
  if (options_.overtakes) WriteSnapshots();
  if (status.ok()) status = Work(began, result);
  checkpoints_.AdvanceCapture();
  const int64_t ended = options_.clock->MonotonicNanos();
  times_.EndStep(ended, result, std::exchange(has_filled_outputs_, false));
  step_nanos_ = ended - began;
  if (std::exchange(has_read_, false)) numbers_.last_batch_nanos.Set(ended);
  if (ended >= next_publish_ns_ && status.ok()) {
    next_publish_ns_ = ended + kPublishNanos;
    PublishShuffle();
    if (options_.publish) status = options_.publish();
  }
  if (!status.ok()) return Finish(ExecutionState::kFailed, std::move(status));
  return options_.chain->finished() ? BeginDraining() : result;
}

Status StreamTask::Work(int64_t began_ns, StepResult& result) {
  bool drained = true;
  for (const auto& writer : options_.writers) drained &= writer->Drain();
  const bool is_stopped = checkpoints_.is_stopped() && drained;
  if (is_stopped || !drained || !OutputsAvailable()) {
    result = is_stopped ? StepResult::kIdle : StepResult::kBlocked;
    wake_up_ = is_stopped ? kNoEventTime : checkpoints_.wake_up();
    for (const auto& writer : options_.writers) writer->EndStep();
    return OkStatus();
  }
  bool worked = false;
  WEIR_RETURN_IF_ERROR(FireTimers(worked));
  WEIR_RETURN_IF_ERROR(Feed(began_ns, worked));
  if (worked || options_.chain->HasStatusToPass()) {
    WEIR_RETURN_IF_ERROR(EndStep());
  } else {
    // Something may have been taken that said nothing, and made room.
    for (const auto& gate : options_.gates) gate->NotifyProducers();
  }
  if (options_.is_source) {
    RequestSplitIfWanted();
    ReportWatermarkIfDue();
  }
  for (const EventTime due : {options_.chain->NextProcessingTime(), checkpoints_.wake_up()}) {
    if (due != kNoEventTime && (wake_up_ == kNoEventTime || due < wake_up_)) wake_up_ = due;
  }
  result = worked ? StepResult::kProgress : StepResult::kIdle;
  return OkStatus();
}

Status StreamTask::FireTimers(bool& worked) {
  const EventTime due = options_.chain->NextProcessingTime();
  if (due == kNoEventTime) return OkStatus();
  const EventTime now = options_.clock->WallMillis();
  if (due > now) return OkStatus();
  worked = true;
  return options_.chain->OnProcessingTime(now);
}

Status StreamTask::Feed(int64_t began_ns, bool& worked) {
  wake_up_ = kNoEventTime;
  for (int i = 0; i < kBatchesPerStep && !options_.chain->finished() && !checkpoints_.is_stopped(); ++i) {
    bool fed = false;
    WEIR_RETURN_IF_ERROR(FeedOnce(fed));
    worked |= fed;
    has_filled_outputs_ = fed && !OutputsAvailable();
    if (!fed || has_filled_outputs_ || options_.clock->MonotonicNanos() - began_ns >= kStepNanos) break;
  }
  return OkStatus();
}

Status StreamTask::Overtake() {
  checkpoints_.LookAround();
  if (!checkpoints_.is_urgent()) return OkStatus();
  OperatorChain& chain = *options_.chain;
  for (; chain.HasWork() && chain.CanResume() && overdrawn_ < kMostOverdrawn; ++overdrawn_)
    WEIR_RETURN_IF_ERROR(chain.Resume(kResultsPerPiece));
  if (chain.HasWork() || chain.finished()) return OkStatus();
  overdrawn_ = 0;
  WEIR_RETURN_IF_ERROR(TakeSnapshot());
  for (const auto& writer : options_.writers) writer->EndStep();
  return OkStatus();
}

Status StreamTask::FeedOnce(bool& fed) {
  if (options_.chain->HasWork()) {
    fed = options_.chain->CanResume();
    return fed ? options_.chain->Resume(kResultsPerPiece) : OkStatus();
  }
  if (checkpoints_.is_due()) {
    fed = true;
    return TakeSnapshot();
  }
  return options_.is_source ? FeedFromSource(fed) : FeedFromGates(fed);
}

Status StreamTask::TakeSnapshot() {
  WEIR_RETURN_IF_ERROR(EndStep());
  if (options_.chain->HasWork()) return OkStatus();
  const int64_t began = options_.clock->MonotonicNanos();
  checkpoints_.Take(*options_.chain);
  numbers_.snapshot_pause_nanos.Update(options_.clock->MonotonicNanos() - began);
  return OkStatus();
}

Status StreamTask::FeedFromSource(bool& fed) {
  if (drain_.has_value()) {
    fed = true;
    return options_.chain->EndSource();
  }
  StatusOr<SourceOperatorBase::Emitted> emitted = options_.chain->EmitNext();
  if (!emitted.ok()) {
    const std::string position = source().Position();
    if (position.empty()) return emitted.status();
    return Status(emitted.status().code(),
                  std::string(emitted.status().message()) + " (input read up to " + position + ")");
  }
  fed = *emitted != SourceOperatorBase::Emitted::kIdle;
  if (fed) has_read_ = true;
  if (!fed) wake_up_ = source().wake_up();
  return OkStatus();
}

Status StreamTask::FeedFromGates(bool& fed) {
  for (size_t tried = 0; tried < options_.gates.size() && !fed; ++tried) {
    const size_t input = next_gate_;
    next_gate_ = next_gate_ + 1 == options_.gates.size() ? 0 : next_gate_ + 1;
    BatchBase* batch = nullptr;
    switch (options_.gates[input]->Poll(batch)) {
      case InputGate::Polled::kNothing:
        break;
      case InputGate::Polled::kStatus:
        fed = true;
        break;
      case InputGate::Polled::kBarrier:
        fed = true;
        checkpoints_.OnBarrier(input);
        break;
      case InputGate::Polled::kBatch:
        fed = true;
        checkpoints_.CountRead(static_cast<uint64_t>(batch->count()) * batch->type->row_bytes);
        CountBatch(*batch);
        WEIR_RETURN_IF_ERROR(options_.chain->ProcessBatch(static_cast<int>(input), batch));
        break;
      case InputGate::Polled::kFailed:
        return options_.gates[input]->status();
      case InputGate::Polled::kEnd:
        fed = true;
        WEIR_RETURN_IF_ERROR(options_.chain->EndInput(static_cast<int>(input)));
        break;
    }
    checkpoints_.OnProgress(input);
    // The end of a channel may say nothing but that a snapshot is due: then the other inputs must not be read before it.
    fed |= checkpoints_.is_due();
  }
  return OkStatus();
}

Status StreamTask::EndStep() {
  for (size_t input = 0; input < options_.gates.size(); ++input) {
    options_.chain->SetInputIdle(static_cast<int>(input), options_.gates[input]->idle());
  }
  WEIR_RETURN_IF_ERROR(options_.chain->EndStep());
  for (const auto& writer : options_.writers) {
    writer->EndStep();
    WEIR_RETURN_IF_ERROR(writer->status());
  }
  for (const auto& gate : options_.gates) gate->NotifyProducers();
  PublishStatistics();
  return OkStatus();
}

StepResult StreamTask::BeginDraining() {
  phase_ = Phase::kDraining;
  const StreamEvent end{.kind = StreamEvent::Kind::kEndOfData, .stops = EndsWithSavepoint()};
  for (const auto& writer : options_.writers) writer->Emit(end);
  checkpoints_.OnEndOfData();
  return Drain();
}

StepResult StreamTask::Drain() {
  bool drained = true;
  for (const auto& writer : options_.writers) {
    drained &= writer->Drain();
    writer->EndStep();
  }
  if (!drained) {
    times_.EndStep(options_.clock->MonotonicNanos(), StepResult::kBlocked);
    return StepResult::kBlocked;
  }
  if (!options_.has_checkpoints && !EndsWithSavepoint()) return Finish(ExecutionState::kFinished, OkStatus());
  phase_ = Phase::kAwaitingCheckpoint;
  wake_up_ = kNoEventTime;
  options_.observer->OnEndOfData();
  if (drain_.has_value()) checkpoints_.OnTrigger(*drain_);
  return AwaitCheckpoint();
}

bool StreamTask::EndsWithSavepoint() const {
  return drain_.has_value() || std::any_of(options_.gates.begin(), options_.gates.end(),
                                           [](const auto& gate) { return gate->ends_with_savepoint(); });
}

StepResult StreamTask::AwaitCheckpoint() {
  times_.EndStep(options_.clock->MonotonicNanos(), StepResult::kIdle);
  while (checkpoints_.is_due()) checkpoints_.Take(*options_.chain);
  return StepResult::kIdle;
}

StepResult StreamTask::Finish(ExecutionState state, Status error) {
  if (phase_ == Phase::kDone) return StepResult::kDone;
  phase_ = Phase::kDone;
  Status closed = options_.chain->Close(state == ExecutionState::kFailed);
  if (state == ExecutionState::kFinished && !closed.ok()) {
    state = ExecutionState::kFailed;
    error = std::move(closed);
  }
  times_.Stop(options_.clock->MonotonicNanos());
  PublishStatistics();
  PublishShuffle();
  options_.observer->OnState(state, error);
  return StepResult::kDone;
}

bool StreamTask::OutputsAvailable() const {
  return std::all_of(options_.writers.begin(), options_.writers.end(),
                     [](const auto& writer) { return writer->IsAvailable(); });
}

void StreamTask::RequestSplitIfWanted() {
  if (split_requested_ || !source().WantsSplit()) return;
  split_requested_ = true;
  options_.observer->OnSplitRequest();
}

void StreamTask::ReportWatermarkIfDue() {
  SourceOperatorBase::AlignmentReport report;
  if (!source().TakeAlignmentReport(report)) return;
  options_.observer->OnWatermark({.group = report.settings->group,
                                  .max_drift_ms = report.settings->max_drift.count(),
                                  .watermark = report.watermark});
}

}  // namespace weir
