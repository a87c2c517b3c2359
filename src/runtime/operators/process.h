// Process functions over one input, keyed or not.
#pragma once

#include <cstdint>

#include "weir/functions/process_function.h"
#include "weir/runtime/operators/keyed.h"
#include "weir/runtime/operators/stateless.h"

namespace weir {

// Operator states of a function that has no keyed state.
void SnapshotOperatorStates(const StatefulFunction& function, OperatorStateWriter& writer);
Status RestoreOperatorStates(StatefulFunction& function, const OperatorStateReader& reader);

// What a function may have to say about checkpoints.
template <class F>
Status NotifyComplete(F& function, int64_t checkpoint_id) {
  if constexpr (requires { function.NotifyCheckpointComplete(checkpoint_id); })
    function.NotifyCheckpointComplete(checkpoint_id);
  return OkStatus();
}
template <class F>
Status NotifyAborted(F& function, int64_t checkpoint_id) {
  if constexpr (requires { function.NotifyCheckpointAborted(checkpoint_id); })
    function.NotifyCheckpointAborted(checkpoint_id);
  return OkStatus();
}

// A process function and what surrounds it: its main output, its side outputs, its watermark.
template <class F, class Out>
class ProcessRunner {
 public:
  template <class Make>
  explicit ProcessRunner(const Make& make) : function(make()) {}

  void Open(const OperatorContext& context, bool holds_rows) {
    out.Bind(context.outputs.front(), ContainsViews<Out>, holds_rows && ContainsViews<Out>);
    runtime = context.runtime;
  }
  template <class Context>
  void OpenContext(Context& context, const OperatorContext& operator_context, bool holds_rows) {
    context.Open(operator_context.runtime);
    context.side_outputs().Open(operator_context.side_outputs, operator_context.outputs, holds_rows);
  }
  template <class Context>
  void Begin(Context& context, BatchBase& batch) {
    out.BeginInput(batch);
    context.side_outputs().BeginInput(batch);
    if (batch.has_times) return;
    // Results of elements without a time have none, whatever came before.
    out.SetTime(kNoEventTime);
    context.SetTime(kNoEventTime);
  }
  template <class Context>
  void SetTime(Context& context, EventTime time) {
    out.SetTime(time);
    context.SetTime(time);
  }
  template <class Context>
  void End(Context& context) {
    out.EndInput();
    context.side_outputs().EndInput();
  }
  template <class Context>
  void Mark(Context& context, EventTime watermark) {
    context.SetWatermark(watermark);
    out.AddMark(watermark);
    context.side_outputs().AddMark(watermark);
  }
  template <class Context>
  void Flush(Context& context) {
    out.Flush();
    context.side_outputs().Flush();
  }

  F function;
  Collector<Out> out;
  const RuntimeContext* runtime = nullptr;
};

template <class T, class Out, class F>
class ProcessOperator final : public Operator {
 public:
  template <class Make>
  explicit ProcessOperator(const Make& make) : runner_(make) {}

  Status Open(const OperatorContext& context) override {
    runner_.Open(context, !std::is_trivially_copyable_v<T>);
    runner_.OpenContext(context_, context, !std::is_trivially_copyable_v<T>);
    return OpenFunction(runner_.function, *context.runtime);
  }
  Status ProcessBatch(int, BatchBase* untyped) override {
    BatchPtr owner(untyped);
    Batch<T>& batch = AsBatch<T>(*untyped);
    runner_.Begin(context_, batch);
    ForEachRowAndMark(
        batch,
        [&](const T& record, uint32_t row) {
          if (batch.has_times) runner_.SetTime(context_, batch.times[row]);
          runner_.function.ProcessElement(record, context_, runner_.out);
        },
        [this](EventTime watermark) { runner_.Mark(context_, watermark); });
    runner_.End(context_);
    return OkStatus();
  }
  Status EndStep() override {
    runner_.Flush(context_);
    return OkStatus();
  }
  Status Snapshot(OperatorStateWriter& writer) override {
    SnapshotOperatorStates(runner_.function, writer);
    return OkStatus();
  }
  Status Restore(OperatorStateReader& reader) override { return RestoreOperatorStates(runner_.function, reader); }
  Status NotifyCheckpointComplete(int64_t id) override { return NotifyComplete(runner_.function, id); }
  Status NotifyCheckpointAborted(int64_t id) override { return NotifyAborted(runner_.function, id); }
  Status Close(bool) override { return CloseFunction(runner_.function); }

 private:
  ProcessRunner<F, Out> runner_;
  typename F::Context context_;
};

template <class T, class Selector, class Out, class F>
class KeyedProcessOperator final : public KeyedOperatorBase {
 public:
  template <class Make>
  KeyedProcessOperator(const Selector& selector, const Make& make) : resolver_(selector), runner_(make) {}

  Status Open(const OperatorContext& context) override {
    runner_.Open(context, !std::is_trivially_copyable_v<T>);
    runner_.OpenContext(context_, context, !std::is_trivially_copyable_v<T>);
    WEIR_RETURN_IF_ERROR(OpenState(context, runner_.function, KeyResolver<T, Selector>::kForm));
    return OpenFunction(runner_.function, *context.runtime);
  }
  Status ProcessBatch(int, BatchBase* untyped) override {
    BatchPtr owner(untyped);
    Batch<T>& batch = AsBatch<T>(*untyped);
    BeginBatch();
    WEIR_RETURN_IF_ERROR(resolver_.Prepare(batch, *rows_));
    runner_.Begin(context_, batch);
    ForEachRowAndMark(
        batch,
        [&, i = 0u](const T& record, uint32_t row) mutable {
          if (batch.has_times) runner_.SetTime(context_, batch.times[row]);
          key_context_->row = resolver_.row(i);
          context_.SetKey(resolver_.KeyAt(i, record));
          runner_.function.ProcessElement(record, context_, runner_.out);
          ++i;
        },
        [this](EventTime watermark) { runner_.Mark(context_, watermark); });
    runner_.End(context_);
    rows_->Finish();
    return OkStatus();
  }
  Status EndStep() override {
    runner_.Flush(context_);
    return KeyedOperatorBase::EndStep();
  }
  Status NotifyCheckpointComplete(int64_t id) override { return NotifyComplete(runner_.function, id); }
  Status NotifyCheckpointAborted(int64_t id) override { return NotifyAborted(runner_.function, id); }
  Status Close(bool) override { return CloseFunction(runner_.function); }

 private:
  KeyResolver<T, Selector> resolver_;
  ProcessRunner<F, Out> runner_;
  typename F::Context context_;
};

}  // namespace weir
