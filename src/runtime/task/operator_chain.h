// The operators of one task, linked.
#pragma once

#include <algorithm>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "weir/base/clock.h"
#include "weir/base/ids.h"
#include "weir/base/status.h"
#include "weir/metrics/counter.h"
#include "weir/metrics/gauge.h"
#include "weir/runtime/network/partition_writer.h"
#include "weir/runtime/operators/operator.h"
#include "weir/runtime/operators/operator_state.h"
#include "weir/runtime/task/chain_output.h"

namespace weir {

// How one operator of a chain is linked to others. Operators are listed sources first: every link points to a later operator.
struct ChainLink {
  int output = 0;   // of this operator: 0 the main output, then its side outputs
  int target = -1;  // operator of the chain, or -1: `writer`
  int target_input = 0;
  int writer = -1;  // outgoing edge of the task
};

// Whether the batch that is in the chain now is one whose way is timed. One in sixteen is, since two looks at the clock per operator would cost more than 1 % of
// small batches; every one while they take long.
struct ChainTiming {
  static constexpr int64_t kSeldom = 16;
  static constexpr int64_t kLongNanos = 1'000'000;

  const Clock* clock = nullptr;
  bool is_on = false;
  int64_t interval = 1;
  int64_t weight = 0;  // batches that the timed one stands for

  // A batch enters the chain.
  void Begin() {
    if (!is_on) ++weight;
    is_on = clock != nullptr && weight >= interval;
  }
  // The timed batch is through.
  void End(int64_t nanos) {
    is_on = false;
    weight = 0;
    interval = nanos >= kLongNanos ? 1 : kSeldom;
  }
  int64_t Now() const { return is_on ? clock->MonotonicNanos() : 0; }
};

// What passes an operator of a chain. One writer, the task; any reader.
struct OperatorNumbers {
  Counter records_in;
  Counter records_out;
  // Spent in the operator itself, without those behind it; extrapolated from the batches that are timed.
  Counter self_nanos;
  NumberGauge input_watermark;
  NumberGauge output_watermark;

  OperatorNumbers() {
    input_watermark.Set(kMinWatermark);
    output_watermark.Set(kMinWatermark);
  }
  void CountInput(const BatchBase& batch) {
    records_in.Inc(batch.count());
    if (!batch.marks.empty()) input_watermark.Set(batch.LastWatermark());
  }
};

struct ChainedOperator {
  std::unique_ptr<Operator> op;
  std::string name;
  std::vector<const BatchType*> output_types;  // main output first; empty for a sink
  std::vector<ChainLink> links;
  int inputs = 1;  // inputs that the chain or the task feeds; 0 for a source
};

// Drives the operators of one task: opens them, feeds the head, lets those with work of their own go on, ends and closes them in order.
//
// Threads: the task's thread.
class OperatorChain {
 public:
  // `writers`: the task's outgoing edges; must outlive the chain.
  OperatorChain(std::vector<ChainedOperator> operators, std::vector<PartitionWriter*> writers);
  OperatorChain(const OperatorChain&) = delete;
  OperatorChain& operator=(const OperatorChain&) = delete;

  // Opens the last operator first, so that whoever emits finds its consumers open. `context_of(i)` is the context of operator i, but for its outputs.
  Status Open(const std::function<OperatorContext(size_t)>& context_of);

  // Feeds the head operator.
  Status ProcessBatch(int input, BatchBase* batch);
  Status EndInput(int input);
  // Lets the head, a source, emit; its end is passed on as by EndInput.
  StatusOr<SourceOperatorBase::Emitted> EmitNext();
  // Ends the head, a source, before it has read everything.
  Status EndSource();

  // Whether Resume has something to do: an operator with work of its own, or batches or ends waiting for one.
  bool HasWork() const { return has_work_; }
  // Whether Resume can go on with it now; if not, something must come from outside first (Operator::IsWaiting).
  bool CanResume() const { return can_resume_; }
  // To be called after letters have run: operators may have got work.
  Status OnLetters() { return Settle(); }
  // Goes on with such work, the last operator first.
  Status Resume(uint32_t budget);
  // Every operator has seen the end of all its inputs and finished its work.
  bool finished() const { return finished_; }

