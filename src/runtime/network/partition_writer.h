// One outgoing edge of a task: the partitioner and its channels.
#pragma once

#include <cstdint>
#include <memory>
#include <vector>

#include "weir/base/status.h"
#include "weir/functions/batch_output.h"
#include "weir/graph/stream_graph.h"
#include "weir/runtime/network/local_channel.h"
#include "weir/runtime/network/wire_buffer.h"
#include "weir/runtime/operators/operator.h"
#include "weir/types/batch_pool.h"

namespace weir {

// Whether barriers may overtake on an edge (docs/checkpointing.md, step 4). A pointwise edge keeps the order of a channel only where both ends stay as they
// were, the copies of a broadcast must stay equal, and a user's partitioner need not give the same answer twice: there they align.
bool BarriersMayOvertake(Partitioner partitioner);

struct PartitionWriterOptions {
  Partitioner kind = Partitioner::kForward;
  const BatchType* type = nullptr;
  std::vector<std::shared_ptr<LocalChannel>> channels;
  std::unique_ptr<KeyHasher> hasher;            // kHash
  std::unique_ptr<RowPartitioner> partitioner;  // kCustom
  int max_parallelism = 128;                    // kHash
  bool carries_hashes = true;                   // kHash: the consumer is keyed and will use them
  uint64_t seed = 0;                            // kShuffle; and where round robin begins
  EventCount* self = nullptr;                   // parks the producing task's executor
};

// Distributes batches over channels. Rows that go different ways are copied into a batch per channel if they are small and plain (scatter), else the
// batch itself is handed to all channels with a selection for each (share): docs/performance.md has the figures.
//
// Threads: the task's thread. Accept never refuses; the task looks at IsAvailable before each step.
class PartitionWriter : public BatchOutput {
 public:
  static std::unique_ptr<PartitionWriter> New(PartitionWriterOptions options);
  PartitionWriter(const PartitionWriter&) = delete;
  PartitionWriter& operator=(const PartitionWriter&) = delete;

  BatchBase* Fresh() override { return pool_->Get(); }
  bool IsAvailable() const override;

  // Sends what is open, then the event, to all channels.
  void Emit(const StreamEvent& event);
  // Its barrier, sent before, may overtake what the channels hold; does nothing on edges where it must not. Wakes the consumers.
  void Announce(int64_t checkpoint_id);
  // Ends a step: sends part-full batches and wakes the consumers that got something.
  void EndStep();
  // Moves surplus of earlier steps into the channels; true if none is left.
  bool Drain();
  // The first error of a user's partitioner since the task began.
  const Status& status() const { return status_; }
  int64_t records() const { return records_; }
  // What went into the channels: as it was encoded where it went to another worker, else the sizes of the rows. And in how many batches.
  int64_t bytes() const { return local_bytes_ + remote_bytes_; }
  int64_t batches() const { return batches_; }
  // Of these the ones that went to other workers, as they were encoded.
  int64_t remote_bytes() const { return remote_bytes_; }
  int64_t remote_batches() const { return remote_batches_; }
  // For people who look at it: its atomics from any thread, as long as the writer lives.
  const LocalChannel& channel(uint32_t index) const { return *channels_[index].queue; }
  uint32_t channel_count() const { return static_cast<uint32_t>(channels_.size()); }
  // Channels that have no room: what the task waits for.
  int64_t FullChannels() const;

 protected:
  explicit PartitionWriter(PartitionWriterOptions& options);

  void Send(uint32_t channel, const ChannelElement& element) {
    Channel& to = channels_[channel];
    if (!to.is_remote && element.batch != nullptr) {
      local_bytes_ += (element.selection == nullptr ? element.batch->count() : element.count) * row_bytes_;
    }
    to.queue->Push(to.is_remote && element.batch != nullptr ? Encode(element) : element);
    to.touched = true;
    batches_ += element.batch != nullptr;
  }
  void SendBatch(uint32_t channel, BatchBase* batch) { Send(channel, ChannelElement{.batch = batch}); }
  // An empty batch with the marks of `batch`, for a channel that gets none of its rows.
  void SendMarks(uint32_t channel, const BatchBase& batch);
  bool HasSpace(uint32_t channel) const { return channels_[channel].queue->HasSpace(); }
  BatchPool& pool() { return *pool_.get(); }
  void Fail(Status status) { status_.Update(std::move(status)); }
  void CountRecords(uint32_t count) { records_ += count; }
  // Sends batches that the partitioner holds open.
  virtual void Flush() {}

 private:
  struct Channel {
    std::shared_ptr<LocalChannel> queue;
    bool touched = false;    // pushed to since the last NotifyConsumer
    bool is_remote = false;  // carries encoded batches
  };
  // The same rows as bytes; the batch is recycled.
  ChannelElement Encode(const ChannelElement& element);
  std::vector<Channel> channels_;
  const bool may_overtake_;
  BatchPoolHandle pool_;
  // For remote channels; made when there is one.
  BatchPoolHandle views_;
  std::unique_ptr<WireBuffers> wires_;
  Status status_;
  int64_t records_ = 0;
  int64_t batches_ = 0;
  int64_t local_bytes_ = 0;
  int64_t remote_bytes_ = 0;
  int64_t remote_batches_ = 0;
  const int64_t row_bytes_;
};

}  // namespace weir
