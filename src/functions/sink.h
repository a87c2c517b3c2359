// The Sink API: writers and committers.
//
// One writer per subtask takes the records. A sink that must show its results all at once or not at all (two-phase commit) returns committables from
// PrepareCommit; once the checkpoint that covers them is complete, they are given to Commit, which must be idempotent. Committables are records: any
// aggregate.
//
//   class Lines : public weir::Sink<std::string> {
//    public:
//     StatusOr<std::unique_ptr<weir::SinkWriter<std::string>>> CreateWriter(const weir::RuntimeContext&) const;
//   };
//
// Threads: the task's thread; not blocking, unless the sink says `static constexpr bool kBlocking = true`.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "weir/base/status.h"
#include "weir/base/time.h"
#include "weir/functions/pending_sync.h"
#include "weir/functions/runtime_context.h"
#include "weir/types/batch.h"
#include "weir/types/serializer.h"

namespace weir {

// How a writer ends.
enum class CloseReason : uint8_t {
  kFinished,  // the input ended, or the job was cancelled without checkpointing: what was written is finished and stays
  kFailed,    // what is incomplete is removed
};

// The type-erased writer that the runtime drives. Users derive from SinkWriter<T> or CommittingWriter<T, C>.
class SinkWriterBase {
 public:
  virtual ~SinkWriterBase() = default;
  // The rows of `batch` that count; its memory is valid until the call returns.
  virtual Status WriteBatch(BatchBase& batch) = 0;
  // Pushes out what is buffered: at the end of each step that wrote, with `end_of_input` once at the end.
  virtual Status Flush(bool end_of_input) { return OkStatus(); }
  // Called between two batches at `now` (processing time), at least once a second: for rolling by time.
  virtual Status OnProcessingTime(Timestamp now) { return OkStatus(); }
  virtual StatusOr<std::vector<std::string>> PrepareEncodedCommit() { return std::vector<std::string>(); }
  virtual Status CommitEncoded(const std::vector<std::string>& committables) { return OkStatus(); }
  // What is to be done before that survives a crash of the machine and takes long, beside the task; null: nothing. Asked for after each PrepareCommit, and
  // when the writer has closed; it may have to do with earlier ones, too, and with commits.
  virtual std::shared_ptr<PendingSync> TakePendingSync() { return nullptr; }
  // A snapshot has been taken: what is written from now on belongs to later ones.
  virtual void OnSnapshotTaken(int64_t checkpoint_id) {}
  // State of the writer for a checkpoint, and its restore, called before the first write.
  virtual std::vector<std::string> SnapshotState() { return {}; }
  virtual Status RestoreState(const std::vector<std::string>& states) { return OkStatus(); }
  // Called once, also after an error.
  virtual Status Close(CloseReason reason) { return OkStatus(); }
};

// A writer of records of type T.
template <class T>
class SinkWriter : public SinkWriterBase {
 public:
  // `timestamp`: the record's event time, kNoEventTime if it has none.
  virtual Status Write(const T& record, EventTime timestamp) = 0;

  Status WriteBatch(BatchBase& untyped) override {
    Batch<T>& batch = AsBatch<T>(untyped);
    Status status;
    batch.ForEach([&](const T& record, uint32_t row) {
      if (status.ok()) status = Write(record, batch.has_times ? batch.times[row] : kNoEventTime);
    });
    return status;
  }
};

// A writer whose results become visible by commits of committables of type C.
template <class T, class C>
class CommittingWriter : public SinkWriter<T> {
 public:
  // Everything written since the last call, ready to be committed; it must survive a crash from here on, or from when TakePendingSync's work is done.
  virtual StatusOr<std::vector<C>> PrepareCommit() = 0;
  // Makes them visible. May be called again with the same committables after a failure.
  virtual Status Commit(std::vector<C> committables) = 0;

  StatusOr<std::vector<std::string>> PrepareEncodedCommit() final {
    WEIR_ASSIGN_OR_RETURN(std::vector<C> committables, PrepareCommit());
    std::vector<std::string> encoded;
    for (const C& committable : committables) encoded.push_back(EncodeToString(committable));
    return encoded;
  }
  Status CommitEncoded(const std::vector<std::string>& committables) final {
    std::vector<C> decoded(committables.size());
    for (size_t i = 0; i < committables.size(); ++i) WEIR_RETURN_IF_ERROR(DecodeFrom(committables[i], decoded[i]));
    return Commit(std::move(decoded));
  }
};

// Base of all sinks of records of type T; the header comment says what a sink has besides.
template <class T>
class Sink {
 public:
  using Record = T;
  static constexpr bool kBlocking = false;
};

// A sink as the plan holds it.
class SinkFactory {
 public:
  virtual ~SinkFactory() = default;
  virtual bool blocking() const = 0;
  virtual StatusOr<std::unique_ptr<SinkWriterBase>> CreateWriter(const RuntimeContext& context) const = 0;
};

// A SinkFactory over a user's sink, which it owns.
template <class S>
class TypedSinkFactory final : public SinkFactory {
 public:
  explicit TypedSinkFactory(S sink) : sink_(std::move(sink)) {}

  bool blocking() const override { return S::kBlocking; }
  StatusOr<std::unique_ptr<SinkWriterBase>> CreateWriter(const RuntimeContext& context) const override {
    auto writer = sink_.CreateWriter(context);
    if (!writer.ok()) return writer.status();
    return std::unique_ptr<SinkWriterBase>(std::move(writer).value());
  }

 private:
  const S sink_;
};

}  // namespace weir
