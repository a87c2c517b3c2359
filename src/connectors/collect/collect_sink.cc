#include "weir/connectors/collect/collect_sink.h"

#include <atomic>
#include <set>
#include <string>

#include "weir/base/clock.h"
#include "weir/connectors/collect/collect_outbox.h"
#include "weir/connectors/collect/collected_batch.h"

namespace weir::internal {
namespace {

// A name that no other stream has: attempts are numbered anew by another JobManager, where the time tells them apart; a simulation's time begins anew, where
// the number of the writer in its process does.
std::string NewStream(const RuntimeContext& context) {
  static std::atomic<int64_t> made{0};  // a number each, whatever the order
  std::string name = std::to_string(context.subtask_index());
  for (const int64_t part : {int64_t{context.attempt_number()}, context.clock().WallMillis(),
                             made.fetch_add(1, std::memory_order_relaxed)}) {
    name.append("/").append(std::to_string(part));
  }
  return name;
}

// With checkpoints rows are committables: the program gets them when one that covers them is complete, and whatever a failure repeats is not among them.
// Committing twice is harmless, since a batch has a number in its stream, of which every attempt of a sink begins its own.
class CollectWriter : public SinkWriterBase {
 public:
  explicit CollectWriter(const RuntimeContext& context)
      : has_checkpoints_(context.has_checkpoints()),
        may_repeat_(!has_checkpoints_ && context.attempt_number() > 0),
        stream_(NewStream(context)) {}

  Status WriteBatch(BatchBase& batch) final {
    if (batch.count() == 0) return OkStatus();
    ByteWriter out;
    batch.type->encode(batch, out);
    CollectedBatch collected{
        .stream = stream_, .number = next_++, .rows = std::move(out).Take(), .may_repeat = may_repeat_};
    if (has_checkpoints_) {
      Keep(collected);
    } else {
      Put(std::move(collected));
    }
    return OkStatus();
  }
  StatusOr<std::vector<std::string>> PrepareEncodedCommit() final {
    uncommitted_bytes_ = 0;
    return std::exchange(uncommitted_, {});
  }
  Status CommitEncoded(const std::vector<std::string>& committables) final {
    for (const std::string& encoded : committables) {
      WEIR_ASSIGN_OR_RETURN(CollectedBatch batch, DecodeBatch(encoded));
      Put(std::move(batch));
    }
    return OkStatus();
  }
  // What an outbox had not given away yet.
  Status RestoreState(const std::vector<std::string>& states) final { return CommitEncoded(states); }

 protected:
  // Towards the program, once for each number of a stream; waits while it has no room.
  virtual void Put(CollectedBatch batch) = 0;
  // The program wants no more.
  virtual bool IsAbandoned() const = 0;
  // Waits for PauseWhileKeeping.
  virtual void SlowDown(size_t kept_bytes) = 0;

 private:
  void Keep(const CollectedBatch& batch) {
    if (IsAbandoned()) {
      uncommitted_.clear();
      uncommitted_bytes_ = 0;
      return;
    }
    uncommitted_.push_back(EncodeBatch(batch));
    uncommitted_bytes_ += uncommitted_.back().size();
    SlowDown(uncommitted_bytes_);
  }

  const bool has_checkpoints_;
  const bool may_repeat_;
  const std::string stream_;
  int64_t next_ = 0;
  std::vector<std::string> uncommitted_;
  size_t uncommitted_bytes_ = 0;
};

// The program is in this process.
class BufferWriter final : public CollectWriter {
 public:
  BufferWriter(std::shared_ptr<CollectBuffer> buffer, const RuntimeContext& context)
      : CollectWriter(context), buffer_(std::move(buffer)) {}

 private:
  void Put(CollectedBatch batch) override { buffer_->Put(std::move(batch)); }
  bool IsAbandoned() const override { return buffer_->IsAbandoned(); }
  void SlowDown(size_t kept_bytes) override { buffer_->SlowDown(kept_bytes); }

  const std::shared_ptr<CollectBuffer> buffer_;
};

// The program is another process: what is committed is state of the sink until it was taken.
class OutboxWriter final : public CollectWriter {
 public:
  OutboxWriter(CollectOutbox& outbox, const RuntimeContext& context) : CollectWriter(context), outbox_(outbox) {}

  Status Flush(bool end_of_input) override {
    ended_ |= end_of_input;
    return OkStatus();
  }
  std::vector<std::string> SnapshotState() override { return outbox_.Untaken(streams_); }
  Status Close(CloseReason reason) override {
    // The job may end, and this process with it, when the program has everything. Not if it was cancelled.
    if (reason == CloseReason::kFinished && ended_) outbox_.AwaitTaken();
    return OkStatus();
  }

 private:
  void Put(CollectedBatch batch) override {
    streams_.insert(batch.stream);
    outbox_.Put(std::move(batch));
  }
  bool IsAbandoned() const override { return outbox_.IsAbandoned(); }
  void SlowDown(size_t kept_bytes) override { outbox_.SlowDown(kept_bytes); }

  CollectOutbox& outbox_;
  std::set<std::string> streams_;  // its own, and those that were restored
  bool ended_ = false;
};

}  // namespace

std::unique_ptr<SinkWriterBase> NewCollectWriter(const std::shared_ptr<CollectBuffer>& buffer,
                                                 const RuntimeContext& context) {
  if (CollectOutbox::mode() == nullptr) return std::make_unique<BufferWriter>(buffer, context);
  return std::make_unique<OutboxWriter>(CollectOutbox::Of(buffer->number()), context);
}

}  // namespace weir::internal
