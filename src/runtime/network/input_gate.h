// One logical input of a task: the channels of all its edges, their batches made the task's own, their watermarks merged.
#pragma once

#include <cstdint>
#include <deque>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "weir/base/status.h"
#include "weir/base/unique_function.h"
#include "weir/runtime/network/input_channel.h"
#include "weir/runtime/network/local_channel.h"
#include "weir/runtime/network/watermark_merger.h"
#include "weir/types/batch.h"
#include "weir/types/batch_pool.h"

namespace weir {

// Threads: the task's thread. Never blocks: an empty channel is simply passed over.
class InputGate {
 public:
  enum class Polled : uint8_t {
    kNothing,
    kBatch,    // `batch` is the caller's; its marks are merged watermarks
    kStatus,   // the input became idle or active: see idle()
    kBarrier,  // `barrier().event` came over channel `barrier().channel`
    kEnd,      // all channels have ended (reported once, after the last batch)
    kFailed,   // what came over a channel cannot be understood: see status()
  };
  struct Barrier {
    uint32_t channel = 0;
    StreamEvent event = {};
  };

  // What belongs to one channel besides its queue.
  struct ChannelFacts {
    int32_t edge = 0;           // position of its edge among the vertex' inputs
    int32_t index = 0;          // of the channel among those of that edge
    bool may_overtake = false;  // barriers may overtake what it holds
  };
  // `type`: of the records. `self`: parks the consuming task's executor.
  InputGate(const BatchType* type, std::vector<std::shared_ptr<LocalChannel>> channels, EventCount* self);
  InputGate(const InputGate&) = delete;
  InputGate& operator=(const InputGate&) = delete;
  ~InputGate();

  // Before the first Poll; by channel. Without it no barrier overtakes.
  void Describe(std::vector<ChannelFacts> facts) { facts_ = std::move(facts); }

  // Takes the next element of some channel, fairly.
  Polled Poll(BatchBase*& batch);
  // Whether Poll would find something.
  bool HasInput() const;
  // The last that Poll reported.
  const Barrier& barrier() const { return barrier_; }
  // Why Poll failed.
  const Status& status() const { return status_; }
  // For the alignment of barriers: a blocked channel is passed over, as if it were empty.
  void Block(uint32_t channel) { channels_[channel].blocked = true; }
  void UnblockAll();
  // Channels that have ended since the last call.
  std::vector<uint32_t> TakeEnded() { return std::exchange(newly_ended_, {}); }
  uint32_t channel_count() const { return static_cast<uint32_t>(channels_.size()); }
  bool ended() const { return open_channels_ == 0; }
  // Some channel ended because the job stops with a savepoint.
  bool ends_with_savepoint() const { return ends_with_savepoint_; }
  bool idle() const { return idle_; }
  // Elements that wait in the channels, about.
  int64_t queued() const;
  // What came: as it was encoded where it came from another worker, else the sizes of the rows.
  int64_t bytes() const { return local_bytes_ + remote_bytes_; }
  // Of these what came from other workers.
  int64_t remote_bytes() const { return remote_bytes_; }
  int64_t remote_batches() const { return remote_batches_; }
  EventTime watermark() const { return merger_.watermark(); }
  // Ends a step: wakes the producers whose channels were read.
  void NotifyProducers();

  // For barriers that overtake: input_channel.h has the how.
  bool MayOvertake(uint32_t channel) const { return facts_[channel].may_overtake; }
  // The newest checkpoint that a producer has announced; 0: none.
  int64_t announced() const;
  // Everything that comes over `channel` from now on until barrier `id` belongs to the snapshot.
  void BeginCapture(uint32_t channel, int64_t id);
  // Goes on with all that are under way; true: there is none, or all are complete.
  bool AdvanceCapture();
  // Ends them, complete or not: what was captured, without the channels that held nothing.
  std::vector<CapturedChannel> EndCapture();

  // In-flight data of a restored checkpoint, before the first Poll. Into the channel that it was captured from:
  Status RestoreChannel(int32_t edge, int32_t index, std::string_view batches);
  // Or, when the channels are others now, ahead of all of them. `keep` selects the rows that belong here; watermarks are left out: they held for
  // the channel alone.
  Status RestoreRows(std::string_view batches, UniqueFunction<Status(BatchBase&)>& keep);
  // Rows that were restored by RestoreRows and have not been polled.
  bool HasRestoredRows() const { return !restored_.empty(); }

 private:
  struct Channel {
    InputChannel input;
    bool ended = false;
    bool blocked = false;
    bool captures = false;
  };
  Polled OnBatch(uint32_t channel, const ChannelElement& element, BatchBase*& batch);
  // A batch of `wire`, which is released; null if that is none.
  BatchBase* Decode(Bytes* wire);
  Polled OnEvent(uint32_t channel, const StreamEvent& event, BatchBase*& batch);
  // Replaces the channel's watermarks in `batch` by the input's.
  void MergeMarks(uint32_t channel, BatchBase& batch);
  StatusOr<std::vector<BatchPtr>> DecodeAll(std::string_view batches);
  // An empty batch that carries the merged watermark.
  BatchBase* WatermarkBatch();

  std::vector<Channel> channels_;
  std::vector<ChannelFacts> facts_;
  std::deque<BatchBase*> restored_;
  WatermarkMerger merger_;
  const BatchType* const type_;
  BatchPoolHandle views_;
  BatchPoolHandle decoded_;  // of batches that came as bytes, or from a restored checkpoint; made with the first
  Status status_;
  int64_t local_bytes_ = 0;
  int64_t remote_bytes_ = 0;
  int64_t remote_batches_ = 0;
  uint32_t next_ = 0;  // channel to look at first
  uint32_t open_channels_;
  bool idle_ = false;
  bool end_reported_ = false;
  bool ends_with_savepoint_ = false;
  Barrier barrier_;
  std::vector<uint32_t> newly_ended_;
};

}  // namespace weir
