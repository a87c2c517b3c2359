// The contract between operators and the chain that drives them.
//
// An operator gets whole batches and owns them: it passes a batch on or recycles it. All calls come from the task's thread, in this order:
//
//   Open  (Restore)  { ProcessBatch | Resume | OnProcessingTime | Snapshot }*  EndInput (per input)  Resume*  Close
//
// An operator never waits. Work that is too much for one call (firing timers, emitting a window of a million keys) is done in pieces: HasWork says that
// there is more, Resume does the next piece; until there is none, the chain gives the operator no further batch and does not end its inputs. Work that must
// wait for something from outside (an answer, room for another request) says so by IsWaiting, and the task sleeps until a letter or a time comes.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "weir/base/status.h"
#include "weir/base/time.h"
#include "weir/base/unique_function.h"
#include "weir/functions/batch_output.h"
#include "weir/functions/runtime_context.h"
#include "weir/functions/source.h"
#include "weir/functions/state/keyed_rows.h"
#include "weir/types/batch.h"

namespace weir {

class EventCount;
class OperatorStateReader;
class OperatorStateWriter;
struct WatermarkAlignment;

// Makes the keyed state of an operator; the task's state backend behind it.
class KeyedRowsFactory {
 public:
  virtual ~KeyedRowsFactory() = default;
  virtual StatusOr<std::unique_ptr<KeyedRows>> Create(const std::vector<StateDeclaration>& states,
                                                      KeyForm key_form) = 0;
  // Shows in metrics what `rows` hold, which an operator made for itself: they must live as long as its task.
  virtual void Observe(KeyedRows& rows) {}
};

// How other threads reach an operator: its task's mailbox.
class OperatorMailbox {
 public:
  virtual ~OperatorMailbox() = default;
  // Any thread. `letter` runs on the task's thread, between two pieces of work; then the chain looks at HasWork again. Never throws.
  virtual void Post(UniqueFunction<void()> letter) = 0;
};

// What an operator is opened with; valid until Close has returned.
struct OperatorContext {
  const RuntimeContext* runtime = nullptr;
  KeyedRowsFactory* keyed_state = nullptr;
  // Main output, then one per side output tag, in the order of the operator's declaration. Never null: nobody listens to a DiscardingOutput.
  std::vector<BatchOutput*> outputs;
  // Tags of outputs[1], outputs[2] and so on.
  std::vector<std::string> side_outputs;
  const Clock* clock = nullptr;
  OperatorMailbox* mailbox = nullptr;
  // Wakes the task's executor; for readers that learn of new input on another thread.
  EventCount* waker = nullptr;
  // The job takes checkpoints: what a sink has prepared is committed when one that covers it is complete, never before.
  bool has_checkpoints = false;
  // pipeline.auto-watermark-interval, for periodic watermark generators; 0: off.
  int64_t auto_watermark_interval_ms = 200;
};

class Operator {
 public:
  virtual ~Operator() = default;

  // Keeps the context's pointers. Called before anything else; user code's Open runs in here.
  virtual Status Open(const OperatorContext& context) = 0;

  // Takes ownership of `batch`. `input`: 0, or 1 for the second input of a two-input operator.
  virtual Status ProcessBatch(int input, BatchBase* batch) = 0;
  // No more batches on `input`. The watermark +infinity has come before.
  virtual Status EndInput(int input) { return OkStatus(); }

  virtual bool HasWork() const { return false; }
  // Whether the work that there is cannot go on now; Resume is then not called.
  virtual bool IsWaiting() const { return false; }
  // One piece of the work that HasWork speaks of: at most `budget` results or timers.
  virtual Status Resume(uint32_t budget) { return OkStatus(); }

  // Ends a step: sends part-full batches, ends the state's step.
  virtual Status EndStep() { return OkStatus(); }

  // Idleness in event time, looked at between steps. An input is idle if nothing is to be expected from it for long: it is left out of watermarks.
  // OnInputIdle tells of a change; an operator with two inputs may have a new watermark then, and puts it into its output.
  virtual Status OnInputIdle(int input, bool is_idle) { return OkStatus(); }
  // Whether the operator's outputs are idle; `inputs_are_idle`: all inputs are.
  virtual bool IsIdle(bool inputs_are_idle) const { return inputs_are_idle; }

  // The next processing time at which OnProcessingTime wants to be called; kNoEventTime: not at all.
  virtual EventTime NextProcessingTime() const { return kNoEventTime; }
  virtual Status OnProcessingTime(EventTime now) { return OkStatus(); }

  // All state of this subtask, and its restore: restored after Open, before the first batch; an operator may have work then. Restore may be called several
  // times, once per subtask that wrote state of key groups (or splits) that are now this subtask's.
  virtual Status Snapshot(OperatorStateWriter& writer) { return OkStatus(); }
  virtual Status Restore(OperatorStateReader& reader) { return OkStatus(); }
  virtual Status NotifyCheckpointComplete(int64_t checkpoint_id) { return OkStatus(); }
  virtual Status NotifyCheckpointAborted(int64_t checkpoint_id) { return OkStatus(); }

  // Records that have left the job here: those of a sink.
  virtual int64_t records_written() const { return 0; }

  // Called once, also after a failure, with `failed` set then.
  virtual Status Close(bool failed) { return OkStatus(); }
};

// The head of a source task: an operator that makes its own batches.
class SourceOperatorBase : public Operator {
 public:
  enum class Emitted : uint8_t { kBatch, kIdle, kEnd };
  // Emits at most one batch. kIdle: nothing now; see wake_up().
  virtual StatusOr<Emitted> EmitNext() = 0;
  // Ends as if everything had been read: EmitNext is not called again. For a job that stops and drains.
  virtual Status EndEarly() = 0;
  // With kIdle: processing time at which to try again; kNoEventTime: only after a wake-up.
  virtual EventTime wake_up() const = 0;

  virtual Status AddSplits(const std::vector<std::string>& splits) = 0;
  virtual void NoMoreSplits() = 0;
  virtual bool WantsSplit() const = 0;
  // For error messages: where the last record came from.
  virtual std::string Position() const = 0;
  virtual SourceProgress progress() const = 0;
  // Watermark alignment: true if the JobMaster is to hear now of `report`. Idle sources say kMaxWatermark.
  struct AlignmentReport {
    const WatermarkAlignment* settings = nullptr;
    EventTime watermark = kMinWatermark;
  };
  virtual bool TakeAlignmentReport(AlignmentReport& report) { return false; }
  // What the JobMaster answered: the source pauses while its watermark is above this.
  virtual void SetWatermarkLimit(EventTime limit) {}
  // Records emitted, and the last watermark.
  virtual int64_t records() const = 0;
  virtual EventTime watermark() const = 0;
};

// Fills `batch.hashes` for the rows that count, from the record's key. One per hash edge and task.
class KeyHasher {
 public:
  virtual ~KeyHasher() = default;
  virtual void Hash(BatchBase& batch) = 0;
};

// User-defined partitioning: channel of every row that counts, 0 .. channels - 1, in selection order.
class RowPartitioner {
 public:
  virtual ~RowPartitioner() = default;
  virtual Status Partition(BatchBase& batch, int channels, uint16_t* channel_of) = 0;
};

}  // namespace weir
