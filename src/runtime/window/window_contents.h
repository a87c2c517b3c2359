// What windows hold, and how their function is called: an accumulator, one reduced record, or all records.
//
// Each is a base class of the operator's function and has the user's function as its own base, so that state declared there is state of the operator.
//
//   Value                                what is kept per window
//   Start(value, record, time)           the first record; Add: the others; Merge(into, from): of windows that become one
//   bool Emit(key, ctx, value, out)      calls the function; whether something is left
#pragma once

#include <concepts>
#include <iterator>
#include <optional>
#include <span>
#include <type_traits>
#include <utility>
#include <vector>

#include "weir/functions/collector.h"
#include "weir/functions/window/evictors.h"
#include "weir/functions/window/process_window_function.h"

namespace weir {

namespace internal {

// The key of WindowAll: functions do not get it.
struct NoKey {
  friend bool operator==(const NoKey&, const NoKey&) = default;
};

// A class that derives from ProcessWindowFunction or ProcessAllWindowFunction.
template <class F>
concept WindowFunctionClass = std::derived_from<F, StatefulFunction>;

// What is kept for a window on the function's behalf.
template <class F>
struct WindowStateOf {
  using Type = NoWindowState;
};
template <WindowFunctionClass F>
struct WindowStateOf<F> {
  using Type = typename F::WindowState;
};

// A function without state of its own: a lambda.
template <class F>
class PlainWindowFunction : public StatefulFunction {
 public:
  explicit PlainWindowFunction(const F& function) : function_(function) {}

 protected:
  F function_;
};
template <class F>
using WindowFunctionBase = std::conditional_t<WindowFunctionClass<F>, F, PlainWindowFunction<F>>;

// Calls `function` with what it takes: (key, window or context, result[, collector]); without the key for WindowAll.
template <class Out, class F, class Context, class Result, class... Key>
void CallPlainFunction(F& function, Context& ctx, Result&& result, Collector<Out>& out, const Key&... key) {
  using W = typename Context::Window;
  if constexpr (std::is_invocable_v<F&, const Key&..., const W&, Result, Collector<Out>&>) {
    function(key..., ctx.window(), std::forward<Result>(result), out);
  } else if constexpr (std::is_invocable_v<F&, const Key&..., Context&, Result, Collector<Out>&>) {
    function(key..., ctx, std::forward<Result>(result), out);
  } else if constexpr (std::is_invocable_v<F&, const Key&..., const W&, Result>) {
    out.Collect(function(key..., ctx.window(), std::forward<Result>(result)));
  } else {
    out.Collect(function(key..., ctx, std::forward<Result>(result)));
  }
}

// What contents have in common: the user's function F.
template <class Out, class F>
class WindowContents : public WindowFunctionBase<F> {
 public:
  using UserFunction = WindowFunctionBase<F>;
  using FunctionState = typename WindowStateOf<F>::Type;

  template <class... Args>
  explicit WindowContents(const Args&... args) : UserFunction(args...) {}

 protected:
  // `result`: as lambdas get it; `elements`: the same as classes do.
  template <class Key, class Context, class Result, class Element>
  void Call(const Key& key, Context& ctx, Result&& result, std::span<const Element> elements, Collector<Out>& out) {
    if constexpr (!WindowFunctionClass<F>) {
      if constexpr (std::is_same_v<Key, NoKey>) {
        CallPlainFunction<Out>(this->function_, ctx, std::forward<Result>(result), out);
      } else {
        CallPlainFunction<Out>(this->function_, ctx, std::forward<Result>(result), out, key);
      }
    } else if constexpr (std::is_same_v<Key, NoKey>) {
      F::Process(ctx, elements, out);
    } else {
      F::Process(key, ctx, elements, out);
    }
  }
};

}  // namespace internal

template <class T, class Out, class A, class F>
class AggregatedContents : public internal::WindowContents<Out, F> {
 public:
  using Value = std::remove_cvref_t<decltype(std::declval<const A&>().CreateAccumulator())>;
  static_assert(!ContainsViews<Value>,
                "weir: an accumulator is kept as state, and this one holds a std::string_view: use std::string");

  template <class... Args>
  explicit AggregatedContents(const A& aggregate, const Args&... args)
      : internal::WindowContents<Out, F>(args...), aggregate_(aggregate) {}

