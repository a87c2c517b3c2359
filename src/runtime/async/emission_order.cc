#include "weir/runtime/async/emission_order.h"

#include <utility>

namespace weir {

EmissionOrder::Segment& EmissionOrder::NewSegment() { return segments_.emplace_back(); }

void EmissionOrder::AddRequest(uint32_t slot) {
  Segment& segment = segments_.empty() || segments_.back().is_closed ? NewSegment() : segments_.back();
  ++segment.open;
  segment.is_closed = ordered_;
  places_[slot] = Place{.segment = first_segment_ + segments_.size() - 1};
}

void EmissionOrder::AddWatermark(EventTime watermark) {
  Segment& segment = segments_.empty() ? NewSegment() : segments_.back();
  segment.is_closed = true;
  segment.watermark = watermark;  // one that waits with no request behind it says less than this one
}

void EmissionOrder::Complete(uint32_t slot) {
  Segment& segment = segments_[places_[slot].segment - first_segment_];
  --segment.open;
  if (segment.first_ready == kNone) {
    segment.first_ready = slot;
  } else {
    places_[segment.last_ready].next_ready = slot;
  }
  segment.last_ready = slot;
}

EmissionOrder::Next EmissionOrder::Peek() const {
  if (segments_.empty()) return {};
  const Segment& front = segments_.front();
  if (front.first_ready != kNone) return {.kind = Kind::kRequest, .slot = front.first_ready};
  if (front.open > 0 || front.watermark == kMinWatermark) return {};
  return {.kind = Kind::kWatermark, .watermark = front.watermark};
}

void EmissionOrder::Pop() {
  Segment& front = segments_.front();
  if (front.first_ready != kNone) {
    front.first_ready = std::exchange(places_[front.first_ready].next_ready, kNone);
    if (!front.IsEmpty() || front.watermark != kMinWatermark) return;
  }
  segments_.pop_front();
  ++first_segment_;
}

}  // namespace weir
