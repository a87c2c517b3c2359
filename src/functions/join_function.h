// Functions of window joins, as classes: with state of the key, Open(RuntimeContext&) and Close().
//
//   class Match : public weir::JoinFunction<Order, Payment, Paid> {
//    public:
//     void Join(const Order& order, const Payment& payment, weir::Collector<Paid>& out) { ... }      every pair of a window
//   };
//   class Compare : public weir::CoGroupFunction<Order, Payment, Diff> {
//    public:
//     void CoGroup(std::span<const Order> orders, std::span<const Payment> payments, weir::Collector<Diff>& out) { ... }    once per window
//   };
//   orders.Join(payments).Where(&Order::id).EqualTo(&Payment::order).Window(...).Apply<Match>();
//
// One object per subtask. Threads: the task's thread.
#pragma once

#include <span>

#include "weir/functions/collector.h"
#include "weir/functions/state/keyed_state.h"
#include "weir/functions/state/stateful_function.h"

namespace weir {

template <class L, class R, class Out>
class JoinFunction : public StatefulFunction {
 public:
  using First = L;
  using Second = R;
  using Result = Out;
};

template <class L, class R, class Out>
class CoGroupFunction : public StatefulFunction {
 public:
  using First = L;
  using Second = R;
  using Result = Out;
};

}  // namespace weir