  // An input of the task became idle in event time, or active; passed on at the end of the step.
  void SetInputIdle(int input, bool is_idle) { nodes_.front().inputs_idle[input] = is_idle; }
  // Whether EndStep has idleness to pass on though nothing was processed.
  bool HasStatusToPass() const {
    return nodes_.front().op->IsIdle(nodes_.front().AllInputsIdle()) != nodes_.front().is_idle;
  }

  Status EndStep();
  EventTime NextProcessingTime() const;
  Status OnProcessingTime(EventTime now);
  // Closes all operators, the head first. All are closed, whatever one of them says; returns the first error.
  Status Close(bool failed);

  // State of operator i of the chain as it has been dealt out to this subtask.
  Status Restore(size_t i, OperatorStateParts state);
  // A batch for operator i, which is not the head, ahead of all that the one before it will give it: work to be gone on with.
  Status HoldRestored(size_t i, BatchBase* batch);
  // The state of every operator, the head's first. Not while HasWork. Keyed state may be written from then on, by AdvanceSnapshots, until the checkpoint is
  // known to be complete or aborted.
  StatusOr<std::vector<OperatorStateParts>> Snapshot(CheckpointId id);
  // A bounded piece of the snapshots under way, between two batches. Whether there is more to do now.
  bool AdvanceSnapshots();
  Status NotifyCheckpointComplete(CheckpointId id);
  Status NotifyCheckpointAborted(CheckpointId id);

  Operator& head() { return *nodes_.front().op; }
  size_t size() const { return nodes_.size(); }
  Operator& at(size_t index) { return *nodes_[index].op; }
  const std::string& name(size_t index) const { return nodes_[index].name; }
  const OperatorNumbers& numbers(size_t index) const { return *nodes_[index].numbers; }
  // Before Open: nothing is counted or timed but what passes the whole task. For measuring what that costs.
  void StopCounting() { counts_ = false; }

 private:
  struct Node {
    std::unique_ptr<Operator> op;
    std::string name;
    std::vector<const BatchType*> output_types;
    std::vector<ChainLink> links;
    int open_inputs = 1;            // inputs that have not ended
    std::vector<int> ends_waiting;  // inputs whose end the operator has not been told yet
    std::unique_ptr<OperatorNumbers> numbers = std::make_unique<OperatorNumbers>();
    std::vector<std::unique_ptr<BatchOutput>> owned_outputs;
    std::vector<ChainedOutput*> feeding;  // the links that feed this operator
    std::vector<char> inputs_idle;        // by input
    std::vector<char> told_idle;          // likewise, as the operator knows it
    bool is_idle = false;                 // as its consumers know it
    bool opened = false;
    bool ended = false;  // its consumers have been told

    bool AllInputsIdle() const {
      return !inputs_idle.empty() && std::find(inputs_idle.begin(), inputs_idle.end(), 0) == inputs_idle.end();
    }
  };
  // Where output number `output` of the node goes, with all that comes counted; and the same uncounted.
  BatchOutput* LinkOutput(Node& node, int output);
  BatchOutput* Target(Node& node, int output);
  bool NodeHasWork(const Node& node) const;
  Status Advance(Node& node, uint32_t budget);
  // Gives `node` the ends of its inputs that wait, once nothing comes before them; tells its consumers when it is done.
  Status PassEnds(Node& node);
  Status PassEndsInOrder();
  // Tells operators and consumers of idleness that changed, behind everything that was emitted before.
  Status PassIdleness();
  Status TellInputs(Node& node);
  void TellConsumers(Node& node, bool is_idle);
  // Brings has_work_, can_resume_ and finished_ up to date.
  Status Settle();
  // Ends what still runs of the snapshot.
  void ForgetSnapshot(CheckpointId id);

  struct RunningSnapshot {
    CheckpointId id;
    std::shared_ptr<KeyedSnapshot> keyed;
  };

  // Runs `work` of an operator, timed if the batch is.
  template <class Work>
  Status Timed(Node& node, Work&& work);

  std::vector<Node> nodes_;
  std::vector<RunningSnapshot> running_;  // or written, and not known to be complete
  ChainTiming timing_;
  bool counts_ = true;
  std::vector<PartitionWriter*> writers_;
  Status failure_;  // of a ChainedOutput's target
  bool has_work_ = false;
  bool can_resume_ = false;
  bool ending_ = false;  // some input has ended
  bool finished_ = false;
};

}  // namespace weir
