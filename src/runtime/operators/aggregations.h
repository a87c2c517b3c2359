// Running aggregations of keyed streams: each record updates its key's state, and the new value goes on.
#pragma once

#include <cstdint>
#include <string_view>
#include <type_traits>
#include <utility>

#include "weir/functions/collector.h"
#include "weir/functions/state/keyed_state.h"
#include "weir/runtime/operators/user_function.h"

namespace weir {

// Count(): pair<key, count>.
template <class T, class Key>
class CountFunction : public StatefulFunction {
 public:
  using Result = std::pair<Key, int64_t>;
  void Apply(const T&, const Key& key, Collector<Result>& out) {
    const int64_t count = count_.ValueOr(0) + 1;
    count_.Update(count);
    out.Collect(Result(key, count));
  }

 private:
  ValueState<int64_t> count_{this, "count"};
};

// Reduce(f), f: T(const T& so_far, const T& record). The first record of a key goes on as it is.
template <class T, class Key, class F>
class ReduceFunction : public StatefulFunction {
  static_assert(!ContainsViews<T>,
                "weir: Reduce keeps a record per key, and this record type holds a std::string_view: use std::string, "
                "or Map to a type that does");

 public:
  explicit ReduceFunction(const F& reduce) : reduce_(reduce) {}
  Status Open(RuntimeContext& context) { return OpenFunction(reduce_, context); }
  Status Close() { return CloseFunction(reduce_); }
  void Apply(const T& record, const Key&, Collector<T>& out) {
    const T* const so_far = reduced_.Get();
    reduced_.Update(so_far == nullptr ? T(record) : T(reduce_(*so_far, record)));
    out.Collect(*reduced_.Get());
  }

 private:
  F reduce_;
  ValueState<T> reduced_{this, "reduced"};
};

// Aggregate(a): pair<key, result> after every record.
template <class T, class Key, class A>
class AggregateFunctionRunner : public StatefulFunction {
 public:
  using Accumulator = std::remove_cvref_t<decltype(std::declval<A&>().CreateAccumulator())>;
  using Result =
      std::pair<Key, std::remove_cvref_t<decltype(std::declval<A&>().GetResult(std::declval<const Accumulator&>()))>>;
  static_assert(!ContainsViews<Accumulator>,
                "weir: an accumulator is kept as state, and this one holds a std::string_view: use std::string");

  explicit AggregateFunctionRunner(const A& aggregate) : aggregate_(aggregate) {}
  void Apply(const T& record, const Key& key, Collector<Result>& out) {
    if (!accumulator_.Has()) accumulator_.Update(aggregate_.CreateAccumulator());
    accumulator_.Modify([&](Accumulator& accumulator) { aggregate_.Add(accumulator, record); });
    out.Collect(Result(key, aggregate_.GetResult(*accumulator_.Get())));
  }

 private:
  A aggregate_;
  ValueState<Accumulator> accumulator_{this, "accumulator"};
};

// The binary functions behind Sum, Min, Max, MinBy and MaxBy. As in Flink: sum, min and max of a field keep the other fields of the key's first record;
// minBy and maxBy give the whole record, the earlier one if two are equal (`kLast`: the later one).
template <class T, class M>
struct SumOf {
  M T::* member;
  T operator()(const T& so_far, const T& record) const {
    T sum = so_far;
    sum.*member = static_cast<M>(so_far.*member + record.*member);
    return sum;
  }
};
template <class T, class M, bool kMax>
struct ExtremeOf {
  M T::* member;
  T operator()(const T& so_far, const T& record) const {
    T extreme = so_far;
    if (kMax ? so_far.*member < record.*member : record.*member < so_far.*member) extreme.*member = record.*member;
    return extreme;
  }
};
template <class T, class M, bool kMax>
struct ExtremeBy {
  M T::* member;
  bool first;
  T operator()(const T& so_far, const T& record) const {
    const bool better = kMax ? so_far.*member < record.*member : record.*member < so_far.*member;
    const bool equal = !better && !(kMax ? record.*member < so_far.*member : so_far.*member < record.*member);
    return better || (equal && !first) ? record : so_far;
  }
};

}  // namespace weir
