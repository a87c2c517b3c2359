#include "weir/runtime/network/input_channel.h"

namespace weir {

InputChannel::~InputChannel() {
  if (detour_ == nullptr) return;
  for (const ChannelElement& element : detour_->stash) {
    if (element.batch != nullptr) Recycle(element.batch);
    if (element.wire != nullptr) element.wire->Release();
  }
}

bool InputChannel::PopDetour(ChannelElement& element) {
  Detour& detour = *detour_;
  // What comes before the barrier must not get past without being copied.
  AdvanceCapture();
  if (!detour.stash.empty()) {
    element = detour.stash.front();
    detour.stash.pop_front();
    TellStashed();
    return true;
  }
  if (detour.capturing == 0) {
    detour_ = nullptr;
    return PopQueue(element);
  }
  if (!IsCopying()) return PopQueue(element);
  // Not announced: the producer has not come to the barrier yet, so elements are copied one by one as they are processed.
  return PopQueue(element) && (Copy(element) || PopQueue(element));
}

void InputChannel::BeginCapture(int64_t id, BatchPool& views) {
  Detour& detour = MakeDetour();
  detour.capturing = id;
  detour.is_complete = detour.is_lost = false;
  detour.copied.Clear();
  detour.views = &views;
  for (ChannelElement& element : detour.stash) {
    if (IsCopying()) Copy(element);
  }
}

bool InputChannel::AdvanceCapture() {
  if (detour_ == nullptr || detour_->capturing == 0) return true;
  Detour& detour = *detour_;
  // Without the announcement this could go on for ever, and back-pressure would be gone.
  const bool is_announced = queue_->announced() >= detour.capturing;
  ChannelElement element;
  while (is_announced && IsCopying() && PopQueue(element)) {
    if (Copy(element)) detour.stash.push_back(element);
    TellStashed();
  }
  return detour.is_complete;
}

bool InputChannel::Copy(ChannelElement& element) {
  Detour& detour = *detour_;
  if (element.wire != nullptr) {
    detour.copied.PutString({element.wire->data, element.wire->used});
    return true;
  }
  if (element.batch == nullptr) {
    const bool is_barrier = element.event.kind == StreamEvent::Kind::kBarrier;
    const bool is_own = is_barrier && element.event.checkpoint_id == detour.capturing;
    detour.is_complete |= is_own || element.event.kind == StreamEvent::Kind::kEndOfData;
    detour.is_lost |= is_barrier && element.event.checkpoint_id > detour.capturing;
    return !is_own;
  }
  if (element.selection != nullptr)
    element = {.batch = detour.views->GetView(element.batch, element.selection, element.count)};
  const size_t begin = detour.copied.size();
  detour.copied.PutU32(0);
  element.batch->type->encode(*element.batch, detour.copied);
  detour.copied.PatchU32(begin, static_cast<uint32_t>(detour.copied.size() - begin - sizeof(uint32_t)));
  return true;
}

std::string InputChannel::EndCapture() {
  if (detour_ == nullptr) return {};
  detour_->capturing = 0;
  return std::move(std::exchange(detour_->copied, ByteWriter())).Take();
}

void InputChannel::Restore(BatchBase* batch) {
  MakeDetour().stash.push_back({.batch = batch});
  TellStashed();
}

void InputChannel::TellStashed() {
  queue_->SetStashed(detour_->stash.size());
  popped_ = true;
}

}  // namespace weir
