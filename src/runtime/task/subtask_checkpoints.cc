#include "weir/runtime/task/subtask_checkpoints.h"

#include <algorithm>

#include "weir/base/clock.h"
#include "weir/base/fault_point.h"
#include "weir/runtime/task/stream_task.h"

namespace weir {

namespace {

std::vector<bool> MayOvertake(const std::vector<InputGate*>& gates) {
  std::vector<bool> may_overtake;
  for (const InputGate* gate : gates) {
    for (uint32_t channel = 0; channel < gate->channel_count(); ++channel)
      may_overtake.push_back(gate->MayOvertake(channel));
  }
  return may_overtake;
}

}  // namespace

SubtaskCheckpoints::SubtaskCheckpoints(SubtaskCheckpointsOptions options)
    : options_(std::move(options)), aligner_(MayOvertake(options_.gates), options_.alignment) {
  uint32_t first = 0;
  for (const InputGate* gate : options_.gates) {
    first_channel_.push_back(first);
    first += gate->channel_count();
  }
}

void SubtaskCheckpoints::OnTrigger(CheckpointTrigger trigger) {
  const CheckpointId id = trigger.id;
  const bool stops = trigger.stops;
  const bool overtakes = options_.overtakes && trigger.location.kind == SnapshotKind::kCheckpoint;
  triggers_.push_back(std::move(trigger));
  if (overtakes) NoteOvertaking(id, options_.clock->WallMillis() + options_.aligned_timeout.count());
  Follow(aligner_.OnTriggered(id), stops, overtakes);
  HandOver();
}

void SubtaskCheckpoints::OnBarrier(size_t gate) {
  const InputGate::Barrier& barrier = options_.gates[gate]->barrier();
  const CheckpointId id(barrier.event.checkpoint_id);
  NoteBegin(id);
  if (barrier.event.overtakes) NoteOvertaking(id, options_.clock->WallMillis() + options_.aligned_timeout.count());
  const BarrierOutcome outcome = aligner_.OnBarrier(first_channel_[gate] + barrier.channel, id);
  const bool blocks = outcome.blocks;
  Follow(outcome, barrier.event.stops, barrier.event.overtakes);
  if (blocks) options_.gates[gate]->Block(barrier.channel);
}

void SubtaskCheckpoints::OnProgress(size_t gate) {
  for (const uint32_t channel : options_.gates[gate]->TakeEnded()) {
    BarrierOutcome outcome = aligner_.OnChannelEnd(first_channel_[gate] + channel);
    const auto trigger = std::ranges::find(triggers_, outcome.aligned, &CheckpointTrigger::id);
    const bool is_known = trigger != triggers_.end();
    const bool overtakes = overtaking_.has_value() && overtaking_->id == outcome.aligned;
    Follow(std::move(outcome), is_known && trigger->stops, overtakes);
  }
}

void SubtaskCheckpoints::Follow(BarrierOutcome outcome, bool stops, bool overtakes) {
  if (!outcome.aborted.IsNone()) {
    UnblockAll();
    options_.observer->OnSnapshotFailed(outcome.aborted, AbortedError("the barrier of a newer checkpoint came first"));
  }
  if (outcome.aligned.IsNone()) return;
  NoteBegin(outcome.aligned);
  due_.push_back(
      {.id = outcome.aligned, .stops = stops, .overtakes = overtakes, .overtaken = std::move(outcome.overtaken)});
}

void SubtaskCheckpoints::NoteBegin(CheckpointId id) {
  if (std::ranges::find(begins_, id, &Begin::id) != begins_.end()) return;
  begins_.push_back({id, options_.clock->WallMillis(), options_.clock->MonotonicNanos(), bytes_read_});
}

SubtaskCheckpoints::Begin SubtaskCheckpoints::TakeBegin(CheckpointId id) {
  Begin taken;
  for (const Begin& begin : begins_) {
    if (begin.id == id) taken = begin;
  }
  std::erase_if(begins_, [&](const Begin& each) { return each.id <= id; });
  return taken;
}

void SubtaskCheckpoints::MeasureAlignment(Taken& taken) const {
  CheckpointMetrics& metrics = taken.snapshot.metrics;
  metrics.alignment_ms = (options_.clock->MonotonicNanos() - taken.begin.monotonic_ns) / 1'000'000;
  metrics.processed_bytes = bytes_read_ - taken.begin.bytes_read;
}

void SubtaskCheckpoints::NoteOvertaking(CheckpointId id, EventTime at_ms) {
  if (!overtaking_.has_value() || overtaking_->id < id) {
    overtaking_ = Overtaking{.id = id, .at_ms = at_ms};
  } else if (overtaking_->id == id) {
    overtaking_->at_ms = std::min(overtaking_->at_ms, at_ms);
  }
}

bool SubtaskCheckpoints::HasRestoredRows() const {
  return std::ranges::any_of(options_.gates, [](const InputGate* gate) { return gate->HasRestoredRows(); });
}

void SubtaskCheckpoints::LookAround() {
  if (!options_.overtakes) return;
  const EventTime now = options_.clock->WallMillis();
  for (const InputGate* gate : options_.gates) {
    if (const CheckpointId announced(gate->announced()); !announced.IsNone()) NoteOvertaking(announced, now);
  }
  // Rows that a restore has put before all channels belong to none, so they cannot be captured: they are processed first.
  if (!overtaking_.has_value() || overtaking_->is_over || now < overtaking_->at_ms || HasRestoredRows()) return;
  overtaking_->is_over = true;
  if (last_taken_ == overtaking_->id) {
    Announce(last_taken_);
  } else if (!options_.gates.empty()) {
    Follow(aligner_.OnOvertake(overtaking_->id), /*stops=*/false, /*overtakes=*/true);
  }
}

EventTime SubtaskCheckpoints::wake_up() const {
  if (!overtaking_.has_value() || overtaking_->is_over || HasRestoredRows()) return kNoEventTime;
  return overtaking_->at_ms;
}

void SubtaskCheckpoints::Announce(CheckpointId id) {
  if (has_ended_) return;  // the end was announced, for all checkpoints
  for (PartitionWriter* writer : options_.writers) writer->Announce(id.value());
}

void SubtaskCheckpoints::UnblockAll() {
  for (InputGate* gate : options_.gates) gate->UnblockAll();
}

void SubtaskCheckpoints::OnEndOfData() {
  has_ended_ = true;
  if (!options_.overtakes) return;
  for (PartitionWriter* writer : options_.writers) writer->Announce(LocalChannel::kEndAnnounced);
}

void SubtaskCheckpoints::OnAborted(CheckpointId id) {
  if (!aligner_.OnAborted(id).aborted.IsNone()) UnblockAll();
  if (std::erase_if(due_, [&](const Due& due) { return due.id == id; }) > 0) UnblockAll();
  if (stopped_ == id) stopped_ = CheckpointId::None();
  if (overtaking_.has_value() && overtaking_->id <= id) overtaking_->is_over = true;
  if (capturing_ == id) DropCapture();
  std::erase_if(begins_, [&](const Begin& begin) { return begin.id == id; });
  std::erase_if(triggers_, [&](const CheckpointTrigger& trigger) { return trigger.id == id; });
  std::erase_if(taken_, [&](const Taken& taken) { return taken.id == id; });
}

void SubtaskCheckpoints::Take(OperatorChain& chain) {
  const Due due = std::move(due_.front());
  due_.pop_front();
  Taken taken{.id = due.id, .begin = TakeBegin(due.id)};
  MeasureAlignment(taken);
  const int64_t began = options_.clock->MonotonicNanos();
  // The barrier goes first: consumers align while the state is being frozen. Behind the end of data nothing is sent (the end says it all).
  if (!has_ended_) {
    const StreamEvent barrier{.kind = StreamEvent::Kind::kBarrier,
                              .stops = due.stops,
                              .overtakes = due.overtakes,
                              .checkpoint_id = due.id.value()};
    for (PartitionWriter* writer : options_.writers) writer->Emit(barrier);
  }
  last_taken_ = due.id;
  LookAround();
  if (due.overtakes && overtaking_.has_value() && overtaking_->id == due.id && overtaking_->is_over) Announce(due.id);
  FaultPoint("barrier-sent");
  StatusOr<std::vector<OperatorStateParts>> state = chain.Snapshot(due.id);
  FaultPoint("state-frozen");
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
  BeginCapture(due);
  AdvanceCapture();
  HandOver();
}

void SubtaskCheckpoints::BeginCapture(const Due& due) {
  if (is_capturing()) {
    options_.observer->OnSnapshotFailed(capturing_, AbortedError("a newer checkpoint came before its barriers"));
    std::erase_if(taken_, [this](const Taken& taken) { return taken.id == capturing_; });
    DropCapture();
  }
  if (due.overtaken.empty()) return;
  capturing_ = due.id;
  taken_.back().snapshot.metrics.is_unaligned = true;
  for (const uint32_t channel : due.overtaken) {
    // The last gate that begins at or before it.
    const auto after = std::ranges::upper_bound(first_channel_, channel);
    const auto gate = static_cast<size_t>(after - first_channel_.begin()) - 1;
    options_.gates[gate]->BeginCapture(channel - first_channel_[gate], due.id.value());
  }
}

void SubtaskCheckpoints::AdvanceCapture() {
  if (!is_capturing()) return;
  bool complete = true;
  for (InputGate* gate : options_.gates) complete &= gate->AdvanceCapture();
  for (InputGate* gate : options_.gates) gate->NotifyProducers();
  if (!complete) return;
  FaultPoint("in-flight-captured");
  const auto taken = std::ranges::find(taken_, capturing_, &Taken::id);
  capturing_ = CheckpointId::None();
  for (InputGate* gate : options_.gates) {
    for (CapturedChannel& captured : gate->EndCapture()) {
      taken->snapshot.metrics.persisted_bytes += static_cast<int64_t>(captured.batches.size());
      taken->snapshot.channels.push_back(std::move(captured));
    }
  }
  MeasureAlignment(*taken);
  HandOver();
}

void SubtaskCheckpoints::DropCapture() {
  capturing_ = CheckpointId::None();
  for (InputGate* gate : options_.gates) gate->EndCapture();
}

void SubtaskCheckpoints::HandOver() {
  for (auto taken = taken_.begin(); taken != taken_.end();) {
    const auto trigger = std::ranges::find(triggers_, taken->id, &CheckpointTrigger::id);
    if (trigger == triggers_.end() || taken->id == capturing_) {
      ++taken;
      continue;
    }
    // Clocks of two machines: a barrier may seem to be there before its trigger.
    taken->snapshot.metrics.start_delay_ms = std::max<int64_t>(0, taken->begin.wall_ms - trigger->time_ms);
    last_metrics_ = taken->snapshot.metrics;
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
