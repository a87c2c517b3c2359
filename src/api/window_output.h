// What comes out of a window: the record type that a window function gives.
#pragma once

#include <type_traits>
#include <utility>

#include "weir/functions/collector.h"
#include "weir/functions/window/process_window_function.h"
#include "weir/runtime/window/window_contents.h"

namespace weir {

namespace internal {

// The record type of the collector that a function takes last.
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
// Of WindowAll: without a key.
template <class R, class C, class W, class V, class U>
struct LastCollector<R (C::*)(W, V, Collector<U>&) const> {
  using Type = U;
};
template <class R, class C, class W, class V, class U>
struct LastCollector<R (C::*)(W, V, Collector<U>&)> {
  using Type = U;
};

// What a window function gives: its result, or what its collector collects.
template <class F, class W, class Result, class... Key>
auto OutputOfPlainFunction() {
  using Context = WindowContext<W>;
  if constexpr (std::is_invocable_v<F&, const Key&..., const W&, Result>) {
    return std::type_identity<std::remove_cvref_t<std::invoke_result_t<F&, const Key&..., const W&, Result>>>();
  } else if constexpr (std::is_invocable_v<F&, const Key&..., Context&, Result>) {
    return std::type_identity<std::remove_cvref_t<std::invoke_result_t<F&, const Key&..., Context&, Result>>>();
  } else {
    return std::type_identity<typename LastCollector<F>::Type>();
  }
}

// Key: NoKey for WindowAll.
template <class F, class Key, class W, class Result>
struct WindowOutputOf {
  using Type = typename decltype(OutputOfPlainFunction<F, W, Result, Key>())::type;
};
template <class F, class W, class Result>
struct WindowOutputOf<F, NoKey, W, Result> {
  using Type = typename decltype(OutputOfPlainFunction<F, W, Result>())::type;
};
template <class F, class Key, class Window, class Result>
using WindowOutput = typename WindowOutputOf<F, Key, Window, Result>::Type;

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

// Of WindowAll: the result.
struct ResultOfAll {
  template <class Window, class Result>
  std::remove_cvref_t<Result> operator()(const Window&, Result&& result) const {
    return std::forward<Result>(result);
  }
};

}  // namespace internal

}  // namespace weir
