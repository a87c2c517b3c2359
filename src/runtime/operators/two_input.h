// Operators with two inputs: co-map, co-flatMap, co-process and functions with broadcast state.
#pragma once

#include <algorithm>
#include <cstdint>
#include <utility>

#include "weir/functions/process_function.h"
#include "weir/runtime/operators/process.h"

namespace weir {

// The watermark of two inputs: the lower one; of the other one alone while an input is idle.
class TwoInputWatermark {
 public:
  // Whether the lower one advanced; then watermark() is new.
  bool OnMark(int input, EventTime watermark) {
    of_input_[input] = std::max(of_input_[input], watermark);
    return Advance();
  }
  bool OnIdle(int input, bool is_idle) {
    is_idle_[input] = is_idle;
    return Advance();
  }
  EventTime watermark() const { return watermark_; }

 private:
  bool Advance() {
    if (is_idle_[0] && is_idle_[1]) return false;
    EventTime lower = kMaxWatermark;
    for (int input = 0; input < 2; ++input) {
      if (!is_idle_[input]) lower = std::min(lower, of_input_[input]);
    }
    // One input has ended, the other one is idle and may come back: its end is not the end of both.
    if (lower == kMaxWatermark) lower = std::min(of_input_[0], of_input_[1]);
    if (lower <= watermark_) return false;
    watermark_ = lower;
    return true;
  }

  EventTime of_input_[2] = {kMinWatermark, kMinWatermark};
  bool is_idle_[2] = {false, false};
  EventTime watermark_ = kMinWatermark;
};

// Two functions void(const A&, Collector<Out>&) and void(const B&, Collector<Out>&); co-map wraps its functions into such.
template <class A, class B, class Out, class F1, class F2>
class CoFlatMapOperator final : public Operator {
 public:
  explicit CoFlatMapOperator(const std::pair<F1, F2>& functions) : first_(functions.first), second_(functions.second) {}

  Status Open(const OperatorContext& context) override {
    out_.Bind(context.outputs.front(), ContainsViews<Out>, kOutputHoldsRows<A, Out> || kOutputHoldsRows<B, Out>);
    WEIR_RETURN_IF_ERROR(OpenFunction(first_, *context.runtime));
    return OpenFunction(second_, *context.runtime);
  }
  Status ProcessBatch(int input, BatchBase* untyped) override {
    BatchPtr owner(untyped);
    if (input == 0) {
      Run(AsBatch<A>(*untyped), input, first_);
    } else {
      Run(AsBatch<B>(*untyped), input, second_);
    }
    return OkStatus();
  }
  Status OnInputIdle(int input, bool is_idle) override {
    if (watermark_.OnIdle(input, is_idle)) out_.AddMark(watermark_.watermark());
    return OkStatus();
  }
  Status EndStep() override {
    out_.Flush();
    return OkStatus();
  }
  Status Close(bool) override {
    Status status = CloseFunction(first_);
    status.Update(CloseFunction(second_));
    return status;
  }

 private:
  template <class T, class F>
  void Run(Batch<T>& batch, int input, F& function) {
    out_.BeginInput(batch);
    ForEachRowAndMark(
        batch,
        [&](const T& record, uint32_t row) {
          out_.SetTime(batch.has_times ? batch.times[row] : kNoEventTime);
          function(record, out_);
        },
        [&](EventTime watermark) {
          if (watermark_.OnMark(input, watermark)) out_.AddMark(watermark_.watermark());
        });
    out_.EndInput();
  }

