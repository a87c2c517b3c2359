#include "weir/runtime/network/partition_writer.h"

#include <numeric>

#include "weir/runtime/network/row_router.h"

namespace weir {

bool BarriersMayOvertake(Partitioner partitioner) {
  switch (partitioner) {
    case Partitioner::kHash:
    case Partitioner::kRebalance:
    case Partitioner::kShuffle:
    case Partitioner::kGlobal:
      return true;
    default:
      return false;
  }
}

PartitionWriter::PartitionWriter(PartitionWriterOptions& options)
    : may_overtake_(BarriersMayOvertake(options.kind)), pool_(options.type), row_bytes_(options.type->row_bytes) {
  for (auto& channel : options.channels) {
    channel->SetProducer(options.self);
    const bool is_remote = channel->form() == LocalChannel::Form::kBytes;
    if (is_remote && wires_ == nullptr) {
      wires_ = std::make_unique<WireBuffers>();
      views_ = BatchPoolHandle(options.type);
    }
    channels_.push_back(Channel{.queue = std::move(channel), .is_remote = is_remote});
  }
}

ChannelElement PartitionWriter::Encode(const ChannelElement& element) {
  BatchBase* const batch =
      element.selection == nullptr ? element.batch : views_->GetView(element.batch, element.selection, element.count);
  WireBuffer* const wire = wires_->Get();
  batch->type->encode(*batch, wire->writer);
  wire->Seal();
  remote_bytes_ += static_cast<int64_t>(wire->used);
  ++remote_batches_;
  Recycle(batch);
  return ChannelElement{.wire = wire};
}

int64_t PartitionWriter::FullChannels() const {
  int64_t full = 0;
  for (const Channel& channel : channels_) full += !channel.queue->HasSpace();
  return full;
}

bool PartitionWriter::IsAvailable() const {
  for (const Channel& channel : channels_) {
    if (!channel.queue->HasSpace()) return false;
  }
  return true;
}

void PartitionWriter::SendMarks(uint32_t channel, const BatchBase& batch) {
  BatchBase* const marks = pool_->Get();
  marks->marks.push_back(Mark{0, batch.LastWatermark()});
  SendBatch(channel, marks);
}

void PartitionWriter::Emit(const StreamEvent& event) {
  Flush();
  for (uint32_t channel = 0; channel < channel_count(); ++channel) Send(channel, ChannelElement{.event = event});
}

void PartitionWriter::Announce(int64_t checkpoint_id) {
  if (!may_overtake_) return;
  for (Channel& channel : channels_) {
    channel.queue->Announce(checkpoint_id);
    channel.touched = false;
    channel.queue->NotifyConsumer();
  }
}

void PartitionWriter::EndStep() {
  Flush();
  for (Channel& channel : channels_) {
    if (!channel.touched) continue;
    channel.touched = false;
    channel.queue->NotifyConsumer();
  }
}

bool PartitionWriter::Drain() {
  bool drained = true;
  for (Channel& channel : channels_) {
    if (!channel.queue->HasSurplus()) continue;
    drained &= channel.queue->Drain();
    channel.touched = true;
  }
  return drained;
}

namespace {

// Forward, global: all to one channel. The other channels of a global edge still get the watermarks.
class SingleChannelWriter final : public PartitionWriter {
 public:
  explicit SingleChannelWriter(PartitionWriterOptions& options) : PartitionWriter(options) {}

  void Accept(BatchBase* batch) override {
    CountRecords(batch->count());
    if (!batch->marks.empty()) {
      for (uint32_t channel = 1; channel < channel_count(); ++channel) SendMarks(channel, *batch);
    }
    SendBatch(0, batch);
  }
};

// Rebalance, rescale: whole batches in turn. The channel whose turn it is passes while it is full and another one is not.
class RoundRobinWriter final : public PartitionWriter {
 public:
  explicit RoundRobinWriter(PartitionWriterOptions& options)
      : PartitionWriter(options), next_(static_cast<uint32_t>(options.seed % channel_count())) {}

  bool IsAvailable() const override {
    for (uint32_t channel = 0; channel < channel_count(); ++channel) {
      if (HasSpace(channel)) return true;
    }
    return false;
  }

  void Accept(BatchBase* batch) override {
    CountRecords(batch->count());
    const uint32_t chosen = Choose();
    if (!batch->marks.empty()) {
      for (uint32_t channel = 0; channel < channel_count(); ++channel) {
        if (channel != chosen) SendMarks(channel, *batch);
      }
    }
    SendBatch(chosen, batch);
  }

 private:
  uint32_t Choose() {
    uint32_t channel = next_;
    for (uint32_t tried = 0; tried < channel_count() && !HasSpace(channel); ++tried) channel = After(channel);
    next_ = After(channel);
    return channel;
  }
  uint32_t After(uint32_t channel) const { return channel + 1 == channel_count() ? 0 : channel + 1; }

  uint32_t next_;
};

// Every channel gets every record: copies, since consumers may change the rows they own.
class BroadcastWriter final : public PartitionWriter {
 public:
  explicit BroadcastWriter(PartitionWriterOptions& options) : PartitionWriter(options) {}

  void Accept(BatchBase* batch) override {
    CountRecords(batch->count());
    for (uint32_t channel = 1; channel < channel_count(); ++channel) SendBatch(channel, CopyRows(*batch, pool()));
    SendBatch(0, batch);
  }
};

}  // namespace

std::unique_ptr<PartitionWriter> PartitionWriter::New(PartitionWriterOptions options) {
  const bool several = options.channels.size() > 1;
  switch (options.kind) {
    case Partitioner::kAuto:  // resolved by the graph's translation: one channel is forward
    case Partitioner::kForward:
    case Partitioner::kGlobal:
      return std::make_unique<SingleChannelWriter>(options);
    case Partitioner::kRebalance:
    case Partitioner::kRescale:
      if (!several) return std::make_unique<SingleChannelWriter>(options);
      return std::make_unique<RoundRobinWriter>(options);
    case Partitioner::kBroadcast:
      return std::make_unique<BroadcastWriter>(options);
    case Partitioner::kShuffle:
      if (!several) return std::make_unique<SingleChannelWriter>(options);
      break;
    case Partitioner::kHash:
    case Partitioner::kCustom:
      break;
  }
  return NewRoutingWriter(options);
}

}  // namespace weir
