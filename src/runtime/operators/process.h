// Process functions over one input, keyed or not.
#pragma once

#include <algorithm>
#include <cstdint>
#include <utility>

#include "weir/functions/process_function.h"
#include "weir/runtime/operators/stateless.h"
#include "weir/runtime/operators/timed_operator.h"

namespace weir {

// Operator states of a function that has no keyed state.
void SnapshotOperatorStates(const StatefulFunction& function, OperatorStateWriter& writer);
Status RestoreOperatorStates(StatefulFunction& function, const OperatorStateReader& reader);
// The snapshot that is written; 0: none in particular.
int64_t CheckpointIdOf(const OperatorStateWriter& writer);

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

namespace internal {

template <class F>
concept NamesOnTimer = requires { &F::OnTimer; };
template <class F, class Out>
concept CanCallOnTimer = requires(F& function, typename F::OnTimerContext& context, Collector<Out>& out) {
  function.OnTimer(Timestamp(), context, out);
};

// Whether the function wants timers.
template <class F, class Out>
consteval bool HasOnTimer() {
  static_assert(CanCallOnTimer<F, Out> || !NamesOnTimer<F>,
                "weir: OnTimer must be callable as void OnTimer(Timestamp, OnTimerContext&, Collector<Out>&), in a "
                "keyed function");
  return CanCallOnTimer<F, Out>;
}

// The context object of a function whose elements see it as `Base`.
template <class F, class Base, class Out>
struct ContextObject {
  using Type = Base;
};
template <class F, class Base, class Out>
  requires CanCallOnTimer<F, Out>
struct ContextObject<F, Base, Out> {
  using Type = typename F::OnTimerContext;
};

}  // namespace internal

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
  // Before every element, timer and snapshot: state has been restored by then.
  void BeginWork() {
    if constexpr (requires(RuntimeContext& values) { function.InitializeState(values); }) {
      if (!std::exchange(is_initialized, true)) function.InitializeState(const_cast<RuntimeContext&>(*runtime));
    }
  }
  // Operator state is about to be taken.
  void BeginSnapshot(int64_t checkpoint_id) {
    BeginWork();
    if constexpr (requires { function.SnapshotState(checkpoint_id); }) function.SnapshotState(checkpoint_id);
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
    EmitMark(context, watermark);
  }
  template <class Context>
  void EmitMark(Context& context, EventTime watermark) {
    out.AddMark(watermark);
    context.side_outputs().AddMark(watermark);
  }
  // Fires a piece of timers; Traits: of the key.
  template <class Traits, class Context>
  bool FireTimers(KeyedTimers& timers, Context& context, uint32_t& budget) {
    struct Call {
      ProcessRunner& runner;
      Context& context;
      KeyedTimers& timers;
      TimeDomain domain;
      void operator()(EventTime time, const StoredKey& key) {
        if (timers.TakeKeysChanged()) {
          runner.out.BeginInput(timers.keys());
          context.side_outputs().BeginInput(timers.keys());
        }
        // Results of processing-time timers have no event time.
        runner.out.SetTime(domain == TimeDomain::kEvent ? time : kNoEventTime);
        context.SetTime(time);
        context.SetTimeDomain(domain);
        context.SetKey(Traits::FromStored(key));
        runner.function.OnTimer(FromEventTime(time), context, runner.out);
      }
    };
    BeginWork();
    Call call{*this, context, timers, timers.firing_domain()};
    const bool is_done = timers.FirePiece(
        budget, [](void* self, EventTime time, const StoredKey& key) { (*static_cast<Call*>(self))(time, key); },
        &call);
    End(context);
    return is_done;
  }
  template <class Context>
  void Flush(Context& context) {
    out.Flush();
    context.side_outputs().Flush();
  }

  F function;
  Collector<Out> out;
  const RuntimeContext* runtime = nullptr;
  bool is_initialized = false;  // of functions that have InitializeState
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
    runner_.BeginWork();
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
    runner_.BeginSnapshot(CheckpointIdOf(writer));
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
class KeyedProcessOperator final : public TimedOperator {
 public:
  static constexpr bool kHasTimers = internal::HasOnTimer<F, Out>();

  template <class Make>
  KeyedProcessOperator(const Selector& selector, const Make& make)
      : TimedOperator(1), resolver_(selector), runner_(make) {}

  Status Open(const OperatorContext& context) override {
    runner_.Open(context, !std::is_trivially_copyable_v<T>);
    runner_.OpenContext(context_, context, !std::is_trivially_copyable_v<T>);
    WEIR_RETURN_IF_ERROR(OpenStateAndTimers(context, runner_.function, KeyResolver<T, Selector>::kForm, kHasTimers));
    context_.SetTimers(timers_.get());
    return OpenFunction(runner_.function, *context.runtime);
  }
  Status ProcessBatch(int input, BatchBase* untyped) override {
    BatchPtr owner(untyped);
    runner_.BeginWork();
    WEIR_RETURN_IF_ERROR(resolver_.Select(AsBatch<T>(*untyped)));
    return BeginBatch(input, owner.release());
  }
  Status EndStep() override {
    runner_.Flush(context_);
    return TimedOperator::EndStep();
  }
  Status Snapshot(OperatorStateWriter& writer) override {
    runner_.BeginSnapshot(CheckpointIdOf(writer));
    return TimedOperator::Snapshot(writer);
  }
  Status NotifyCheckpointComplete(int64_t id) override { return NotifyComplete(runner_.function, id); }
  Status NotifyCheckpointAborted(int64_t id) override { return NotifyAborted(runner_.function, id); }
  Status Close(bool) override { return CloseFunction(runner_.function); }

 private:
  Status ProcessEntries(uint32_t end) override {
    Batch<T>& batch = AsBatch<T>(progress_.batch());
    runner_.Begin(context_, batch);
    for (uint32_t i = progress_.next(); i < end; progress_.Advance(i)) {
      if (i == progress_.prepared_end()) resolver_.PrepareRange(*rows_, i, progress_.PrepareTo());
      for (const uint32_t stop = std::min(end, progress_.prepared_end()); i < stop; ++i) {
        const uint32_t row = progress_.RowOf(i);
        const T& record = batch.data()[row];
        if (batch.has_times) runner_.SetTime(context_, batch.times[row]);
        key_context_->row = resolver_.row(i);
        context_.SetKey(resolver_.KeyAt(i, record));
        runner_.function.ProcessElement(record, context_, runner_.out);
      }
    }
    runner_.End(context_);
    return OkStatus();
  }
  void OnMark(int, EventTime watermark) override { AdvanceWatermark(watermark); }
  bool FirePiece(uint32_t& budget) override {
    if constexpr (kHasTimers) {
      return runner_.template FireTimers<KeyTraits<KeyOf<T, Selector>>>(*timers_, context_, budget);
    } else {
      return true;
    }
  }
  void SetWatermark(EventTime watermark) override { context_.SetWatermark(watermark); }
  void EmitWatermark(EventTime watermark) override { runner_.EmitMark(context_, watermark); }

  KeyResolver<T, Selector> resolver_;
  ProcessRunner<F, Out> runner_;
  typename internal::ContextObject<F, typename F::Context, Out>::Type context_;
};

}  // namespace weir
