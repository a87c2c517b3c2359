// Ready-made aggregate functions.
//
// An aggregate function over records of type T has
//
//   Accumulator CreateAccumulator() const;
//   void Add(Accumulator&, const T&) const;
//   Result GetResult(const Accumulator&) const;
//   void Merge(Accumulator& into, const Accumulator& from) const;     // for session windows and pre-aggregation
//   void Retract(Accumulator&, const T&) const;                       // optional: takes a record out
//   void Unmerge(Accumulator& from, const Accumulator& part) const;   // optional, exact: sliding windows take out what Merge put in
//
//   stream.KeyBy(&Flight::origin).Window(...).Aggregate(Aggregates(Count(), Avg(&Flight::delay)), ...)
#pragma once

#include <cstdint>
#include <optional>
#include <tuple>
#include <type_traits>
#include <utility>

namespace weir {

// Number of records.
struct CountAggregate {
  int64_t CreateAccumulator() const { return 0; }
  template <class T>
  void Add(int64_t& count, const T&) const {
    ++count;
  }
  template <class T>
  void Retract(int64_t& count, const T&) const {
    --count;
  }
  void Merge(int64_t& into, int64_t from) const { into += from; }
  void Unmerge(int64_t& from, int64_t part) const { from -= part; }
  int64_t GetResult(int64_t count) const { return count; }
};
inline CountAggregate Count() { return {}; }

namespace internal {
// Sums of integers are kept in 64 bits, sums of floating point numbers in double.
template <class M>
using SumType = std::conditional_t<std::is_floating_point_v<M>, double, int64_t>;
}  // namespace internal

// Sum of a member; integers in int64_t, floating point in double.
template <class T, class M>
struct SumAggregate {
  using Accumulator = internal::SumType<M>;
  M T::* member;
  Accumulator CreateAccumulator() const { return 0; }
  void Add(Accumulator& sum, const T& record) const { sum += static_cast<Accumulator>(record.*member); }
  void Retract(Accumulator& sum, const T& record) const { sum -= static_cast<Accumulator>(record.*member); }
  void Merge(Accumulator& into, Accumulator from) const { into += from; }
  // Sums of floating point numbers would keep what rounding leaves behind.
  void Unmerge(Accumulator& from, Accumulator part) const
    requires(!std::is_floating_point_v<M>)
  {
    from -= part;
  }
  Accumulator GetResult(Accumulator sum) const { return sum; }
};
template <class T, class M>
SumAggregate<T, M> Sum(M T::* member) {
  return {member};
}

// Arithmetic mean of a member, as double; 0 of no records.
struct AverageAccumulator {
  double sum = 0;
  int64_t count = 0;
};
template <class T, class M>
struct AverageAggregate {
  using Accumulator = AverageAccumulator;
  M T::* member;
  Accumulator CreateAccumulator() const { return {}; }
  void Add(Accumulator& mean, const T& record) const {
    mean.sum += static_cast<double>(record.*member);
    ++mean.count;
  }
  void Retract(Accumulator& mean, const T& record) const {
    mean.sum -= static_cast<double>(record.*member);
    --mean.count;
  }
  void Merge(Accumulator& into, const Accumulator& from) const {
    into.sum += from.sum;
    into.count += from.count;
  }
  // Small integers add up exactly in a double.
  void Unmerge(Accumulator& from, const Accumulator& part) const
    requires(std::is_integral_v<M> && sizeof(M) <= 4)
  {
    from.sum -= part.sum;
    from.count -= part.count;
  }
  double GetResult(const Accumulator& mean) const {
    return mean.count == 0 ? 0.0 : mean.sum / static_cast<double>(mean.count);
  }
};
template <class T, class M>
AverageAggregate<T, M> Avg(M T::* member) {
  return {member};
}

// Smallest or largest value of a member.
template <class T, class M, bool kMax>
struct ExtremeAggregate {
  using Accumulator = std::optional<M>;
  M T::* member;
  Accumulator CreateAccumulator() const { return {}; }
  void Add(Accumulator& extreme, const T& record) const { Take(extreme, record.*member); }
  void Merge(Accumulator& into, const Accumulator& from) const {
    if (from.has_value()) Take(into, *from);
  }
  M GetResult(const Accumulator& extreme) const { return extreme.value_or(M{}); }

