// A keyed stream cut into windows.
#pragma once

#include <tuple>
#include <type_traits>
#include <utility>

#include "weir/api/keyed_stream.h"
#include "weir/functions/aggregates.h"
#include "weir/functions/windows.h"
#include "weir/runtime/operators/end_of_stream.h"

namespace weir {

namespace internal {

// What a window function gives: its result, or what its collector collects.
template <class F, class Key, class Window, class Result, bool kReturns>
struct WindowFunctionOutput {
  using Type = std::remove_cvref_t<std::invoke_result_t<F&, const Key&, const Window&, Result>>;
};
template <class F>
struct LastCollector : LastCollector<decltype(&F::operator())> {};
template <class R, class C, class K, class W, class V, class U>
struct LastCollector<R (C::*)(K, W, V, Collector<U>&) const> {
  using Type = U;
};
template <class R, class C, class K, class W, class V, class U>
struct LastCollector<R (C::*)(K, W, V, Collector<U>&)> {
  using Type = U;
};
template <class F, class Key, class Window, class Result>
struct WindowFunctionOutput<F, Key, Window, Result, false> {
  using Type = typename LastCollector<F>::Type;
};
template <class F, class Key, class Window, class Result>
using WindowOutput = typename WindowFunctionOutput<F, Key, Window, Result,
                                                   std::is_invocable_v<F&, const Key&, const Window&, Result>>::Type;

// Without a window function: the key and the result.
struct PairWithKey {
  template <class Key, class Window, class Result>
  std::pair<Key, std::remove_cvref_t<Result>> operator()(const Key& key, const Window&, Result&& result) const {
    return {key, std::forward<Result>(result)};
  }
};
// Without a window function, for Reduce: the record.
struct ResultAlone {
  template <class Key, class Window, class Result>
  std::remove_cvref_t<Result> operator()(const Key&, const Window&, Result&& result) const {
    return std::forward<Result>(result);
  }
};

}  // namespace internal

// GlobalWindows::WithEndOfStreamTrigger: one result per key when the bounded input has ended.
template <class T, class Selector>
class EndOfStreamWindowedStream {
 public:
  using Key = typename KeyedStream<T, Selector>::KeyArgument;
  explicit EndOfStreamWindowedStream(KeyedStream<T, Selector> stream) : stream_(std::move(stream)) {}

  // fn: Out(key, GlobalWindow, result), or void with a Collector<Out>& behind; without it the result is pair<key, result>.
  template <class A, class F = internal::PairWithKey>
  auto Aggregate(A aggregate, F fn = {}) const {
    using Accumulator = std::remove_cvref_t<decltype(aggregate.CreateAccumulator())>;
    using Result = decltype(aggregate.GetResult(std::declval<const Accumulator&>()));
    using Out = internal::WindowOutput<F, Key, GlobalWindow, Result>;
    using Function = WindowAggregate<T, Key, Out, A, F>;
    return Add<Out, Function>("Window(GlobalWindows, EndOfStream, Aggregate)",
                              [aggregate, fn] { return Function(aggregate, fn); });
  }
  // reduce: T(const T&, const T&); fn as above, with the reduced record.
  template <class R, class F = internal::ResultAlone>
  auto Reduce(R reduce, F fn = {}) const {
    using Out = internal::WindowOutput<F, Key, GlobalWindow, const T&>;
    using Function = WindowReduce<T, Key, Out, R, F>;
    return Add<Out, Function>("Window(GlobalWindows, EndOfStream, Reduce)",
                              [reduce, fn] { return Function(reduce, fn); });
  }
  // fn: void(key, GlobalWindow, const ListState<T>& elements, Collector<Out>&).
  template <class F>
  auto Process(F fn) const {
    using Out = typename internal::LastCollector<F>::Type;
    using Function = WindowElements<T, Key, Out, F>;
    return Add<Out, Function>("Window(GlobalWindows, EndOfStream, Process)", [fn] { return Function(fn); });
  }

 private:
  template <class Out, class Function, class Build>
  DataStream<Out> Add(std::string name, Build build) const {
    return stream_.template AddKeyedOperator<Out, EndOfStreamOperator<T, Selector, Out, Function>, Function>(
        std::move(name), build);
  }

  KeyedStream<T, Selector> stream_;
};

template <class T, class Selector>
auto KeyedStream<T, Selector>::Window(GlobalWindows::EndOfStream) const {
  return EndOfStreamWindowedStream<T, Selector>(*this);
}

}  // namespace weir
