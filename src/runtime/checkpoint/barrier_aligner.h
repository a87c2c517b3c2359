// Decides when the barriers of a checkpoint have come over all channels of a task: docs/checkpointing.md, step 4; keeps I2 and I3.
//
//   BarrierAligner aligner(channels, AlignmentMode::kExactlyOnce);
//   BarrierOutcome outcome = aligner.OnBarrier(channel, id);
//   if (outcome.blocks) ...                       // do not read this channel until `aligned` or `aborted` says so
//   if (!outcome.aligned.IsNone()) ...            // take the snapshot, then read all channels again
//
// Exactly once: a channel that has delivered the barrier is blocked until all others have delivered theirs. At least once: it is read on, and several
// checkpoints may be half there. Overtaking (unaligned): the snapshot is taken at once, and what is in flight becomes part of it.
// A channel that has ended counts as having delivered every barrier. A task without channels, or whose channels have all ended, is aligned by the
// coordinator's message alone.
//
// Threads: the task's thread.
#pragma once

#include <algorithm>
#include <cstdint>
#include <deque>
#include <vector>

#include "weir/base/ids.h"

namespace weir {

enum class AlignmentMode : uint8_t { kExactlyOnce, kAtLeastOnce };

// What follows from one event.
struct BarrierOutcome {
  bool blocks = false;     // the channel that the barrier came from is not to be read for now
  CheckpointId aligned{};  // not none: all barriers of it are there; no channel is blocked any more
  CheckpointId aborted{};  // not none: it was under way and is given up; its channels may be read again
  // With `aligned`: channels that its barrier has not come over, and has overtaken. What comes there until it does belongs to the snapshot.
  std::vector<uint32_t> overtaken{};
};

class BarrierAligner {
 public:
  // `channels`: of all gates of the task; 0 for a source.
  BarrierAligner(uint32_t channels, AlignmentMode mode) : BarrierAligner(std::vector<bool>(channels, false), mode) {}
  // By channel: whether barriers may overtake what it holds.
  BarrierAligner(std::vector<bool> may_overtake, AlignmentMode mode);

  // A barrier has come over `channel`. One whose id is not above the last is dropped; a newer one than the present gives that up (I2).
  BarrierOutcome OnBarrier(uint32_t channel, CheckpointId id);
  // From now on `id` overtakes: only channels where it must not are waited for. It may be the first that is heard of it.
  BarrierOutcome OnOvertake(CheckpointId id);
  // The channel delivers nothing more. Once per channel.
  BarrierOutcome OnChannelEnd(uint32_t channel);
  // The coordinator says that `id` has begun.
  BarrierOutcome OnTriggered(CheckpointId id);
  // The coordinator gives `id` up. Older ones may be under way beside it, and go on.
  BarrierOutcome OnAborted(CheckpointId id);

  // Some barriers of this one are there and some are not; none: no alignment is under way.
  CheckpointId current() const { return pending_.empty() ? CheckpointId::None() : pending_.back().id; }

 private:
  struct Pending {
    CheckpointId id;
    std::vector<bool> arrived;  // by channel; those that have ended do not matter
    uint32_t missing = 0;       // channels that have neither delivered it nor ended
    bool overtakes = false;
  };
  bool HasPassed(CheckpointId id) const { return id <= last_ || std::ranges::binary_search(aborted_, id); }
  Pending& Begin(CheckpointId id);
  // `id` is complete: it and all older ones are over.
  BarrierOutcome Complete(CheckpointId id);
  // The newest pending one that lacks no channel, if there is one.
  BarrierOutcome CompleteIfDone();

  // Whether nothing is waited for any more.
  bool IsDone(const Pending& pending) const;
  // As OnBarrier for a checkpoint of which nothing was known; the older one is given up. Null: it is late itself.
  Pending* Open(CheckpointId id, BarrierOutcome& outcome);
  std::vector<uint32_t> Overtaken(const Pending& pending) const;

  const AlignmentMode mode_;
  const std::vector<bool> may_overtake_;
  std::vector<bool> ended_;
  uint32_t open_;
  CheckpointId last_;                  // nothing up to this id is of interest any more
  std::vector<CheckpointId> aborted_;  // above last_, ascending: their barriers may still come
  CheckpointId triggered_;             // the newest that the coordinator has announced
  std::deque<Pending> pending_;        // ascending; at most one if exactly once
};

}  // namespace weir