  // What Start begins with: optional, for contents whose Start is Add to such a value.
  Value Fresh() const { return aggregate_.CreateAccumulator(); }
  void Start(Value& value, const T& record, EventTime) {
    value = aggregate_.CreateAccumulator();
    aggregate_.Add(value, record);
  }
  void Add(Value& value, const T& record, EventTime) { aggregate_.Add(value, record); }
  void Merge(Value& into, Value& from) { aggregate_.Merge(into, from); }
  void Unmerge(Value& from, const Value& part) { aggregate_.Unmerge(from, part); }
  template <class Key, class Context>
  bool Emit(const Key& key, Context& ctx, const Value& value, Collector<Out>& out) {
    const auto result = aggregate_.GetResult(value);
    this->Call(key, ctx, result, std::span(&result, 1), out);
    return true;
  }
  // Of records that an evictor has left.
  template <class Key, class Context>
  void EmitElements(const Key& key, Context& ctx, const std::vector<TimestampedRecord<T>>& elements,
                    Collector<Out>& out) {
    Value value = aggregate_.CreateAccumulator();
    for (const auto& element : elements) aggregate_.Add(value, element.record);
    Emit(key, ctx, value, out);
  }

 private:
  A aggregate_;
};

template <class T, class Out, class R, class F>
class ReducedContents : public internal::WindowContents<Out, F> {
 public:
  using Value = T;
  static_assert(!ContainsViews<T>,
                "weir: Reduce keeps a record per key, and this record type holds a std::string_view: use std::string, "
                "or Map to a type that does");

  template <class... Args>
  explicit ReducedContents(const R& reduce, const Args&... args)
      : internal::WindowContents<Out, F>(args...), reduce_(reduce) {}

  void Start(Value& value, const T& record, EventTime) { value = record; }
  void Add(Value& value, const T& record, EventTime) { value = T(reduce_(std::as_const(value), record)); }
  void Merge(Value& into, Value& from) { Add(into, from, kNoEventTime); }
  template <class Key, class Context>
  bool Emit(const Key& key, Context& ctx, const Value& value, Collector<Out>& out) {
    this->Call(key, ctx, value, std::span(&value, 1), out);
    return true;
  }
  template <class Key, class Context>
  void EmitElements(const Key& key, Context& ctx, const std::vector<TimestampedRecord<T>>& elements,
                    Collector<Out>& out) {
    if (elements.empty()) return;  // there is no record to reduce to
    T value = elements.front().record;
    for (size_t i = 1; i < elements.size(); ++i) Add(value, elements[i].record, kNoEventTime);
    Emit(key, ctx, value, out);
  }

 private:
  R reduce_;
};

template <class T, class Out, class F>
class ListedContents : public internal::WindowContents<Out, F> {
 public:
  using Value = std::vector<T>;
  static_assert(!ContainsViews<T>,
                "weir: a window function keeps the window's records, and this record type holds a std::string_view: "
                "use std::string, or Map to a type that does");
  using internal::WindowContents<Out, F>::WindowContents;

  void Start(Value& value, const T& record, EventTime) { value.push_back(record); }
  void Add(Value& value, const T& record, EventTime) { value.push_back(record); }
  void Merge(Value& into, Value& from) {
    into.insert(into.end(), std::make_move_iterator(from.begin()), std::make_move_iterator(from.end()));
  }
  template <class Key, class Context>
  bool Emit(const Key& key, Context& ctx, const Value& value, Collector<Out>& out) {
    this->Call(key, ctx, value, std::span<const T>(value), out);
    return true;
  }
  template <class Key, class Context>
  void EmitElements(const Key& key, Context& ctx, const std::vector<TimestampedRecord<T>>& elements,
                    Collector<Out>& out) {
    Value value;
    for (const auto& element : elements) value.push_back(element.record);
    Emit(key, ctx, value, out);
  }
};

// All records, of which an evictor drops some when the window fires. Inner: one of the above, which makes the result of the others.
template <class T, class Out, class Evictor, class Inner>
class EvictedContents : public Inner {
 public:
  using Value = std::vector<TimestampedRecord<T>>;
  static_assert(!ContainsViews<T>,
                "weir: a window with an evictor keeps its records, and this record type holds a std::string_view: use "
                "std::string, or Map to a type that does");

  template <class... Args>
  explicit EvictedContents(const Evictor& evictor, const Args&... args) : Inner(args...), evictor_(evictor) {}

  void Start(Value& value, const T& record, EventTime time) { value.push_back({record, time}); }
  void Add(Value& value, const T& record, EventTime time) { value.push_back({record, time}); }
  void Merge(Value& into, Value& from) {
    into.insert(into.end(), std::make_move_iterator(from.begin()), std::make_move_iterator(from.end()));
  }
  template <class Key, class Context>
  bool Emit(const Key& key, Context& ctx, Value& value, Collector<Out>& out) {
    EvictorContext evictor_context(ctx.process_context());
    if constexpr (requires { evictor_.EvictBefore(value, ctx.window(), evictor_context); })
      evictor_.EvictBefore(value, ctx.window(), evictor_context);
    Inner::EmitElements(key, ctx, value, out);
    if constexpr (requires { evictor_.EvictAfter(value, ctx.window(), evictor_context); })
      evictor_.EvictAfter(value, ctx.window(), evictor_context);
    return !value.empty();
  }

 private:
  Evictor evictor_;
};

}  // namespace weir
