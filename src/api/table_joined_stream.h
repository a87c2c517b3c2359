// Two keyed streams joined as tables: every row with every row of its key, whenever it came. docs/user/joins.md.
#pragma once

#include <type_traits>
#include <utility>

#include "weir/api/connected_streams.h"
#include "weir/runtime/join/table_join.h"

namespace weir {

// A, B: KeyedStreams of one key type, of rows or of Change<> of rows.
template <JoinType kType, class A, class B, class Condition = MatchesAll>
class TableJoinedStream {
 public:
  using Left = typename internal::ChangeTraits<typename A::Record>::Row;
  using Right = typename internal::ChangeTraits<typename B::Record>::Row;

  TableJoinedStream(A left, B right, Condition condition = {}, const JoinTtl& ttl = {})
      : left_(std::move(left)), right_(std::move(right)), condition_(std::move(condition)), ttl_(ttl) {}

  // A row is forgotten that long (processing time) after it came, or, on an outer side, after its last partner came or went.
  TableJoinedStream WithTtl(Ttl both) const { return WithTtl(both, both); }
  TableJoinedStream WithTtl(Ttl left, Ttl right) const { return {left_, right_, condition_, JoinTtl{left, right}}; }

  // Rows of one key match only if bool condition(const Left&, const Right&) says so.
  template <class C>
  auto If(C condition) const {
    static_assert(std::is_invocable_r_v<bool, C&, const Left&, const Right&>,
                  "weir: If needs a function that takes the rows of both sides and returns bool");
    return TableJoinedStream<kType, A, B, C>(left_, right_, std::move(condition), ttl_);
  }

  // fn returns the joined row. It takes const Left& and const Right&; of the side that may be missing a pointer, null if it is: const Right* in a left
  // join, const Left* in a right one, both in a full one. The stream is one of Change<row>, or, for an inner join of plain streams, of rows.
  template <class F>
  auto Apply(F fn) const {
    using L = std::conditional_t<KeepsRightAlone(kType), const Left*, const Left&>;
    using R = std::conditional_t<KeepsLeftAlone(kType), const Right*, const Right&>;
    static_assert(
        std::is_invocable_v<F&, L, R>,
        "weir: the function of a join takes const Left& and const Right&, and of a side that may be missing a "
        "pointer: const Right* in LeftJoin, const Left* in RightJoin, both in FullJoin");
    using Function = TableJoinFunction<kType, typename A::Key, typename A::Record, typename B::Record, F, Condition>;
    return ConnectedStreams<A, B>(left_, right_)
        .template AddProcess<Function, CoProcessCalls<Function>>(
            "Join", [fn, condition = condition_, ttl = ttl_] { return Function(fn, condition, ttl); });
  }

 private:
  A left_;
  B right_;
  Condition condition_;
  JoinTtl ttl_;
};

namespace internal {

template <JoinType kType, class A, class B>
auto JoinTables(const A& left, const B& right) {
  static_assert(
      requires { typename B::KeyArgument; },
      "weir: a join of keyed streams needs one on both sides: call KeyBy on the other one, too");
  static_assert(std::is_same_v<typename A::KeyArgument, typename B::KeyArgument>,
                "weir: the two streams of a join have keys of different types");
  return TableJoinedStream<kType, A, B>(left, right);
}

}  // namespace internal

template <class T, class Selector>
template <class Other>
auto KeyedStream<T, Selector>::InnerJoin(const Other& other) const {
  return internal::JoinTables<JoinType::kInner>(*this, other);
}
template <class T, class Selector>
template <class Other>
auto KeyedStream<T, Selector>::LeftJoin(const Other& other) const {
  return internal::JoinTables<JoinType::kLeft>(*this, other);
}
template <class T, class Selector>
template <class Other>
auto KeyedStream<T, Selector>::RightJoin(const Other& other) const {
  return internal::JoinTables<JoinType::kRight>(*this, other);
}
template <class T, class Selector>
template <class Other>
auto KeyedStream<T, Selector>::FullJoin(const Other& other) const {
  return internal::JoinTables<JoinType::kFull>(*this, other);
}

}  // namespace weir
