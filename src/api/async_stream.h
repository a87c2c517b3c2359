// DataStream::AsyncMap: a stream that asks somebody else about each of its records. docs/user/async.md
#pragma once

#include <type_traits>
#include <utility>

#include "weir/api/data_stream.h"
#include "weir/functions/async/async_function.h"
#include "weir/functions/async/async_options.h"
#include "weir/functions/async/blocking_calls.h"
#include "weir/runtime/async/async_operator.h"

namespace weir {

// Makes an operator whose function is built by `build` once per subtask.
template <class Op, class Build>
class AsyncOperatorFactory final : public OperatorFactory {
 public:
  AsyncOperatorFactory(AsyncSettings settings, Build build)
      : settings_(std::move(settings)), build_(std::move(build)) {}
  Operator* Make() const override { return new Op(settings_, build_); }

 private:
  const AsyncSettings settings_;
  const Build build_;
};

template <class T>
template <class F, class... Args>
auto DataStream<T>::AsyncMap(AsyncOptions<typename F::Result> options, Args... args) const {
  using Out = typename F::Result;
  static_assert(std::is_same_v<typename F::Input, T>,
                "weir: the asynchronous function takes records of another type than this stream has");
  static_assert(
      !ContainsViews<T>,
      "weir: a request outlives the batch that it came in, and this record type holds a std::string_view: use "
      "std::string, or Map to a type that does");
  static_assert(!ContainsViews<Out>,
                "weir: an answer comes from another thread, and its type holds a std::string_view whose bytes nobody "
                "keeps: use std::string");
  static_assert(
      requires(F& f, const T& request, ResultFuture<Out> result) { f.AsyncInvoke(request, result); },
      "weir: an asynchronous function needs a method void AsyncInvoke(const In&, weir::ResultFuture<Out>)");
  const AsyncSettings settings{options.timeout, options.capacity, options.retry, options.ordered};
  plan().Check(settings.Check(), "Async Map");
  auto build = [args...] { return F(args...); };
  using Op = AsyncOperator<T, Out, F>;
  const AsyncRequests<T> planned;
  return DataStream<Out>(Add("Async Map", new AsyncOperatorFactory<Op, decltype(build)>(settings, std::move(build)),
                             BatchTypeOf<T>(), BatchTypeOf<Out>(), &planned));
}

}  // namespace weir
