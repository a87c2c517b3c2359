// The Source API: splits, enumerators and readers.
//
// A source is cut into splits (a file, a range, a partition). One enumerator per job finds the splits and hands them to the readers, one reader per
// subtask reads the splits that it was given. Splits, and the enumerator's state, are records: any aggregate.
//
//   struct NumberSplit { int64_t next, end; };
//   class Numbers : public weir::Source<int64_t> {
//    public:
//     using Split = NumberSplit;
//     using EnumeratorState = std::vector<NumberSplit>;                     // splits not handed out yet
//     weir::Boundedness boundedness() const;
//     StatusOr<std::unique_ptr<weir::SplitEnumerator<Split, EnumeratorState>>> CreateEnumerator(const EnumeratorState* restored) const;
//     StatusOr<std::unique_ptr<weir::SourceReader<int64_t, Split>>> CreateReader(const weir::RuntimeContext&) const;
//   };
//
// Threads: an enumerator runs on the JobMaster's event loop, a reader on its task's thread. Neither may block, unless the source says
// `static constexpr bool kBlocking = true`: its tasks then get threads of their own.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "weir/base/status.h"
#include "weir/base/time.h"
#include "weir/functions/batch_output.h"
#include "weir/functions/runtime_context.h"
#include "weir/types/batch.h"
#include "weir/types/serializer.h"

namespace weir {

enum class Boundedness : uint8_t { kBounded, kContinuousUnbounded };

// How much one Read may do. A reader may stop earlier.
struct Budget {
  uint32_t rows = kMaxBatchRows;
};

// What one Read did.
struct ReadResult {
  enum class Kind : uint8_t { kProgress, kIdle, kEnd, kError };
  Kind kind = Kind::kProgress;
  // kIdle: call again at this processing time, or earlier if the reader called its wake-up; kNoEventTime: only at a wake-up.
  EventTime wake_up = kNoEventTime;
  // The rows just read are all of this split: a number of the reader's choice, the same for the same split.
  uint32_t split = 0;
  // `split` has delivered its last row; its watermark no longer counts.
  bool split_finished = false;
  Status error = {};

  // Some rows were read (or none, but calling again at once makes sense).
  static ReadResult Progress(uint32_t split = 0) { return {.kind = Kind::kProgress, .split = split}; }
  // Nothing to read now.
  static ReadResult Idle() { return {.kind = Kind::kIdle}; }
  static ReadResult IdleUntil(Timestamp wake_up) { return {.kind = Kind::kIdle, .wake_up = ToEventTime(wake_up)}; }
  // No more rows, ever: only after NoMoreSplits.
  static ReadResult End() { return {.kind = Kind::kEnd}; }
  static ReadResult Error(Status error) { return {.kind = Kind::kError, .error = std::move(error)}; }
};

// Numbers that a reader exports; the engine turns them into metrics and the progress line.
struct SourceProgress {
  int64_t bytes_read = 0;
  int64_t bytes_total = -1;  // of the splits this reader was given so far; -1: unknown
  int64_t bad_records = 0;
};

// The type-erased reader that the runtime drives. Users derive from SourceReader<T, Split>.
class SourceReaderBase {
 public:
  virtual ~SourceReaderBase() = default;

  // Where records for side outputs go: outputs[i] is that of tags[i]. Only tags that somebody reads are there; called before Open if there are any.
  virtual void BindSideOutputs(const std::vector<std::string>& tags, BatchOutput* const* outputs) {}
  // Called once before the first Read. `wake_up` may be called from any thread: it makes the task read again after kIdle.
  virtual Status Open(void (*wake_up)(void*), void* argument) { return OkStatus(); }
  // Appends rows to `into`, which is empty and of the source's record type.
  virtual ReadResult ReadBatch(BatchBase& into, Budget budget) = 0;
  virtual Status AddEncodedSplits(const std::vector<std::string>& splits) = 0;
  // The enumerator will hand out nothing more.
  virtual void NoMoreSplits() = 0;
  // The splits being read, each with the position reached: reading goes on there after a restore.
  virtual std::vector<std::string> SnapshotSplits() = 0;
  // Watermark alignment: the splits of these numbers (ReadResult::split) are too far ahead and are not to be read before the next call; all others may be. False: this
  // reader cannot leave single splits out, and is called for nothing while its watermark, the lowest of its splits, is too far ahead.
  virtual bool PauseSplits(const std::vector<uint32_t>& splits) { return false; }
  // Whether the reader wants another split now (asked when it is idle).
  virtual bool WantsSplit() const = 0;
  virtual SourceProgress progress() const { return {}; }
  // Where the last row read came from ("flights.csv:17"), for error messages; empty: unknown.
  virtual std::string Position() const { return {}; }
  virtual void NotifyCheckpointComplete(int64_t checkpoint_id) {}
  // Frees what the reader holds; called once, also after an error.
  virtual Status Close() { return OkStatus(); }
};

// A reader of records of type T from splits of type S.
template <class T, class S>
class SourceReader : public SourceReaderBase {
 public:
  // Appends up to budget.rows rows to `into`; never more than it has room for.
  virtual ReadResult Read(Batch<T>& into, Budget budget) = 0;
  virtual Status AddSplits(std::vector<S> splits) = 0;
  virtual std::vector<S> Snapshot() = 0;