  F1 first_;
  F2 second_;
  Collector<Out> out_;
  TwoInputWatermark watermark_;
};

// A co-process function; with selectors, both inputs share one set of keyed rows.
struct NoSelector {};

// Resolves the keys of one input, or nothing.
template <class T, class Selector>
struct InputKeys {
  using Traits = KeyTraits<KeyOf<T, Selector>>;
  explicit InputKeys(const Selector& selector) : resolver(selector) {}
  Status Select(Batch<T>& batch) { return resolver.Select(batch); }
  void PrepareRange(KeyedRows* rows, uint32_t begin, uint32_t end) { resolver.PrepareRange(*rows, begin, end); }
  template <class Context>
  void Set(uint32_t i, const T& record, KeyContext& key_context, Context& context) {
    key_context.row = resolver.row(i);
    context.SetKey(resolver.KeyAt(i, record));
  }
  static constexpr bool kKeyed = true;
  static constexpr KeyForm kForm = KeyResolver<T, Selector>::kForm;
  KeyResolver<T, Selector> resolver;
};
template <class T>
struct InputKeys<T, NoSelector> {
  using Traits = void;
  explicit InputKeys(const NoSelector&) {}
  Status Select(Batch<T>&) { return OkStatus(); }
  void PrepareRange(KeyedRows*, uint32_t, uint32_t) {}
  template <class Context>
  void Set(uint32_t, const T&, KeyContext&, Context&) {}
  static constexpr bool kKeyed = false;
  static constexpr KeyForm kForm = KeyForm::kInteger;
};

// How a function's methods for its two inputs are called, and with which contexts.
template <class F>
struct CoProcessCalls {
  using Context1 = typename F::Context;
  using Context2 = typename F::Context;
  template <class T, class Out>
  static void First(F& function, const T& record, Context1& context, Collector<Out>& out) {
    function.ProcessElement1(record, context, out);
  }
  template <class T, class Out>
  static void Second(F& function, const T& record, Context2& context, Collector<Out>& out) {
    function.ProcessElement2(record, context, out);
  }
};
template <class F>
struct BroadcastCalls {
  using Context1 = typename F::ReadOnlyContext;
  using Context2 = typename F::Context;
  template <class T, class Out>
  static void First(F& function, const T& record, Context1& context, Collector<Out>& out) {
    function.ProcessElement(record, context, out);
  }
  template <class T, class Out>
  static void Second(F& function, const T& record, Context2& context, Collector<Out>& out) {
    function.ProcessBroadcastElement(record, context, out);
  }
};

template <class Selector1, class Selector2>
struct TwoSelectors {
  Selector1 first;
  Selector2 second;
};

// Calls: CoProcessCalls<F> or BroadcastCalls<F>.
template <class A, class B, class Selector1, class Selector2, class Out, class F, class Calls>
class TwoInputProcessOperator final : public TimedOperator {
 public:
  static constexpr bool kHasTimers = internal::HasOnTimer<F, Out>();

  template <class Make>
  TwoInputProcessOperator(const TwoSelectors<Selector1, Selector2>& selectors, const Make& make)
      : TimedOperator(2), keys1_(selectors.first), keys2_(selectors.second), runner_(make) {}

  Status Open(const OperatorContext& context) override {
    constexpr bool kHoldsRows = !std::is_trivially_copyable_v<A> || !std::is_trivially_copyable_v<B>;
    runner_.Open(context, kHoldsRows);
    runner_.OpenContext(context1_, context, kHoldsRows);
    if constexpr (!kOneContext) runner_.OpenContext(context2_, context, kHoldsRows);
    if constexpr (requires { SecondContext().SetFunction(nullptr); }) SecondContext().SetFunction(&runner_.function);
    if constexpr (kKeyed) {
      WEIR_RETURN_IF_ERROR(OpenStateAndTimers(context, runner_.function, InputKeys<A, Selector1>::kForm, kHasTimers));
      context1_.SetTimers(timers_.get());
    } else {
      states_ = &runner_.function;
    }
    return OpenFunction(runner_.function, *context.runtime);
  }

