#include "weir/runtime/network/watermark_merger.h"

#include <algorithm>

namespace weir {

bool WatermarkMerger::OnWatermark(uint32_t index, EventTime watermark) {
  Channel& channel = channels_[index];
  if (watermark <= channel.watermark) return false;
  channel.watermark = watermark;
  if (channel.idle) return false;
  if (!channel.aligned && watermark >= watermark_) channel.aligned = true;
  return Advance();
}

bool WatermarkMerger::OnIdle(uint32_t index) {
  Channel& channel = channels_[index];
  if (channel.idle) return false;
  channel.idle = true;
  channel.aligned = false;
  if (all_idle()) {
    // Nobody is left who could say more: what the furthest channel promised holds for all (Flink's rule).
    EventTime furthest = kMinWatermark;
    for (const Channel& other : channels_) furthest = std::max(furthest, other.watermark);
    if (furthest <= watermark_) return false;
    watermark_ = furthest;
    return true;
  }
  return Advance();
}

void WatermarkMerger::OnActive(uint32_t index) {
  Channel& channel = channels_[index];
  if (!channel.idle) return;
  channel.idle = false;
  channel.aligned = channel.watermark >= watermark_;
}

bool WatermarkMerger::all_idle() const {
  return std::all_of(channels_.begin(), channels_.end(), [](const Channel& channel) { return channel.idle; });
}

bool WatermarkMerger::Advance() {
  EventTime minimum = kMaxWatermark;
  bool any = false;
  for (const Channel& channel : channels_) {
    if (!channel.aligned) continue;
    any = true;
    minimum = std::min(minimum, channel.watermark);
  }
  if (!any || minimum <= watermark_) return false;
  watermark_ = minimum;
  return true;
}

}  // namespace weir
