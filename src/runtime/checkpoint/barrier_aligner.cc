#include "weir/runtime/checkpoint/barrier_aligner.h"

#include <algorithm>
#include <utility>

#include "weir/base/check.h"

namespace weir {

BarrierAligner::BarrierAligner(std::vector<bool> may_overtake, AlignmentMode mode)
    : mode_(mode),
      may_overtake_(std::move(may_overtake)),
      ended_(may_overtake_.size(), false),
      open_(static_cast<uint32_t>(may_overtake_.size())) {}

BarrierAligner::Pending& BarrierAligner::Begin(CheckpointId id) {
  const auto place = std::ranges::lower_bound(pending_, id, {}, &Pending::id);
  if (place != pending_.end() && place->id == id) return *place;
  return *pending_.insert(place, {.id = id, .arrived = std::vector<bool>(ended_.size(), false), .missing = open_});
}

BarrierAligner::Pending* BarrierAligner::Open(CheckpointId id, BarrierOutcome& outcome) {
  if (HasPassed(id)) return nullptr;
  if (mode_ == AlignmentMode::kExactlyOnce && !pending_.empty() && pending_.front().id != id) {
    if (id < pending_.front().id) return nullptr;  // its channel is late; the newer one has given it up
    outcome.aborted = pending_.front().id;
    pending_.clear();
  }
  return &Begin(id);
}

BarrierOutcome BarrierAligner::OnBarrier(uint32_t channel, CheckpointId id) {
  WEIR_CHECK(!ended_[channel]) << "channel " << channel << " delivered barrier " << id.value() << " after its end";
  BarrierOutcome outcome;
  Pending* const pending = Open(id, outcome);
  if (pending == nullptr) return outcome;
  if (!pending->arrived[channel]) {
    pending->arrived[channel] = true;
    --pending->missing;
  }
  outcome.blocks = mode_ == AlignmentMode::kExactlyOnce && !IsDone(*pending);
  BarrierOutcome done = CompleteIfDone();
  outcome.aligned = done.aligned;
  outcome.overtaken = std::move(done.overtaken);
  return outcome;
}

BarrierOutcome BarrierAligner::OnOvertake(CheckpointId id) {
  BarrierOutcome outcome;
  Pending* const pending = Open(id, outcome);
  if (pending == nullptr) return outcome;
  pending->overtakes = true;
  BarrierOutcome done = CompleteIfDone();
  outcome.aligned = done.aligned;
  outcome.overtaken = std::move(done.overtaken);
  return outcome;
}

bool BarrierAligner::IsDone(const Pending& pending) const {
  if (pending.missing == 0) return true;
  if (!pending.overtakes) return false;
  for (size_t channel = 0; channel < ended_.size(); ++channel) {
    if (!may_overtake_[channel] && !ended_[channel] && !pending.arrived[channel]) return false;
  }
  return true;
}

std::vector<uint32_t> BarrierAligner::Overtaken(const Pending& pending) const {
  std::vector<uint32_t> overtaken;
  for (uint32_t channel = 0; channel < ended_.size() && pending.missing > 0; ++channel) {
    if (!ended_[channel] && !pending.arrived[channel]) overtaken.push_back(channel);
  }
  return overtaken;
}

BarrierOutcome BarrierAligner::OnChannelEnd(uint32_t channel) {
  if (ended_[channel]) return {};
  ended_[channel] = true;
  --open_;
  for (Pending& pending : pending_) {
    if (!pending.arrived[channel]) --pending.missing;
  }
  if (open_ == 0 && !HasPassed(triggered_)) return Complete(triggered_);
  return CompleteIfDone();
}

BarrierOutcome BarrierAligner::OnTriggered(CheckpointId id) {
  if (HasPassed(id)) return {};
  triggered_ = std::max(triggered_, id);
  return open_ == 0 ? Complete(id) : BarrierOutcome();
}

BarrierOutcome BarrierAligner::OnAborted(CheckpointId id) {
  if (HasPassed(id)) return {};
  aborted_.insert(std::ranges::upper_bound(aborted_, id), id);
  const bool was_under_way = std::erase_if(pending_, [id](const Pending& pending) { return pending.id == id; }) > 0;
  return {.aborted = was_under_way ? id : CheckpointId::None()};
}

BarrierOutcome BarrierAligner::Complete(CheckpointId id) {
  last_ = id;
  std::erase_if(aborted_, [id](CheckpointId aborted) { return aborted <= id; });
  while (!pending_.empty() && pending_.front().id <= id) pending_.pop_front();
  return {.aligned = id};
}

BarrierOutcome BarrierAligner::CompleteIfDone() {
  for (auto pending = pending_.rbegin(); pending != pending_.rend(); ++pending) {
    if (!IsDone(*pending)) continue;
    std::vector<uint32_t> overtaken = Overtaken(*pending);
    BarrierOutcome outcome = Complete(pending->id);
    outcome.overtaken = std::move(overtaken);
    return outcome;
  }
  return {};
}

}  // namespace weir
