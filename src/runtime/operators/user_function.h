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

// The optional methods of a function whose type is not known: of lambdas, which have none, there is no table.
struct FunctionLifecycle {
  Status (*open)(void* function, const RuntimeContext& context);
  Status (*close)(void* function);
};

namespace internal {

template <class F>
Status OpenErased(void* function, const RuntimeContext& context) {
  return OpenFunction(*static_cast<F*>(function), context);
}
template <class F>
Status CloseErased(void* function) {
  return CloseFunction(*static_cast<F*>(function));
}
template <class F>
inline constexpr FunctionLifecycle kLifecycle = {&OpenErased<F>, &CloseErased<F>};

}  // namespace internal

// A user's function beside its lifecycle; the function stays where it is.
class UserFunction {
 public:
  template <class F>
    requires(!std::same_as<F, UserFunction>)
  explicit UserFunction(F& function) : function_(&function) {
    if constexpr (requires(RuntimeContext& c) { function.Open(c); } || requires { function.Close(); })
      lifecycle_ = &internal::kLifecycle<F>;
  }
  Status Open(const RuntimeContext& context) const {
    return lifecycle_ == nullptr ? OkStatus() : lifecycle_->open(function_, context);
  }
  Status Close() const { return lifecycle_ == nullptr ? OkStatus() : lifecycle_->close(function_); }

 private:
  void* function_;
  const FunctionLifecycle* lifecycle_ = nullptr;
};

}  // namespace weir