  ReadResult ReadBatch(BatchBase& into, Budget budget) final { return Read(AsBatch<T>(into), budget); }
  Status AddEncodedSplits(const std::vector<std::string>& splits) final {
    std::vector<S> decoded(splits.size());
    for (size_t i = 0; i < splits.size(); ++i) WEIR_RETURN_IF_ERROR(DecodeFrom(splits[i], decoded[i]));
    return AddSplits(std::move(decoded));
  }
  std::vector<std::string> SnapshotSplits() final {
    std::vector<std::string> encoded;
    for (const S& split : Snapshot()) encoded.push_back(EncodeToString(split));
    return encoded;
  }
};

// What an enumerator may ask of the job. Threads: the JobMaster's event loop only.
class EnumeratorContext {
 public:
  virtual ~EnumeratorContext() = default;
  virtual int parallelism() const = 0;
  virtual FileSystem& file_system() = 0;
  virtual const Clock& clock() const = 0;
  virtual void AssignEncodedSplit(int subtask, std::string split) = 0;
  virtual void SignalNoMoreSplits(int subtask) = 0;
  // Calls OnTimer of the enumerator once after `delay`.
  virtual void CallLater(Duration delay) = 0;
  // Fails the job.
  virtual void Fail(Status status) = 0;
};

// The type-erased enumerator that the JobMaster drives. Users derive from SplitEnumerator<Split, State>.
class SplitEnumeratorBase {
 public:
  virtual ~SplitEnumeratorBase() = default;
  virtual Status Start(EnumeratorContext& context) = 0;
  // Reader `subtask` has registered (again, after a restart).
  virtual void AddReader(int subtask) {}
  // Reader `subtask` has read what it had and wants more.
  virtual void HandleSplitRequest(int subtask) = 0;
  // These were assigned to a reader that failed before a checkpoint recorded them.
  virtual Status AddEncodedSplitsBack(const std::vector<std::string>& splits, int subtask) = 0;
  virtual void OnTimer() {}
  virtual std::string SnapshotEncodedState() = 0;
};

template <class S, class State>
class SplitEnumerator : public SplitEnumeratorBase {
 public:
  virtual Status AddSplitsBack(std::vector<S> splits, int subtask) = 0;
  virtual State SnapshotState() = 0;

  Status Start(EnumeratorContext& context) override {
    context_ = &context;
    return OkStatus();
  }
  Status AddEncodedSplitsBack(const std::vector<std::string>& splits, int subtask) final {
    std::vector<S> decoded(splits.size());
    for (size_t i = 0; i < splits.size(); ++i) WEIR_RETURN_IF_ERROR(DecodeFrom(splits[i], decoded[i]));
    return AddSplitsBack(std::move(decoded), subtask);
  }
  std::string SnapshotEncodedState() final { return EncodeToString(SnapshotState()); }

 protected:
  void AssignSplit(int subtask, const S& split) { context_->AssignEncodedSplit(subtask, EncodeToString(split)); }
  EnumeratorContext& context() { return *context_; }

 private:
  EnumeratorContext* context_ = nullptr;
};

// Base of all sources of records of type T; the header comment says what a source has besides.
template <class T>
class Source {
 public:
  using Record = T;
  static constexpr bool kBlocking = false;
};

// A source as the plan holds it.
class SourceFactory {
 public:
  virtual ~SourceFactory() = default;
  virtual Boundedness boundedness() const = 0;
  virtual bool blocking() const = 0;
  // `restored`: what SnapshotEncodedState returned, or nullptr for a fresh start.
  virtual StatusOr<std::unique_ptr<SplitEnumeratorBase>> CreateEnumerator(const std::string* restored) const = 0;
  virtual StatusOr<std::unique_ptr<SourceReaderBase>> CreateReader(const RuntimeContext& context) const = 0;
};

// A SourceFactory over a user's source, which it owns.
template <class S>
class TypedSourceFactory final : public SourceFactory {
 public:
  explicit TypedSourceFactory(S source) : source_(std::move(source)) {}

  Boundedness boundedness() const override { return source_.boundedness(); }
  bool blocking() const override { return S::kBlocking; }
  StatusOr<std::unique_ptr<SplitEnumeratorBase>> CreateEnumerator(const std::string* restored) const override {
    typename S::EnumeratorState state{};
    if (restored != nullptr) WEIR_RETURN_IF_ERROR(DecodeFrom(*restored, state));
    auto enumerator = source_.CreateEnumerator(restored != nullptr ? &state : nullptr);
    if (!enumerator.ok()) return enumerator.status();
    return std::unique_ptr<SplitEnumeratorBase>(std::move(enumerator).value());
  }
  StatusOr<std::unique_ptr<SourceReaderBase>> CreateReader(const RuntimeContext& context) const override {
    auto reader = source_.CreateReader(context);
    if (!reader.ok()) return reader.status();
    return std::unique_ptr<SourceReaderBase>(std::move(reader).value());
  }

 private:
  const S source_;
};

}  // namespace weir
