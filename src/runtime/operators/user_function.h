// What every operator does with the user's function, whatever its kind: the optional methods.
#pragma once

#include <concepts>

#include "weir/base/status.h"
#include "weir/functions/runtime_context.h"

namespace weir {

// `Open(RuntimeContext&)` may return void or Status; `Close()` likewise. Lambdas have neither.
template <class F>
Status OpenFunction(F& function, const RuntimeContext& context) {
  if constexpr (requires(RuntimeContext& c) {
                  { function.Open(c) } -> std::same_as<Status>;
                }) {
    return function.Open(const_cast<RuntimeContext&>(context));
  } else if constexpr (requires(RuntimeContext& c) { function.Open(c); }) {
    function.Open(const_cast<RuntimeContext&>(context));
  }
  return OkStatus();
}

template <class F>
Status CloseFunction(F& function) {
  if constexpr (requires {
                  { function.Close() } -> std::same_as<Status>;
                }) {
    return function.Close();
  } else if constexpr (requires { function.Close(); }) {
    function.Close();
  }
  return OkStatus();
}

}  // namespace weir
