// What comes out of a window: the record type that a window function gives.
#pragma once

#include <type_traits>
#include <utility>

#include "weir/functions/collector.h"

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

}  // namespace weir