  Status ProcessBatch(int input, BatchBase* untyped) override {
    BatchPtr owner(untyped);
    runner_.BeginWork();
    WEIR_RETURN_IF_ERROR(input == 0 ? keys1_.Select(AsBatch<A>(*untyped)) : keys2_.Select(AsBatch<B>(*untyped)));
    return BeginBatch(input, owner.release());
  }
  Status OnInputIdle(int input, bool is_idle) override {
    if (watermark_.OnIdle(input, is_idle)) AdvanceWatermark(watermark_.watermark());
    return OkStatus();
  }
  Status EndStep() override {
    runner_.Flush(context1_);
    if constexpr (!kOneContext) context2_.side_outputs().Flush();
    return TimedOperator::EndStep();
  }
  Status Snapshot(OperatorStateWriter& writer) override {
    runner_.BeginSnapshot(CheckpointIdOf(writer));
    if constexpr (kKeyed) return KeyedOperatorBase::Snapshot(writer);
    SnapshotOperatorStates(runner_.function, writer);
    return OkStatus();
  }
  Status Restore(OperatorStateReader& reader) override {
    if constexpr (kKeyed) return TimedOperator::Restore(reader);
    return RestoreOperatorStates(runner_.function, reader);
  }
  Status NotifyCheckpointComplete(int64_t id) override { return NotifyComplete(runner_.function, id); }
  Status NotifyCheckpointAborted(int64_t id) override { return NotifyAborted(runner_.function, id); }
  Status Close(bool) override { return CloseFunction(runner_.function); }

 private:
  static constexpr bool kKeyed = InputKeys<A, Selector1>::kKeyed;
  // Both inputs see the same context: one object, so that both register timers and fill the same side outputs in order.
  static constexpr bool kOneContext = std::is_same_v<typename Calls::Context1, typename Calls::Context2>;
  struct NoContext {};

  auto& SecondContext() {
    if constexpr (kOneContext) {
      return context1_;
    } else {
      return context2_;
    }
  }

  Status ProcessEntries(uint32_t end) override {
    if (progress_.input() == 0) {
      Run<A>(end, keys1_, context1_,
             [this](const A& record) { Calls::First(runner_.function, record, context1_, runner_.out); });
    } else {
      Run<B>(end, keys2_, SecondContext(),
             [this](const B& record) { Calls::Second(runner_.function, record, SecondContext(), runner_.out); });
    }
    return OkStatus();
  }
  template <class T, class Keys, class Context, class Call>
  void Run(uint32_t end, Keys& keys, Context& context, Call call) {
    Batch<T>& batch = AsBatch<T>(progress_.batch());
    // Not the row of some earlier record.
    if constexpr (kKeyed && !Keys::kKeyed) key_context_->LeaveKey();
    runner_.Begin(context, batch);
    for (uint32_t i = progress_.next(); i < end; progress_.Advance(i)) {
      if (i == progress_.prepared_end()) keys.PrepareRange(rows_.get(), i, progress_.PrepareTo());
      for (const uint32_t stop = std::min(end, progress_.prepared_end()); i < stop; ++i) {
        const uint32_t row = progress_.RowOf(i);
        const T& record = batch.data()[row];
        if (batch.has_times) runner_.SetTime(context, batch.times[row]);
        if constexpr (Keys::kKeyed) keys.Set(i, record, *key_context_, context);
        call(record);
      }
    }
    runner_.End(context);
  }
  void OnMark(int input, EventTime watermark) override {
    if (watermark_.OnMark(input, watermark)) AdvanceWatermark(watermark_.watermark());
  }
  bool FirePiece(uint32_t& budget) override {
    if constexpr (kHasTimers) {
      return runner_.template FireTimers<typename InputKeys<A, Selector1>::Traits>(*timers_, context1_, budget);
    } else {
      return true;
    }
  }
  void SetWatermark(EventTime watermark) override {
    context1_.SetWatermark(watermark);
    SecondContext().SetWatermark(watermark);
  }
  void EmitWatermark(EventTime watermark) override {
    // What the second context put into side outputs goes before the mark.
    if constexpr (!kOneContext) context2_.side_outputs().Flush();
    runner_.EmitMark(context1_, watermark);
  }

  InputKeys<A, Selector1> keys1_;
  InputKeys<B, Selector2> keys2_;
  ProcessRunner<F, Out> runner_;
  typename internal::ContextObject<F, typename Calls::Context1, Out>::Type context1_;
  [[no_unique_address]] std::conditional_t<kOneContext, NoContext, typename Calls::Context2> context2_;
  TwoInputWatermark watermark_;
};

}  // namespace weir
