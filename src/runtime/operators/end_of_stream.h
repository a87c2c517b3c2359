// GlobalWindows::WithEndOfStreamTrigger: state per key that is emitted when the input ends.
#pragma once

#include <cstdint>
#include <type_traits>
#include <utility>

#include "weir/functions/state/keyed_state.h"
#include "weir/functions/window/windows.h"
#include "weir/runtime/operators/keyed.h"
#include "weir/types/batch_pool.h"

namespace weir {

// Keys that are fired together: enough for prefetching, few enough to bound a step.
inline constexpr uint32_t kKeysPerFire = 256;

// Calls a window function, which returns its result or takes a collector.
template <class Out, class F, class Key, class Window, class Result>
void CallWindowFunction(F& function, const Key& key, const Window& window, Result&& result, Collector<Out>& out) {
  if constexpr (std::is_invocable_v<F&, const Key&, const Window&, Result, Collector<Out>&>) {
    function(key, window, std::forward<Result>(result), out);
  } else {
    out.Collect(function(key, window, std::forward<Result>(result)));
  }
}

// Aggregates per key. F: Out(key, window, result), or void with a Collector<Out>& behind.
template <class T, class Key, class Out, class A, class F>
class WindowAggregate : public StatefulFunction {
 public:
  using Accumulator = std::remove_cvref_t<decltype(std::declval<A&>().CreateAccumulator())>;
  static_assert(!ContainsViews<Accumulator>,
                "weir: an accumulator is kept as state, and this one holds a std::string_view: use std::string");

  WindowAggregate(const A& aggregate, const F& function) : aggregate_(aggregate), function_(function) {}
  void Add(const T& record) {
    if (!accumulator_.Has()) accumulator_.Update(aggregate_.CreateAccumulator());
    accumulator_.Modify([&](Accumulator& accumulator) { aggregate_.Add(accumulator, record); });
  }
  void Emit(const Key& key, Collector<Out>& out) {
    if (const Accumulator* accumulator = accumulator_.Get())
      CallWindowFunction<Out>(function_, key, GlobalWindow(), aggregate_.GetResult(*accumulator), out);
  }

 private:
  A aggregate_;
  F function_;
  ValueState<Accumulator> accumulator_{this, "accumulator"};
};

// Reduces per key.
template <class T, class Key, class Out, class R, class F>
class WindowReduce : public StatefulFunction {
  static_assert(!ContainsViews<T>,
                "weir: Reduce keeps a record per key, and this record type holds a std::string_view: use std::string, "
                "or Map to a type that does");

 public:
  WindowReduce(const R& reduce, const F& function) : reduce_(reduce), function_(function) {}
  void Add(const T& record) {
    const T* const so_far = reduced_.Get();
    reduced_.Update(so_far == nullptr ? T(record) : T(reduce_(*so_far, record)));
  }
  void Emit(const Key& key, Collector<Out>& out) {
    if (const T* reduced = reduced_.Get()) CallWindowFunction<Out>(function_, key, GlobalWindow(), *reduced, out);
  }

 private:
  R reduce_;
  F function_;
  ValueState<T> reduced_{this, "reduced"};
};

// Keeps all elements of a key. F: void(key, window, const ListState<T>& elements, Collector<Out>&).
template <class T, class Key, class Out, class F>
class WindowElements : public StatefulFunction {
  static_assert(!ContainsViews<T>,
                "weir: a window function keeps the window's records, and this record type holds a std::string_view: "
                "use std::string, or Map to a type that does");

 public:
  explicit WindowElements(const F& function) : function_(function) {}
  void Add(const T& record) { elements_.Add(record); }
  void Emit(const Key& key, Collector<Out>& out) { function_(key, GlobalWindow(), elements_, out); }

 private:
  F function_;
  ListState<T> elements_{this, "elements"};
};

// Function: one of the above.
template <class T, class Selector, class Out, class Function>
class EndOfStreamOperator final : public KeyedOperatorBase {
 public:
  using Traits = KeyTraits<KeyOf<T, Selector>>;

  template <class Make>
  EndOfStreamOperator(const Selector& selector, const Make& make)
      : resolver_(selector), function_(make()), fired_(&BatchTypeOf<T>()) {}

  Status Open(const OperatorContext& context) override {
    // Views in results point to keys, which are copied into a batch of their own before a fire.
    out_.Bind(context.outputs.front(), ContainsViews<Out>, false);
    return OpenState(context, function_, KeyResolver<T, Selector>::kForm);
  }

  Status ProcessBatch(int, BatchBase* untyped) override {
    BatchPtr owner(untyped);
    Batch<T>& batch = AsBatch<T>(*untyped);
    BeginBatch();
    WEIR_RETURN_IF_ERROR(resolver_.Prepare(batch, *rows_));
    batch.ForEach([this, i = 0u](const T& record, uint32_t) mutable {
      key_context_->row = resolver_.row(i++);
      function_.Add(record);
    });
    rows_->Finish();
    // Watermarks wait for the results: nothing else is behind them but the end.
    for (const Mark& mark : batch.marks) watermark_ = mark.watermark;
    return OkStatus();
  }

  Status EndInput(int) override {
    firing_ = true;
    return OkStatus();
  }
  bool HasWork() const override { return firing_; }

  Status Resume(uint32_t budget) override {
    for (uint32_t done = 0; done < budget && firing_; done += kKeysPerFire) FireSome();
    return OkStatus();
  }
  Status EndStep() override {
    out_.Flush();
    return KeyedOperatorBase::EndStep();
  }

 private:
  void FireSome() {
    char* rows[kKeysPerFire];
    const uint32_t count = rows_->Walk(cursor_, kKeysPerFire, rows);
    if (count == 0) return EndFire();
    BatchPtr keys(fired_->GetEmpty());
    StoredKey stored[kKeysPerFire];
    for (uint32_t i = 0; i < count; ++i) {
      stored[i] = rows_->KeyOf(rows[i]);
      if constexpr (!Traits::kInteger) stored[i].bytes = keys->Keep(stored[i].bytes);
    }
    out_.BeginInput(*keys);
    for (uint32_t i = 0; i < count; ++i) {
      key_context_->row = rows[i];
      function_.Emit(Traits::FromStored(stored[i]), out_);
    }
    out_.EndInput();
  }
  void EndFire() {
    firing_ = false;
    rows_->Clear();
    if (watermark_ != kMinWatermark) out_.AddMark(watermark_);
    out_.Flush();
  }

  KeyResolver<T, Selector> resolver_;
  Function function_;
  BatchPoolHandle fired_;
  Collector<Out> out_;
  RowCursor cursor_;
  EventTime watermark_ = kMinWatermark;
  bool firing_ = false;
};

}  // namespace weir
