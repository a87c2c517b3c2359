#include "weir/runtime/network/input_gate.h"

#include "weir/base/coding.h"

namespace weir {

InputGate::InputGate(const BatchType* type, std::vector<std::shared_ptr<LocalChannel>> channels, EventCount* self)
    : merger_(static_cast<uint32_t>(channels.size())),
      views_(type),
      open_channels_(static_cast<uint32_t>(channels.size())) {
  for (auto& channel : channels) {
    channel->SetConsumer(self);
    channels_.push_back(Channel{.queue = std::move(channel)});
  }
}

int64_t InputGate::queued() const {
  int64_t queued = 0;
  for (const Channel& channel : channels_) queued += channel.queue->size();
  return queued;
}

bool InputGate::HasInput() const {
  for (const Channel& channel : channels_) {
    if (!channel.ended && !channel.blocked && !channel.queue->IsEmpty()) return true;
  }
  return ended() && !end_reported_;
}

InputGate::Polled InputGate::Poll(BatchBase*& batch) {
  const uint32_t count = static_cast<uint32_t>(channels_.size());
  ChannelElement element;
  for (uint32_t tried = 0; tried < count; ++tried) {
    const uint32_t index = next_;
    next_ = next_ + 1 == count ? 0 : next_ + 1;
    Channel& channel = channels_[index];
    if (channel.ended || channel.blocked || !channel.queue->Pop(element)) continue;
    channel.popped = true;
    const bool is_batch = element.batch != nullptr || element.wire != nullptr;
    const Polled polled = is_batch ? OnBatch(index, element, batch) : OnEvent(index, element.event, batch);
    if (polled != Polled::kNothing) return polled;
    tried = 0;  // an event that says nothing to the task; look at all channels again
  }
  if (!ended() || end_reported_) return Polled::kNothing;
  end_reported_ = true;
  return Polled::kEnd;
}

InputGate::Polled InputGate::OnBatch(uint32_t channel, const ChannelElement& element, BatchBase*& batch) {
  if (element.wire != nullptr) {
    batch = Decode(element.wire);
    if (batch == nullptr) return Polled::kFailed;
  } else {
    batch =
        element.selection == nullptr ? element.batch : views_->GetView(element.batch, element.selection, element.count);
  }
  if (!batch->marks.empty()) MergeMarks(channel, *batch);
  if (!batch->empty()) return Polled::kBatch;
  Recycle(batch);
  return Polled::kNothing;
}

BatchBase* InputGate::Decode(Bytes* wire) {
  if (!decoded_) decoded_ = BatchPoolHandle(&views_->type());
  BatchBase* const batch = decoded_->Get();
  ByteReader reader({wire->data, wire->used}, "batch from another worker");
  status_ = batch->type->decode(wire, reader, *batch);
  if (status_.ok()) status_ = reader.Finish();
  wire->Release();
  if (status_.ok()) return batch;
  Recycle(batch);
  return nullptr;
}

InputGate::Polled InputGate::OnEvent(uint32_t channel, const StreamEvent& event, BatchBase*& batch) {
  bool advanced = false;
  switch (event.kind) {
    case StreamEvent::Kind::kBarrier:
      barrier_ = {channel, event};
      return Polled::kBarrier;
    case StreamEvent::Kind::kIdle:
      advanced = merger_.OnIdle(channel);
      break;
    case StreamEvent::Kind::kActive:
      advanced = merger_.OnActive(channel);
      break;
    case StreamEvent::Kind::kEndOfData:
      channels_[channel].ended = true;
      newly_ended_.push_back(channel);
      ends_with_savepoint_ |= event.stops;
      --open_channels_;
      advanced = merger_.OnEnd(channel);
      break;
  }
  const bool was_idle = idle_;
  idle_ = !ended() && merger_.all_idle();
  if (advanced) {
    batch = WatermarkBatch();
    return Polled::kBatch;
  }
  return idle_ != was_idle ? Polled::kStatus : Polled::kNothing;
}

void InputGate::UnblockAll() {
  for (Channel& channel : channels_) channel.blocked = false;
}

void InputGate::MergeMarks(uint32_t channel, BatchBase& batch) {
  size_t kept = 0;
  for (const Mark mark : batch.marks) {
    if (merger_.OnWatermark(channel, mark.watermark)) batch.marks[kept++] = Mark{mark.row, merger_.watermark()};
  }
  batch.marks.resize(kept);
}

BatchBase* InputGate::WatermarkBatch() {
  BatchBase* const batch = views_->GetEmpty();
  batch->marks.push_back(Mark{0, merger_.watermark()});
  return batch;
}

void InputGate::NotifyProducers() {
  for (Channel& channel : channels_) {
    if (!channel.popped) continue;
    channel.popped = false;
    channel.queue->NotifyProducer();
  }
}

}  // namespace weir
