#include "weir/connectors/collect/collect_sink.h"

#include <set>
#include <string>

#include "weir/base/clock.h"
#include "weir/connectors/collect/collect_outbox.h"

namespace weir::internal {
namespace {

// The program is in this process.
class BufferWriter final : public SinkWriterBase {
 public:
  explicit BufferWriter(std::shared_ptr<CollectBuffer> buffer) : buffer_(std::move(buffer)) {}

  Status WriteBatch(BatchBase& batch) override {
    if (batch.count() > 0) buffer_->Put(batch);
    return OkStatus();
  }

 private:
  const std::shared_ptr<CollectBuffer> buffer_;
};

// The program is another process. With checkpoints rows are committables, which is when they go into the outbox, and then state until they were taken.
class OutboxWriter final : public SinkWriterBase {
 public:
  OutboxWriter(CollectOutbox& outbox, const RuntimeContext& context)
      : outbox_(outbox),
        has_checkpoints_(CollectOutbox::mode()->has_checkpoints),
        may_repeat_(!has_checkpoints_ && context.attempt_number() > 0),
        // Attempts are numbered anew by another JobManager; the time tells them apart.
        stream_(std::to_string(context.subtask_index()) + "/" + std::to_string(context.attempt_number()) + "/" +
                std::to_string(context.clock().WallMillis())),
        streams_{stream_} {}

  Status WriteBatch(BatchBase& batch) override {
    if (batch.count() == 0) return OkStatus();
    ByteWriter out;
    batch.type->encode(batch, out);
    CollectedBatch collected{
        .stream = stream_, .number = next_++, .rows = std::move(out).Take(), .may_repeat = may_repeat_};
    if (has_checkpoints_ && outbox_.IsAbandoned()) {
      uncommitted_.clear();
      uncommitted_bytes_ = 0;
    } else if (has_checkpoints_) {
      uncommitted_.push_back(EncodeBatch(collected));
      uncommitted_bytes_ += uncommitted_.back().size();
      outbox_.SlowDown(uncommitted_bytes_);
    } else {
      outbox_.Put(std::move(collected));
    }
    return OkStatus();
  }
  Status Flush(bool end_of_input) override {
    ended_ |= end_of_input;
    return OkStatus();
  }
  StatusOr<std::vector<std::string>> PrepareEncodedCommit() override {
    uncommitted_bytes_ = 0;
    return std::exchange(uncommitted_, {});
  }
  Status CommitEncoded(const std::vector<std::string>& committables) override {
    for (const std::string& encoded : committables) {
      WEIR_ASSIGN_OR_RETURN(CollectedBatch batch, DecodeBatch(encoded));
      streams_.insert(batch.stream);
      outbox_.Put(std::move(batch));
    }
    return OkStatus();
  }
  std::vector<std::string> SnapshotState() override { return outbox_.Untaken(streams_); }
  Status RestoreState(const std::vector<std::string>& states) override { return CommitEncoded(states); }
  Status Close(CloseReason reason) override {
    // The job may end, and this process with it, when the program has everything. Not if it was cancelled.
    if (reason == CloseReason::kFinished && ended_) outbox_.AwaitTaken();
    return OkStatus();
  }

 private:
  CollectOutbox& outbox_;
  const bool has_checkpoints_;
  const bool may_repeat_;
  const std::string stream_;
  std::set<std::string> streams_;  // and those that were restored
  int64_t next_ = 0;
  std::vector<std::string> uncommitted_;
  size_t uncommitted_bytes_ = 0;
  bool ended_ = false;
};

}  // namespace

std::unique_ptr<SinkWriterBase> NewCollectWriter(const std::shared_ptr<CollectBuffer>& buffer,
                                                 const RuntimeContext& context) {
  if (CollectOutbox::mode() == nullptr) return std::make_unique<BufferWriter>(buffer);
  return std::make_unique<OutboxWriter>(CollectOutbox::Of(buffer->number()), context);
}

}  // namespace weir::internal
