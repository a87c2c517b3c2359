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
  // Brings processing time up to date, for time to live; once per batch.
  void BeginBatch();

  std::unique_ptr<KeyedRows> rows_;
  StatefulFunction* states_ = nullptr;
  KeyContext* key_context_ = nullptr;
  const Clock* clock_ = nullptr;
  KeyGroupRange key_groups_;
  bool has_ttl_ = false;
};

// Runs Function for every record, with the key's row under its state handles.
//
// Function: derives from StatefulFunction; `void Apply(const T&, Key, Collector<Out>&)`; optional Open and Close.
template <class T, class Selector, class Out, class Function>
class KeyedOperator final : public KeyedOperatorBase {
 public:
  // `make` builds the function in place: functions with state are not copied.
  template <class Make>
  KeyedOperator(const Selector& selector, const Make& make) : resolver_(selector), function_(make()) {}

  Status Open(const OperatorContext& context) override {
    out_.Bind(context.outputs.front(), ContainsViews<Out>, kOutputHoldsRows<T, Out>);
    WEIR_RETURN_IF_ERROR(OpenState(context, function_, KeyResolver<T, Selector>::kForm));
    return OpenFunction(function_, *context.runtime);
  }

  Status ProcessBatch(int, BatchBase* untyped) override {
    BatchPtr owner(untyped);
    Batch<T>& batch = AsBatch<T>(*untyped);
    BeginBatch();
    WEIR_RETURN_IF_ERROR(resolver_.Prepare(batch, *rows_));
    out_.BeginInput(batch);
    Run(batch);
    out_.EndInput();
    rows_->Finish();
    return OkStatus();
  }

  Status EndStep() override {
    out_.Flush();
    return KeyedOperatorBase::EndStep();
  }
  Status Close(bool) override { return CloseFunction(function_); }

 private:
  void Run(Batch<T>& batch) {
    const EventTime* const times = batch.has_times ? batch.times : nullptr;
    ForEachRowAndMark(
        batch,
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
