#include "weir/runtime/task/subtask_checkpoints.h"

#include <algorithm>

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
  const BarrierOutcome outcome =
      aligner_.OnBarrier(first_channel_[gate] + barrier.channel, CheckpointId(barrier.event.checkpoint_id));
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
  if (!outcome.aligned.IsNone()) due_ = Due{.id = outcome.aligned, .stops = stops};
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
  std::erase_if(triggers_, [&](const CheckpointTrigger& trigger) { return trigger.id <= id; });
  std::erase_if(taken_, [&](const Taken& taken) { return taken.id <= id; });
}

void SubtaskCheckpoints::Take(OperatorChain& chain, const std::vector<std::unique_ptr<PartitionWriter>>& writers) {
  const Due due = *due_;
  due_.reset();
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
  taken_.push_back({due.id, *std::move(state)});
  HandOver();
}

void SubtaskCheckpoints::HandOver() {
  for (auto taken = taken_.begin(); taken != taken_.end();) {
    const auto trigger = std::ranges::find(triggers_, taken->id, &CheckpointTrigger::id);
    if (trigger == triggers_.end()) {
      ++taken;
      continue;
    }
    options_.observer->OnSnapshot(*trigger, std::move(taken->state));
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
