// The links between the operators of one chain.
#pragma once

#include <deque>
#include <string>
#include <utility>
#include <vector>

#include "weir/base/status.h"
#include "weir/functions/batch_output.h"
#include "weir/runtime/operators/operator.h"
#include "weir/types/batch_pool.h"

namespace weir {

struct ChainTiming;
struct OperatorNumbers;

// An operator of the chain as what feeds it knows it; all of it outlives the link.
struct ChainedTarget {
  Operator* op = nullptr;
  const std::string* name = nullptr;
  OperatorNumbers* numbers = nullptr;  // null: neither counted nor timed
  const ChainTiming* timing = nullptr;
};

// Hands batches to the next operator of the chain at once; while that one has work of its own left, they wait here, in order.
//
// Threads: the task's thread.
class ChainedOutput final : public BatchOutput {
 public:
  // `type`: of the records. `failure` must outlive this; the first error of the target is kept in it.
  ChainedOutput(const BatchType* type, const ChainedTarget& target, int input, Status* failure)
      : pool_(type),
        target_(target.op),
        name_(target.name),
        numbers_(target.numbers),
        timing_(target.timing),
        input_(input),
        failure_(failure) {}
  ~ChainedOutput() override;

  void Accept(BatchBase* batch) override;
  BatchBase* Fresh() override { return pool_->Get(); }
  bool IsAvailable() const override { return waiting_.empty(); }

  // A batch that comes before all others: it waits until Drain.
  void Hold(BatchBase* batch) { waiting_.push_back(batch); }
  // Hands over waiting batches until none is left or the target has work of its own; no more once they have had `budget` rows.
  void Drain(uint32_t budget);
  bool empty() const { return waiting_.empty(); }

 private:
  void Process(BatchBase* batch);

  BatchPoolHandle pool_;
  Operator* const target_;
  const std::string* const name_;
  OperatorNumbers* const numbers_;
  const ChainTiming* const timing_;
  const int input_;
  Status* const failure_;
  std::deque<BatchBase*> waiting_;
};

// Counts what an operator sends through one of its outputs, and notes its watermark.
class CountedOutput final : public BatchOutput {
 public:
  CountedOutput(BatchOutput* target, OperatorNumbers* numbers, const ChainTiming* timing)
      : target_(target), numbers_(numbers), timing_(timing) {}

  void Accept(BatchBase* batch) override;
  BatchBase* Fresh() override { return target_->Fresh(); }
  bool IsAvailable() const override { return target_->IsAvailable(); }

 private:
  BatchOutput* const target_;
  OperatorNumbers* const numbers_;
  const ChainTiming* const timing_;
};

// One output that several consumers read: each but the last gets a copy, since consumers may change the rows they own.
class FanOutOutput final : public BatchOutput {
 public:
  FanOutOutput(const BatchType* type, std::vector<BatchOutput*> targets) : pool_(type), targets_(std::move(targets)) {}

  void Accept(BatchBase* batch) override;
  BatchBase* Fresh() override { return pool_->Get(); }
  bool IsAvailable() const override;

 private:
  BatchPoolHandle pool_;
  const std::vector<BatchOutput*> targets_;
};

// Nobody listens.
class DiscardingOutput final : public BatchOutput {
 public:
  explicit DiscardingOutput(const BatchType* type) : pool_(type) {}

  void Accept(BatchBase* batch) override { Recycle(batch); }
  BatchBase* Fresh() override { return pool_->Get(); }
  bool IsAvailable() const override { return true; }

 private:
  BatchPoolHandle pool_;
};

}  // namespace weir
