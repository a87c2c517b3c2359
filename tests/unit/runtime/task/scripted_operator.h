// An operator over SmallRow that does what a test tells it and writes down what it was told.
#pragma once

#include <deque>
#include <functional>
#include <memory>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

#include "weir/runtime/operators/operator.h"
#include "weir/runtime/task/operator_chain.h"

#include "tests/harness/test_batches.h"

namespace weir {

using Journal = std::vector<std::string>;

// What a scripted operator does besides passing batches on.
struct Script {
  std::string name = "op";
  Journal* journal = nullptr;
  // Fails (returns an error, or throws) in "Open", "Process", "EndInput", "EndStep", "Snapshot", "Complete", "Close"; empty: never.
  std::string fails_in = {};
  bool throws = false;
  // Pieces of work that each batch leaves behind; each emits one row when it is resumed.
  int work_per_batch = 0;
  EventTime wants_time = kNoEventTime;
  // Says whether the operator's work must wait; nullptr: never.
  const bool* waits = nullptr;
  // Where Open puts the operator's mailbox, if anywhere.
  OperatorMailbox** mailbox = nullptr;
  // Called with each batch; may be empty.
  std::function<void()> while_processing = {};
  // Its keyed state, of all 128 key groups; may be null.
  KeyedRows* rows = nullptr;
};

class ScriptedOperator final : public Operator {
 public:
  explicit ScriptedOperator(Script script) : script_(std::move(script)) {}

  Status Open(const OperatorContext& context) override {
    outputs_ = context.outputs;
    if (script_.mailbox != nullptr) *script_.mailbox = context.mailbox;
    return Do("Open");
  }
  Status ProcessBatch(int input, BatchBase* batch) override {
    BatchPtr owner(batch);
    std::string what = "Process";
    for (const SmallRow& row : RowsOf<SmallRow>(*batch)) what += " " + std::to_string(row.value);
    if (input != 0) what += " on " + std::to_string(input);
    work_ += script_.work_per_batch;
    if (script_.while_processing) script_.while_processing();
    Status status = Do("Process", what);
    if (status.ok() && !outputs_.empty()) outputs_.front()->Accept(owner.release());
    return status;
  }
  Status EndInput(int input) override { return Do("EndInput", "EndInput " + std::to_string(input)); }
  bool HasWork() const override { return work_ > 0; }
  bool IsWaiting() const override { return script_.waits != nullptr && *script_.waits; }
  Status Resume(uint32_t) override {
    --work_;
    WEIR_RETURN_IF_ERROR(Do("Resume"));
    BatchBase* const batch = outputs_.front()->Fresh();
    AsBatch<SmallRow>(*batch).Append() = {.key = 0, .value = 1000 + work_};
    outputs_.front()->Accept(batch);
    return OkStatus();
  }
  Status EndStep() override { return script_.fails_in == "EndStep" ? Do("EndStep") : OkStatus(); }
  EventTime NextProcessingTime() const override { return script_.wants_time; }
  Status OnProcessingTime(EventTime now) override {
    script_.wants_time = kNoEventTime;
    return Do("Time", "Time " + std::to_string(now));
  }
  Status Snapshot(OperatorStateWriter& writer) override {
    if (script_.rows != nullptr) writer.AddKeyedRows(*script_.rows, 0, 127);
    writer.AddElements("id", Redistribution::kSplit, {std::to_string(writer.checkpoint_id())});
    return Do("Snapshot", "Snapshot " + std::to_string(writer.checkpoint_id()));
  }
  Status NotifyCheckpointComplete(int64_t id) override { return Do("Complete", "Complete " + std::to_string(id)); }
  Status NotifyCheckpointAborted(int64_t id) override { return Do("Aborted", "Aborted " + std::to_string(id)); }
  Status Close(bool failed) override { return Do("Close", failed ? "Close failed" : "Close"); }

 private:
  Status Do(const std::string& call) { return Do(call, call); }
  Status Do(const std::string& call, const std::string& note) {
    if (script_.journal != nullptr) script_.journal->push_back(script_.name + ": " + note);
    if (script_.fails_in != call) return OkStatus();
    if (script_.throws) throw std::runtime_error("thrown in " + call);
    return InvalidArgumentError("refused in " + call);
  }

  Script script_;
  std::vector<BatchOutput*> outputs_;
  int work_ = 0;
};

// Operators one behind the other, the last one a sink (or, with `writer`, in front of the task's first edge).
inline std::vector<ChainedOperator> ChainOf(std::vector<Script> scripts, bool writer = false) {
  std::vector<ChainedOperator> chain(scripts.size());
  for (size_t i = 0; i < scripts.size(); ++i) {
    const bool last = i + 1 == scripts.size();
    chain[i].name = scripts[i].name;
    chain[i].op = std::make_unique<ScriptedOperator>(std::move(scripts[i]));
    if (last && !writer) continue;
    chain[i].output_types = {&BatchTypeOf<SmallRow>()};
    chain[i].links = {last ? ChainLink{.writer = 0} : ChainLink{.target = static_cast<int>(i) + 1}};
  }
  return chain;
}

}  // namespace weir
