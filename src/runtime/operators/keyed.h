// Operators over keyed streams: one row of state per key, one look-up per batch.
#pragma once

#include <cstdint>
#include <memory>
#include <utility>
#include <vector>

#include "weir/functions/collector.h"
#include "weir/functions/state/stateful_function.h"
#include "weir/runtime/operators/key_resolver.h"
#include "weir/runtime/operators/operator.h"
#include "weir/runtime/operators/operator_state.h"
#include "weir/runtime/operators/row_walk.h"
#include "weir/runtime/operators/stateless.h"
#include "weir/runtime/operators/user_function.h"
#include "weir/types/key_group.h"

namespace weir {

// The part of a keyed operator that depends neither on records nor on keys: the rows, their snapshot, the function's other states.
class KeyedOperatorBase : public Operator {
 public:
  KeyedOperatorBase();
  ~KeyedOperatorBase() override;
  Status Snapshot(OperatorStateWriter& writer) override;
  Status Restore(OperatorStateReader& reader) override;
  Status EndStep() override;

 protected:
  // Makes the rows from the function's declarations, and `hidden` ones behind them, and binds the function's handles.
  Status OpenState(const OperatorContext& context, StatefulFunction& function, KeyForm key_form,
                   const std::vector<StateDeclaration>& hidden = {});
  // Brings processing time up to date, for time to live, and removes some of what has expired; once per batch, before its rows are looked up.
  void BeginBatch();

  std::unique_ptr<KeyedRows> rows_;
  StatefulFunction* states_ = nullptr;
  KeyContext* key_context_ = nullptr;
  const Clock* clock_ = nullptr;
  KeyGroupRange key_groups_;
  bool has_ttl_ = false;
};

// The same with one function that collects: all of it but the loop over the records.
class CollectingKeyedOperator : public KeyedOperatorBase {
 public:
  // Members of the derived class, which need not be constructed yet.
  struct Parts {
    StatefulFunction& function;
    UserFunction lifecycle;
    CollectorBase& out;
    KeyForm key_form;
    bool has_views;   // results have views
    bool holds_rows;  // which may point into the input's rows
  };
  explicit CollectingKeyedOperator(const Parts& parts) : parts_(parts) {}

  Status Open(const OperatorContext& context) final;
  Status ProcessBatch(int input, BatchBase* batch) final;
  Status EndStep() final;
  Status Close(bool failed) final;

 private:
  // Finds the row of every record of the batch.
  virtual Status Prepare(BatchBase& batch) = 0;
  // Runs the function for every record of the batch.
  virtual void Run(BatchBase& batch) = 0;

  const Parts parts_;
};

// Runs Function for every record, with the key's row under its state handles.
//
// Function: derives from StatefulFunction; `void Apply(const T&, Key, Collector<Out>&)`; optional Open and Close.
template <class T, class Selector, class Out, class Function>
class KeyedOperator final : public CollectingKeyedOperator {
 public:
  // `make` builds the function in place: functions with state are not copied.
  template <class Make>
  KeyedOperator(const Selector& selector, const Make& make)
      : CollectingKeyedOperator({.function = function_,
                                 .lifecycle = UserFunction(function_),
                                 .out = out_,
                                 .key_form = KeyResolver<T, Selector>::kForm,
                                 .has_views = ContainsViews<Out>,
                                 .holds_rows = kOutputHoldsRows<T, Out>}),
        resolver_(selector),
        function_(make()) {}

 private:
  Status Prepare(BatchBase& batch) override { return resolver_.Prepare(AsBatch<T>(batch), *rows_); }
  void Run(BatchBase& batch) override {
    const EventTime* const times = batch.has_times ? batch.times : nullptr;
    ForEachRowAndMark(
        AsBatch<T>(batch),
        [&, i = 0u](const T& record, uint32_t row) mutable {
          if (times != nullptr) out_.SetTime(times[row]);
          key_context_->row = resolver_.row(i);
          function_.Apply(record, resolver_.KeyAt(i, record), out_);
          ++i;
        },
        [this](EventTime watermark) { out_.AddMark(watermark); });
  }

  KeyResolver<T, Selector> resolver_;
  Function function_;
  Collector<Out> out_;
};

}  // namespace weir
