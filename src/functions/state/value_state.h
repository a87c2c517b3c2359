// State of one value per key: plain, reduced or aggregated.
#pragma once

#include <concepts>
#include <string_view>
#include <type_traits>
#include <utility>

#include "weir/functions/state/stateful_function.h"
#include "weir/functions/state/value_ops.h"

namespace weir {

// Where the value of a single-value state is, whatever its type. Access compiles to loads and stores.
template <class V>
class ValueSlot : public StateHandle {
 protected:
  ValueSlot(StatefulFunction* function, std::string_view name, StateKind kind, Ttl ttl)
      : StateHandle(function, name, kind, ValueOpsOf<V>(), ttl) {}

  // Only while Occupied.
  V& Ref() const {
    if constexpr (internal::kLiesInRow<V>) {
      return *static_cast<V*>(slot());
    } else {
      return **static_cast<V**>(slot());
    }
  }
  void Store(V value) {
    if constexpr (internal::kLiesInRow<V>) {
      SetPresent();
      new (slot()) V(std::move(value));
      return;
    } else if (Occupied()) {
      Ref() = std::move(value);
    } else {
      RequireKey();
      *static_cast<V**>(slot()) = new V(std::move(value));
    }
    SetPresent();
  }
};

// A value per key.
//
//   count_.Update([](int64_t n) { return n + 1; });          // from V{} if there is none
//   count_.Update(count_.ValueOr(0) + 1);                    // the same
//   profile_.Modify([&](Profile& p) { p.clicks += 1; });     // in place: for large values
//
// References and pointers to the value are valid until the state is cleared, or the call for this key returns.
template <class V>
class ValueState : public ValueSlot<V> {
 public:
  ValueState(StatefulFunction* function, std::string_view name, Ttl ttl = {})
      : ValueSlot<V>(function, name, StateKind::kValue, ttl) {}

  bool Has() const { return this->Present(); }
  // nullptr if there is none.
  const V* Get() const { return this->Present() ? &this->Ref() : nullptr; }
  // A copy, V{} if there is none.
  V Value() const { return this->Present() ? this->Ref() : V{}; }
  V ValueOr(V fallback) const { return this->Present() ? this->Ref() : std::move(fallback); }

  void Update(V value) { this->Store(std::move(value)); }
  // Replaces the value by `f(value)`, starting from V{}, and returns the new one. (A lambda converts to bool: as a value of that type it is never meant.)
  template <class F>
    requires(std::is_invocable_r_v<V, F, V> && !std::is_same_v<std::remove_cvref_t<F>, V>)
  const V& Update(F&& f) {
    this->Store(this->Present() ? f(std::move(this->Ref())) : f(V{}));
    return this->Ref();
  }
  // Calls `f(V&)` on the value in place, starting from V{}.
  template <class F>
    requires std::is_invocable_v<F, V&>
  void Modify(F&& f) {
    if (this->Present()) {
      this->SetPresent();  // a write, for the time to live
    } else {
      this->Store(V{});
    }
    f(this->Ref());
  }
  void Clear() { this->Discard(); }
};

// All values added for a key, combined by `F`: V(V, V), associative.
//
//   ReducingState<int64_t, std::plus<int64_t>> sum_{this, "sum"};
template <class V, class F>
class ReducingState : public ValueSlot<V> {
 public:
  ReducingState(StatefulFunction* function, std::string_view name, F reduce = {}, Ttl ttl = {})
      : ValueSlot<V>(function, name, StateKind::kReducing, ttl), reduce_(std::move(reduce)) {}
  // A template: `{}` as the third argument stays an F.
  template <std::same_as<Ttl> T>
  ReducingState(StatefulFunction* function, std::string_view name, T ttl) : ReducingState(function, name, F{}, ttl) {}

  // nullptr if nothing was added.
  const V* Get() const { return this->Present() ? &this->Ref() : nullptr; }
  bool Has() const { return this->Present(); }
  const V& Add(V value) {
    this->Store(this->Present() ? reduce_(std::move(this->Ref()), std::move(value)) : std::move(value));
    return this->Ref();
  }
  void Clear() { this->Discard(); }

 private:
  F reduce_;
};

// All values added for a key, folded into an accumulator by an aggregate function: CreateAccumulator(), Add(accumulator&, value), GetResult(accumulator).
template <class In, class Aggregate>
class AggregatingState
    : public ValueSlot<std::remove_cvref_t<decltype(std::declval<Aggregate&>().CreateAccumulator())>> {
 public:
  using Accumulator = std::remove_cvref_t<decltype(std::declval<Aggregate&>().CreateAccumulator())>;

  AggregatingState(StatefulFunction* function, std::string_view name, Aggregate aggregate = {}, Ttl ttl = {})
      : ValueSlot<Accumulator>(function, name, StateKind::kAggregating, ttl), aggregate_(std::move(aggregate)) {}
  template <std::same_as<Ttl> T>
  AggregatingState(StatefulFunction* function, std::string_view name, T ttl)
      : AggregatingState(function, name, Aggregate{}, ttl) {}

  bool Has() const { return this->Present(); }
  // The result of what was added; of the empty accumulator if nothing was: ask Has first where that has no meaning.
  auto Get() const {
    return this->Present() ? aggregate_.GetResult(this->Ref()) : aggregate_.GetResult(aggregate_.CreateAccumulator());
  }
  void Add(const In& value) {
    if (this->Present()) {
      this->SetPresent();
    } else {
      this->Store(aggregate_.CreateAccumulator());
    }
    aggregate_.Add(this->Ref(), value);
  }
  void Clear() { this->Discard(); }

 private:
  Aggregate aggregate_;
};

}  // namespace weir
