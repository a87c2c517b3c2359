#include "weir/runtime/network/input_gate.h"

#include <algorithm>
#include <cstring>

#include "weir/base/coding.h"

namespace weir {

InputGate::InputGate(const BatchType* type, std::vector<std::shared_ptr<LocalChannel>> channels, EventCount* self)
    : merger_(static_cast<uint32_t>(channels.size())),
      type_(type),
      views_(type),
      open_channels_(static_cast<uint32_t>(channels.size())) {
  for (auto& channel : channels) {
    channel->SetConsumer(self);
    channels_.push_back(Channel{.input = InputChannel(std::move(channel))});
    facts_.push_back({.index = static_cast<int32_t>(facts_.size())});
  }
}

InputGate::~InputGate() {
  for (BatchBase* batch : restored_) Recycle(batch);
}

int64_t InputGate::queued() const {
  int64_t queued = 0;
  for (const Channel& channel : channels_) queued += channel.input.size();
  return queued;
}

bool InputGate::HasInput() const {
  for (const Channel& channel : channels_) {
    if (!channel.ended && !channel.blocked && !channel.input.IsEmpty()) return true;
  }
  return !restored_.empty() || (ended() && !end_reported_);
}

InputGate::Polled InputGate::Poll(BatchBase*& batch) {
  const uint32_t count = static_cast<uint32_t>(channels_.size());
  ChannelElement element;
  if (!restored_.empty()) [[unlikely]] {
    batch = restored_.front();
    restored_.pop_front();
    return Polled::kBatch;
  }
  // Channels in a row that have nothing. What says nothing to the task is no reason to stop: nobody wakes it for what lies behind.
  for (uint32_t empty = 0; empty < count;) {
    const uint32_t index = next_;
    next_ = next_ + 1 == count ? 0 : next_ + 1;
    Channel& channel = channels_[index];
    if (channel.ended || channel.blocked || !channel.input.Pop(element)) {
      ++empty;
      continue;
    }
    const bool is_batch = element.batch != nullptr || element.wire != nullptr;
    const Polled polled = is_batch ? OnBatch(index, element, batch) : OnEvent(index, element.event, batch);
    if (polled != Polled::kNothing) return polled;
    empty = 0;
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
    local_bytes_ += static_cast<int64_t>(batch->count()) * type_->row_bytes;
  }
  if (!batch->marks.empty()) MergeMarks(channel, *batch);
  if (!batch->empty()) return Polled::kBatch;
  Recycle(batch);
  return Polled::kNothing;
}

BatchBase* InputGate::Decode(Bytes* wire) {
  if (!decoded_) decoded_ = BatchPoolHandle(&views_->type());
  BatchBase* const batch = decoded_->Get();
  remote_bytes_ += static_cast<int64_t>(wire->used);
  ++remote_batches_;
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
  for (Channel& channel : channels_) channel.input.NotifyProducer();
}

int64_t InputGate::announced() const {
  int64_t newest = 0;
  for (const Channel& channel : channels_) {
    const int64_t announced = channel.input.announced();
    if (announced != LocalChannel::kEndAnnounced) newest = std::max(newest, announced);
  }
  return newest;
}

void InputGate::BeginCapture(uint32_t channel, int64_t id) {
  // Ends are told one by one, so the snapshot may be due before this one was: what came before it has been processed, and nothing comes any more.
  if (channels_[channel].ended) return;
  channels_[channel].captures = true;
  channels_[channel].input.BeginCapture(id, *views_.get());
}

bool InputGate::AdvanceCapture() {
  bool complete = true;
  for (Channel& channel : channels_) {
    if (channel.captures) complete &= channel.input.AdvanceCapture();
  }
  return complete;
}

std::vector<CapturedChannel> InputGate::EndCapture() {
  std::vector<CapturedChannel> captured;
  for (size_t i = 0; i < channels_.size(); ++i) {
    if (!std::exchange(channels_[i].captures, false)) continue;
    std::string batches = channels_[i].input.EndCapture();
    if (!batches.empty()) captured.push_back({facts_[i].edge, facts_[i].index, std::move(batches)});
  }
  return captured;
}

Status InputGate::RestoreChannel(int32_t edge, int32_t index, std::string_view batches) {
  for (size_t i = 0; i < channels_.size(); ++i) {
    if (facts_[i].edge != edge || facts_[i].index != index) continue;
    WEIR_ASSIGN_OR_RETURN(std::vector<BatchPtr> decoded, DecodeAll(batches));
    for (BatchPtr& batch : decoded) channels_[i].input.Restore(batch.release());
    return OkStatus();
  }
  return FailedPreconditionError("the checkpoint holds records in flight over channel " + std::to_string(index) +
                                 " of input " + std::to_string(edge) +
                                 ", which the task does not have; start from a savepoint");
}

Status InputGate::RestoreRows(std::string_view batches, UniqueFunction<Status(BatchBase&)>& keep) {
  WEIR_ASSIGN_OR_RETURN(std::vector<BatchPtr> decoded, DecodeAll(batches));
  for (BatchPtr& batch : decoded) {
    batch->marks.clear();
    WEIR_RETURN_IF_ERROR(keep(*batch));
    if (!batch->empty()) restored_.push_back(batch.release());
  }
  return OkStatus();
}

StatusOr<std::vector<BatchPtr>> InputGate::DecodeAll(std::string_view batches) {
  if (!decoded_) decoded_ = BatchPoolHandle(type_);
  // Views in the rows point into it.
  const auto release = [](Bytes* bytes) { bytes->Release(); };
  const std::unique_ptr<Bytes, decltype(release)> memory(Bytes::New(static_cast<uint32_t>(batches.size())), release);
  const auto size = static_cast<uint32_t>(batches.size());
  std::memcpy(memory->Allocate(size), batches.data(), size);
  std::vector<BatchPtr> decoded;
  ByteReader in(std::string_view(memory->data, size), "records in flight");
  while (in.ok() && in.remaining() > 0) {
    ByteReader one(in.GetString(), "a batch of records in flight");
    WEIR_RETURN_IF_ERROR(in.status());
    decoded.emplace_back(decoded_->Get());
    WEIR_RETURN_IF_ERROR(type_->decode(memory.get(), one, *decoded.back()));
  }
  WEIR_RETURN_IF_ERROR(in.status());
  return decoded;
}

}  // namespace weir
