// The watermark of an input: the minimum over its channels.
#pragma once

#include <cstdint>
#include <vector>

#include "weir/base/time.h"

namespace weir {

// Merges the watermarks of the channels of one input, leaving out idle and ended ones.
//
// A channel that resumes after being idle counts again only once its watermark has reached the last one emitted, so that it cannot hold time back for
// records that would be late anyway. All channels idle makes the input idle.
// Threads: the task's thread.
class WatermarkMerger {
 public:
  explicit WatermarkMerger(uint32_t channels) : channels_(channels) {}

  // Each returns whether the merged watermark advanced; then watermark() is new.
  bool OnWatermark(uint32_t channel, EventTime watermark);
  bool OnIdle(uint32_t channel);
  bool OnActive(uint32_t channel);
  // The channel has ended, as the watermark +infinity says too: it no longer counts. When all have, the merged watermark is +infinity.
  bool OnEnd(uint32_t channel) { return OnWatermark(channel, kMaxWatermark); }

  EventTime watermark() const { return watermark_; }
  // All channels that have not ended; false if all have.
  bool all_idle() const;

 private:
  struct Channel {
    EventTime watermark = kMinWatermark;
    bool idle = false;
    bool aligned = true;  // counts towards the minimum
    bool has_ended() const { return watermark == kMaxWatermark; }
  };
  bool Advance();
  // All channels are idle or have ended.
  bool AdvanceToFurthest();

  std::vector<Channel> channels_;
  EventTime watermark_ = kMinWatermark;
};

}  // namespace weir
