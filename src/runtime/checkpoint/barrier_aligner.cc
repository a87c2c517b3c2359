#include "weir/runtime/checkpoint/barrier_aligner.h"

#include <algorithm>

#include "weir/base/check.h"

namespace weir {

BarrierAligner::BarrierAligner(uint32_t channels, AlignmentMode mode)
    : mode_(mode), ended_(channels, false), open_(channels) {}

BarrierAligner::Pending& BarrierAligner::Begin(CheckpointId id) {
  const auto place = std::ranges::lower_bound(pending_, id, {}, &Pending::id);
  if (place != pending_.end() && place->id == id) return *place;
  return *pending_.insert(place, {.id = id, .arrived = std::vector<bool>(ended_.size(), false), .missing = open_});
}

BarrierOutcome BarrierAligner::OnBarrier(uint32_t channel, CheckpointId id) {
  WEIR_CHECK(!ended_[channel]) << "channel " << channel << " delivered barrier " << id.value() << " after its end";
  if (HasPassed(id)) return {};
  BarrierOutcome outcome;
  if (mode_ == AlignmentMode::kExactlyOnce && !pending_.empty() && pending_.front().id != id) {
    if (id < pending_.front().id) return {};  // its channel is late; the newer one has given it up
    outcome.aborted = pending_.front().id;
    pending_.clear();
  }
  Pending& pending = Begin(id);
  if (!pending.arrived[channel]) {
    pending.arrived[channel] = true;
    --pending.missing;
  }
  outcome.blocks = mode_ == AlignmentMode::kExactlyOnce && pending.missing > 0;
  outcome.aligned = CompleteIfDone().aligned;
  return outcome;
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
  last_ = id;
  BarrierOutcome outcome;
  while (!pending_.empty() && pending_.front().id <= id) {
    outcome.aborted = pending_.front().id;
    pending_.pop_front();
  }
  return outcome;
}

BarrierOutcome BarrierAligner::Complete(CheckpointId id) {
  last_ = id;
  while (!pending_.empty() && pending_.front().id <= id) pending_.pop_front();
  return {.aligned = id};
}

BarrierOutcome BarrierAligner::CompleteIfDone() {
  for (auto pending = pending_.rbegin(); pending != pending_.rend(); ++pending) {
    if (pending->missing == 0) return Complete(pending->id);
  }
  return {};
}

}  // namespace weir