 private:
  static void Take(Accumulator& extreme, const M& value) {
    if (!extreme.has_value() || (kMax ? *extreme < value : value < *extreme)) extreme = value;
  }
};
template <class T, class M>
ExtremeAggregate<T, M, false> Min(M T::* member) {
  return {member};
}
template <class T, class M>
ExtremeAggregate<T, M, true> Max(M T::* member) {
  return {member};
}

// An aggregate that can take records of type T out again.
template <class A, class T>
concept RetractableBy = requires(
    const A& aggregate, std::remove_cvref_t<decltype(std::declval<const A&>().CreateAccumulator())>& accumulator,
    const T& record) { aggregate.Retract(accumulator, record); };

// An aggregate that can take out again what was merged in.
template <class A>
concept Unmergeable =
    requires(const A& aggregate, std::remove_cvref_t<decltype(std::declval<const A&>().CreateAccumulator())>& from) {
      aggregate.Unmerge(from, std::as_const(from));
    };

// Several aggregates at once; the result is a tuple of theirs.
template <class... A>
struct CombinedAggregate {
  using Accumulator = std::tuple<std::remove_cvref_t<decltype(std::declval<const A&>().CreateAccumulator())>...>;
  std::tuple<A...> parts;

  Accumulator CreateAccumulator() const {
    return std::apply([](const A&... part) { return Accumulator(part.CreateAccumulator()...); }, parts);
  }
  template <class T>
  void Add(Accumulator& accumulator, const T& record) const {
    ForEach([&](const auto& part, auto& own) { part.Add(own, record); }, accumulator);
  }
  template <class T>
    requires(RetractableBy<A, T> && ...)
  void Retract(Accumulator& accumulator, const T& record) const {
    ForEach([&](const auto& part, auto& own) { part.Retract(own, record); }, accumulator);
  }
  void Merge(Accumulator& into, const Accumulator& from) const {
    MergeParts(into, from, std::index_sequence_for<A...>());
  }
  void Unmerge(Accumulator& from, const Accumulator& part) const
    requires(Unmergeable<A> && ...)
  {
    UnmergeParts(from, part, std::index_sequence_for<A...>());
  }
  auto GetResult(const Accumulator& accumulator) const { return Results(accumulator, std::index_sequence_for<A...>()); }

 private:
  template <class F>
  void ForEach(F&& f, Accumulator& accumulator) const {
    ForEachOf(f, accumulator, std::index_sequence_for<A...>());
  }
  template <class F, size_t... I>
  void ForEachOf(F& f, Accumulator& accumulator, std::index_sequence<I...>) const {
    (f(std::get<I>(parts), std::get<I>(accumulator)), ...);
  }
  template <size_t... I>
  void MergeParts(Accumulator& into, const Accumulator& from, std::index_sequence<I...>) const {
    (std::get<I>(parts).Merge(std::get<I>(into), std::get<I>(from)), ...);
  }
  template <size_t... I>
  void UnmergeParts(Accumulator& from, const Accumulator& part, std::index_sequence<I...>) const {
    (std::get<I>(parts).Unmerge(std::get<I>(from), std::get<I>(part)), ...);
  }
  template <size_t... I>
  auto Results(const Accumulator& accumulator, std::index_sequence<I...>) const {
    return std::tuple(std::get<I>(parts).GetResult(std::get<I>(accumulator))...);
  }
};
template <class... A>
CombinedAggregate<A...> Aggregates(A... parts) {
  return {std::tuple<A...>(parts...)};
}

}  // namespace weir
