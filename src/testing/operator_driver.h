// Runs one operator as a task would, on one thread, under a clock that stands still: the untyped half of the operator harnesses.
#pragma once

#include <cstdint>
#include <deque>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "weir/base/clock.h"
#include "weir/base/execution/event_count.h"
#include "weir/base/file/in_memory_file_system.h"
#include "weir/base/status.h"
#include "weir/functions/runtime_context.h"
#include "weir/graph/stream_graph.h"
#include "weir/runtime/operators/operator.h"
#include "weir/runtime/operators/operator_state.h"
#include "weir/runtime/task/mailbox.h"
#include "weir/testing/poisoned_memory.h"
#include "weir/testing/recording_output.h"
#include "weir/types/batch_pool.h"

namespace weir {

class MetricGroup;

struct HarnessOptions {
  int subtask_index = 0;
  int parallelism = 1;
  int max_parallelism = 128;
  std::string state_backend = "hashmap";
  // Rows of the batches that the operator fills; 0: as in a job. 1 finds code that takes a batch for endless.
  uint32_t output_batch_rows = 0;
  // Results or timers per piece of work that the operator does on its own (firing a window).
  uint32_t resume_budget = 1024;
  Timestamp start = ManualClock::kDefaultStart;
};

// What is tested: how to make the operator, and what flows through it.
struct OperatorUnderTest {
  std::string name = "operator";
  std::function<Operator*()> make;  // the caller owns the result
  std::vector<const BatchType*> inputs;
  const BatchType* output = nullptr;
  std::vector<SideOutput> side_outputs = {};
  // By input; null or missing: that input is not keyed. As in a job, keyed records arrive with their hashes.
  std::vector<std::shared_ptr<KeyHasher>> hashers = {};
};

// The first error ends everything: later calls do nothing, status() says what it was.
//
// Threads: one.
class OperatorDriver {
 public:
  // Makes and opens the operator.
  OperatorDriver(OperatorUnderTest under_test, HarnessOptions options);
  OperatorDriver(const OperatorDriver&) = delete;
  OperatorDriver& operator=(const OperatorDriver&) = delete;
  ~OperatorDriver();

  // An empty batch of that input's type; the memory behind the views that its Keep makes turns to rubbish when the batch is recycled.
  BatchBase* NewBatch(int input);
  // The subtask out of `parallelism` that a keyed edge would send the one record of `batch` to; 0 if the input is not keyed.
  int SubtaskOf(int input, BatchBase& batch, int parallelism);
  // Hands `batch` over; processed at once if the outputs are available, else when they are (Run).
  void Process(int input, BatchBase* batch);
  void Watermark(int input, EventTime watermark);
  void EndInput(int input);
  // Moves the clock, and gives the operator the processing time if it wanted to be called by then.
  void ProcessingTime(EventTime now);
  // Takes letters from other threads, and goes on with what waits for them or for an output, as far as possible.
  void Run();

  // The state, as a checkpoint between two steps would write it.
  StatusOr<std::string> Snapshot();
  // The same of keyed rows that the operator goes on writing while it works, if it has such: OperatorStateParts::running.
  StatusOr<OperatorStateParts> BeginSnapshot();
  // A new operator in the place of the old one, with this state.
  void RestoreParts(OperatorStateParts parts);
  // A new operator in the place of the old one, with the states that `written` has: one string per subtask that wrote.
  void Restore(const std::vector<std::string>& written);
  // Ends the operator as a task would; `failed`: after an error. Done by the destructor if nobody else does.
  void Close(bool failed);

  // 0: the main output, then the side outputs.
  RecordingOutput& output(size_t number) { return *outputs_[number]; }
  // Number of the output with this tag; -1: nobody declared it.
  int OutputNumber(const std::string& tag) const;
  void SetOutputLimit(size_t batches);
  const Status& status() const { return status_; }
  ManualClock& clock() { return clock_; }
  Accumulators& accumulators() { return accumulators_; }
  // What the operator and its function measure.
  MetricGroup& metrics();
  InMemoryFileSystem& file_system() { return file_system_; }

 private:
  class KeyedState;
  struct Metrics;
  struct Waiting {
    int input = 0;
    BatchBase* batch = nullptr;  // nullptr: the end of the input
  };
  void Open();
  KeyHasher* HasherOf(int input) const;
  void Enqueue(Waiting waiting);
  bool OutputsAvailable() const;
  // Runs `call` unless something failed before; keeps its error.
  template <class Call>
  void Guarded(Call&& call);
  void Step(const Waiting& next);
  void FinishWork();
  void PoisonReturned(int input, uint32_t rows);

  const OperatorUnderTest under_test_;
  const HarnessOptions options_;
  ManualClock clock_;
  InMemoryFileSystem file_system_;
  Accumulators accumulators_;
  const std::unique_ptr<Metrics> metrics_;
  EventCount waker_;
  Mailbox mailbox_{&waker_};
  std::unique_ptr<RuntimeContext> runtime_;
  std::unique_ptr<KeyedState> keyed_state_;
  Status status_;
  // Destroyed last to first: batches hold on to the memory, operators to the outputs.
  PoisonedMemory memory_;
  std::vector<BatchPoolHandle> pools_;  // by input
  BatchPoolHandle marks_;
  std::vector<std::unique_ptr<RecordingOutput>> outputs_;
  std::deque<Waiting> waiting_;
  std::unique_ptr<Operator> operator_;
};

}  // namespace weir
