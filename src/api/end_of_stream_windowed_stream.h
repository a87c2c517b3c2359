// A keyed stream with one window per key, which fires when the bounded input has ended.
#pragma once

#include <string>
#include <string_view>
#include <type_traits>
#include <utility>

#include "weir/api/keyed_stream.h"
#include "weir/api/window_output.h"
#include "weir/functions/window/windows.h"
#include "weir/runtime/operators/end_of_stream.h"

namespace weir {

// GlobalWindows::WithEndOfStreamTrigger: one result per key when the bounded input has ended.
template <class T, class Selector>
class EndOfStreamWindowedStream {
 public:
  using Key = typename KeyedStream<T, Selector>::KeyArgument;
  explicit EndOfStreamWindowedStream(KeyedStream<T, Selector> stream) : stream_(std::move(stream)) {}

  // As of WindowedStream: Aggregate and Reduce in two phases. api/local_aggregation.h.
  auto LocalAggregation(std::string_view uid = {}) const;

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
