// Callables that are moved, never copied: they may own files, promises and batches, which std::function forbids.
#pragma once

#include <concepts>
#include <cstddef>
#include <memory>
#include <type_traits>
#include <utility>

namespace weir {

template <class Signature>
class UniqueFunction;

// Empty, or something that takes `Args` and returns `R`. Calling an empty one is undefined. One allocation; not for the record path.
template <class R, class... Args>
class UniqueFunction<R(Args...)> {
 public:
  UniqueFunction() = default;
  UniqueFunction(std::nullptr_t) {}  // NOLINT: as std::function
  template <class F>
    requires(!std::same_as<std::decay_t<F>, UniqueFunction> && std::is_invocable_r_v<R, std::decay_t<F>&, Args...>)
  UniqueFunction(F&& f)  // NOLINT: a lambda converts
      : target_(new Holder<std::decay_t<F>>(std::forward<F>(f))) {}

  R operator()(Args... args) { return target_->Call(std::forward<Args>(args)...); }
  explicit operator bool() const { return target_ != nullptr; }

 private:
  struct Target {
    virtual ~Target() = default;
    virtual R Call(Args... args) = 0;
  };
  template <class F>
  struct Holder final : Target {
    explicit Holder(F&& f) : function(std::move(f)) {}
    explicit Holder(const F& f) : function(f) {}
    R Call(Args... args) override { return static_cast<R>(function(std::forward<Args>(args)...)); }
    F function;
  };

  std::unique_ptr<Target> target_;
};

// Work to be run once, somewhere else or later.
using Closure = UniqueFunction<void()>;

}  // namespace weir
