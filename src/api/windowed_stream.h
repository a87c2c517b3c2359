// A keyed stream cut into windows.
#pragma once

#include <string>
#include <tuple>
#include <type_traits>
#include <utility>

#include "weir/api/keyed_stream.h"
#include "weir/functions/aggregates.h"
#include "weir/functions/window/windows.h"
#include "weir/runtime/operators/end_of_stream.h"
#include "weir/runtime/window/event_time_windows.h"

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

// Windows of event time: results per key and window, when the watermark passes the window's end. docs/user/windows.md.
template <class T, class Selector, class Assigner>
class EventTimeWindowedStream {
 public:
  using Key = typename KeyedStream<T, Selector>::KeyArgument;
  EventTimeWindowedStream(KeyedStream<T, Selector> stream, Assigner assigner)
      : stream_(std::move(stream)), assigner_(std::move(assigner)) {}

  // Windows are kept for so long after their end; each record that comes meanwhile gives another result.
  EventTimeWindowedStream AllowedLateness(Duration lateness) const {
    if (lateness.count() < 0)
      stream_.plan().AddError("AllowedLateness of " + std::to_string(lateness.count()) + " ms; expected 0 or more");
    EventTimeWindowedStream changed = *this;
    changed.lateness_.allowed = lateness;
    return changed;
  }
  // Records whose windows are gone go there instead of being dropped and counted in the accumulator numLateRecordsDropped.
  EventTimeWindowedStream SideOutputLateData(const OutputTag<T>& tag) const {
    EventTimeWindowedStream changed = *this;
    changed.lateness_.side_output = tag;
    return changed;
  }

  // fn: Out(key, TimeWindow, result), or void with a Collector<Out>& behind; without it the result is pair<key, result>.
  template <class A, class F = internal::PairWithKey>
  auto Aggregate(A aggregate, F fn = {}) const {
    using Accumulator = std::remove_cvref_t<decltype(aggregate.CreateAccumulator())>;
    using Result = decltype(aggregate.GetResult(std::declval<const Accumulator&>()));
    using Out = internal::WindowOutput<F, Key, TimeWindow, Result>;
    return Add<Out>("Aggregate", AggregatedContents<T, Out, A, F>{std::move(aggregate), std::move(fn)});
  }
  // reduce: T(const T&, const T&), associative; fn as above, with the reduced record.
  template <class R, class F = internal::ResultAlone>
  auto Reduce(R reduce, F fn = {}) const {
    using Out = internal::WindowOutput<F, Key, TimeWindow, const T&>;
    return Add<Out>("Reduce", ReducedContents<T, Out, R, F>{std::move(reduce), std::move(fn)});
  }
  // fn: void(key, TimeWindow, const std::vector<T>& elements, Collector<Out>&).
  template <class F>
  auto Process(F fn) const {
    using Out = typename internal::LastCollector<F>::Type;
    return Add<Out>("Process", ListedContents<T, Out, F>{std::move(fn)});
  }

 private:
  template <class Out, class Contents>
  DataStream<Out> Add(std::string_view what, const Contents& contents) const {
    using Function = EventTimeWindowFunction<T, typename KeyedStream<T, Selector>::Key, Out, Assigner, Contents>;
    std::string name = "Window(" + assigner_.name() + ", EventTimeTrigger, " + std::string(what) + ")";
    stream_.plan().Check(assigner_.Check(), name);
    return stream_.template AddKeyedOperator<Out, KeyedProcessOperator<T, Selector, Out, Function>, Function>(
        std::move(name),
        [assigner = assigner_, contents, lateness = lateness_] { return Function(assigner, contents, lateness); });
  }

  KeyedStream<T, Selector> stream_;
  Assigner assigner_;
  Lateness<T> lateness_;
};

template <class T, class Selector>
template <EventTimeWindowAssigner Assigner>
auto KeyedStream<T, Selector>::Window(Assigner assigner) const {
  return EventTimeWindowedStream<T, Selector, Assigner>(*this, std::move(assigner));
}

template <class T, class Selector>
auto KeyedStream<T, Selector>::Window(GlobalWindows::EndOfStream) const {
  return EndOfStreamWindowedStream<T, Selector>(*this);
}

}  // namespace weir
