#include "weir/runtime/network/watermark_merger.h"

#include <algorithm>

namespace weir {

bool WatermarkMerger::OnWatermark(uint32_t index, EventTime watermark) {
  Channel& channel = channels_[index];
  if (watermark <= channel.watermark) return false;
  channel.watermark = watermark;
  if (channel.has_ended()) {
    channel.idle = channel.aligned = false;
    return all_idle() ? AdvanceToFurthest() : Advance();
  }
  if (channel.idle) return false;
  if (!channel.aligned && watermark >= watermark_) channel.aligned = true;
  return Advance();
}

bool WatermarkMerger::OnIdle(uint32_t index) {
  Channel& channel = channels_[index];
  if (channel.idle) return false;
  channel.idle = true;
  channel.aligned = false;
  return all_idle() ? AdvanceToFurthest() : Advance();
}

bool WatermarkMerger::AdvanceToFurthest() {
  // Nobody is left who could say more: what the furthest channel promised holds for all (Flink's rule). Not so what a channel says that has ended: the
  // idle ones may still come back.
  EventTime furthest = kMinWatermark;
  for (const Channel& channel : channels_) {
    if (!channel.has_ended()) furthest = std::max(furthest, channel.watermark);
  }
  if (furthest <= watermark_) return false;
  watermark_ = furthest;
  return true;
}

bool WatermarkMerger::OnActive(uint32_t index) {
  Channel& channel = channels_[index];
  if (!channel.idle) return false;
  channel.idle = false;
  channel.aligned = channel.watermark >= watermark_;
  // Its watermarks may have come before this word.
  return Advance();
}

bool WatermarkMerger::all_idle() const {
  bool any = false;
  for (const Channel& channel : channels_) {
    if (channel.has_ended()) continue;
    if (!channel.idle) return false;
    any = true;
  }
  return any;
}

bool WatermarkMerger::Advance() {
  EventTime minimum = kMaxWatermark;
  bool any_open = false;
  bool any_counts = false;
  for (const Channel& channel : channels_) {
    if (channel.has_ended()) continue;
    any_open = true;
    if (!channel.aligned) continue;
    any_counts = true;
    minimum = std::min(minimum, channel.watermark);
  }
  if ((any_open && !any_counts) || minimum <= watermark_) return false;
  watermark_ = minimum;
  return true;
}

}  // namespace weir
