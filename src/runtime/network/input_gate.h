// One logical input of a task: the channels of all its edges, their batches made the task's own, their watermarks merged.
#pragma once

#include <cstdint>
#include <memory>
#include <utility>
#include <vector>

#include "weir/base/status.h"
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

  // `type`: of the records. `self`: parks the consuming task's executor.
  InputGate(const BatchType* type, std::vector<std::shared_ptr<LocalChannel>> channels, EventCount* self);
  InputGate(const InputGate&) = delete;
  InputGate& operator=(const InputGate&) = delete;

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
  EventTime watermark() const { return merger_.watermark(); }
  // Ends a step: wakes the producers whose channels were read.
  void NotifyProducers();

 private:
  struct Channel {
    std::shared_ptr<LocalChannel> queue;
    bool ended = false;
    bool popped = false;
    bool blocked = false;
  };
  Polled OnBatch(uint32_t channel, const ChannelElement& element, BatchBase*& batch);
  // A batch of `wire`, which is released; null if that is none.
  BatchBase* Decode(Bytes* wire);
  Polled OnEvent(uint32_t channel, const StreamEvent& event, BatchBase*& batch);
  // Replaces the channel's watermarks in `batch` by the input's.
  void MergeMarks(uint32_t channel, BatchBase& batch);
  // An empty batch that carries the merged watermark.
  BatchBase* WatermarkBatch();

  std::vector<Channel> channels_;
  WatermarkMerger merger_;
  BatchPoolHandle views_;
  BatchPoolHandle decoded_;  // of batches that came as bytes; made with the first
  Status status_;
  uint32_t next_ = 0;  // channel to look at first
  uint32_t open_channels_;
  bool idle_ = false;
  bool end_reported_ = false;
  bool ends_with_savepoint_ = false;
  Barrier barrier_;
  std::vector<uint32_t> newly_ended_;
};

}  // namespace weir
