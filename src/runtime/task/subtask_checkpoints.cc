#include "weir/runtime/task/subtask_checkpoints.h"

#include <algorithm>

#include "weir/base/clock.h"
#include "weir/runtime/task/stream_task.h"

namespace weir {

namespace {

uint32_t CountChannels(const std::vector<InputGate*>& gates) {
  uint32_t count = 0;
  for (const InputGate* gate : gates) count += gate->channel_count();
  return count;
}

}  // namespace

SubtaskCheckpoints::SubtaskCheckpoints(SubtaskCheckpointsOptions options)
    : options_(std::move(options)), aligner_(CountChannels(options_.gates), options_.alignment) {
  uint32_t first = 0;
  for (const InputGate* gate : options_.gates) {
    first_channel_.push_back(first);
    first += gate->channel_count();
  }
}

void SubtaskCheckpoints::OnTrigger(CheckpointTrigger trigger) {
  const CheckpointId id = trigger.id;
  const bool stops = trigger.stops;
  triggers_.push_back(std::move(trigger));
  Follow(aligner_.OnTriggered(id), stops);
  HandOver();
}

void SubtaskCheckpoints::OnBarrier(size_t gate) {
  const InputGate::Barrier& barrier = options_.gates[gate]->barrier();
  const CheckpointId id(barrier.event.checkpoint_id);
  NoteBegin(id);
  const BarrierOutcome outcome = aligner_.OnBarrier(first_channel_[gate] + barrier.channel, id);
  Follow(outcome, barrier.event.stops);
  if (outcome.blocks) options_.gates[gate]->Block(barrier.channel);
}

void SubtaskCheckpoints::OnProgress(size_t gate) {
  for (const uint32_t channel : options_.gates[gate]->TakeEnded()) {
    const BarrierOutcome outcome = aligner_.OnChannelEnd(first_channel_[gate] + channel);
    const auto trigger = std::ranges::find(triggers_, outcome.aligned, &CheckpointTrigger::id);
    Follow(outcome, trigger != triggers_.end() && trigger->stops);
  }
}

void SubtaskCheckpoints::Follow(const BarrierOutcome& outcome, bool stops) {
  if (!outcome.aborted.IsNone()) {
    UnblockAll();
    options_.observer->OnSnapshotFailed(outcome.aborted, AbortedError("the barrier of a newer checkpoint came first"));
  }
  if (outcome.aligned.IsNone()) return;
  NoteBegin(outcome.aligned);
  due_ = Due{.id = outcome.aligned, .stops = stops};
}

void SubtaskCheckpoints::NoteBegin(CheckpointId id) {
  if (std::ranges::find(begins_, id, &Begin::id) != begins_.end()) return;
  begins_.push_back({id, options_.clock->WallMillis(), options_.clock->MonotonicNanos(), bytes_read_});
}

CheckpointMetrics SubtaskCheckpoints::Measure(CheckpointId id, int64_t& wall_ms) {
  CheckpointMetrics metrics;
  const auto begin = std::ranges::find(begins_, id, &Begin::id);
  if (begin != begins_.end()) {
    wall_ms = begin->wall_ms;
    metrics.alignment_ms = (options_.clock->MonotonicNanos() - begin->monotonic_ns) / 1'000'000;
    metrics.processed_bytes = bytes_read_ - begin->bytes_read;
  }
  std::erase_if(begins_, [&](const Begin& each) { return each.id <= id; });
  return metrics;
}

void SubtaskCheckpoints::UnblockAll() {
  for (InputGate* gate : options_.gates) gate->UnblockAll();
}

void SubtaskCheckpoints::OnAborted(CheckpointId id) {
  if (!aligner_.OnAborted(id).aborted.IsNone()) UnblockAll();
  if (due_.has_value() && due_->id <= id) {
    due_.reset();
    UnblockAll();
  }
  if (stopped_ == id) stopped_ = CheckpointId::None();
  std::erase_if(begins_, [&](const Begin& begin) { return begin.id <= id; });
  std::erase_if(triggers_, [&](const CheckpointTrigger& trigger) { return trigger.id <= id; });
  std::erase_if(taken_, [&](const Taken& taken) { return taken.id <= id; });
}

void SubtaskCheckpoints::Take(OperatorChain& chain, const std::vector<std::unique_ptr<PartitionWriter>>& writers) {
  const Due due = *due_;
  due_.reset();
  Taken taken{.id = due.id};
  taken.snapshot.metrics = Measure(due.id, taken.began_wall_ms);
  const int64_t began = options_.clock->MonotonicNanos();
  // The barrier goes first: consumers align while the state is being frozen. Behind the end of data nothing is sent (the end says it all).
  if (!has_ended_) {
    for (const auto& writer : writers)
      writer->Emit({.kind = StreamEvent::Kind::kBarrier, .stops = due.stops, .checkpoint_id = due.id.value()});
  }
  StatusOr<std::vector<OperatorStateParts>> state = chain.Snapshot(due.id);
  UnblockAll();
  if (!state.ok()) {
    options_.observer->OnSnapshotFailed(due.id, state.status());
    return;
  }
  if (due.stops) stopped_ = due.id;
  if (has_ended_ && first_after_end_.IsNone()) first_after_end_ = due.id;
  taken.snapshot.operators = *std::move(state);
  taken.snapshot.metrics.sync_ms = (options_.clock->MonotonicNanos() - began) / 1'000'000;
  taken_.push_back(std::move(taken));
  HandOver();
}

void SubtaskCheckpoints::HandOver() {
  for (auto taken = taken_.begin(); taken != taken_.end();) {
    const auto trigger = std::ranges::find(triggers_, taken->id, &CheckpointTrigger::id);
    if (trigger == triggers_.end()) {
      ++taken;
      continue;
    }
    // Clocks of two machines: a barrier may seem to be there before its trigger.
    taken->snapshot.metrics.start_delay_ms = std::max<int64_t>(0, taken->began_wall_ms - trigger->time_ms);
    options_.observer->OnSnapshot(*trigger, std::move(taken->snapshot));
    const CheckpointId id = taken->id;
    taken = taken_.erase(taken);
    std::erase_if(triggers_, [&](const CheckpointTrigger& each) { return each.id <= id; });
  }
}

bool SubtaskCheckpoints::EndsWith(CheckpointId id) const {
  if (is_stopped()) return stopped_ == id;
  return !first_after_end_.IsNone() && id >= first_after_end_;
}

}  // namespace weir
