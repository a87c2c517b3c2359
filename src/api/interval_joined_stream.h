// Two keyed streams joined where their event times are near each other.
#pragma once

#include <cstdint>
#include <string>
#include <type_traits>
#include <utility>

#include "weir/api/connected_streams.h"
#include "weir/runtime/join/interval_join.h"

namespace weir {

namespace internal {

// What a join function of two records gives: its result, or what its collector collects.
template <class F>
struct PairCollector : PairCollector<decltype(&F::operator())> {};
template <class R, class C, class A, class B, class U>
struct PairCollector<R (C::*)(A, B, Collector<U>&) const> {
  using Type = U;
};
template <class R, class C, class A, class B, class U>
struct PairCollector<R (C::*)(A, B, Collector<U>&)> {
  using Type = U;
};
template <class R, class A, class B, class U>
struct PairCollector<R (*)(A, B, Collector<U>&)> {
  using Type = U;
};
template <class F, class A, class B>
struct JoinOutput : PairCollector<F> {};
template <class F, class A, class B>
  requires std::is_invocable_v<F&, A, B>
struct JoinOutput<F, A, B> {
  using Type = std::remove_cvref_t<std::invoke_result_t<F&, A, B>>;
};

// Not templates: said to the plan.
void CheckJoinBounds(Plan& plan, Duration lower, Duration upper);
void RefuseProcessingTimeJoin(Plan& plan);
JoinInterval JoinIntervalOf(Duration lower, Duration upper);

}  // namespace internal

// A, B: KeyedStreams of one key type.
template <class A, class B>
class IntervalJoinedStream {
 public:
  using Left = typename A::Record;
  using Right = typename B::Record;
  using Options = IntervalJoinOptions<Left, Right>;

  IntervalJoinedStream(A left, B right, const JoinInterval& interval)
      : left_(std::move(left)), right_(std::move(right)), options_{interval} {}

  // Pairs at exactly that bound are left out.
  IntervalJoinedStream LowerBoundExclusive() const {
    IntervalJoinedStream changed = *this;
    if (!std::exchange(changed.excludes_lower_, true)) ++changed.options_.interval.lower_ms;
    return changed;
  }
  IntervalJoinedStream UpperBoundExclusive() const {
    IntervalJoinedStream changed = *this;
    if (!std::exchange(changed.excludes_upper_, true)) --changed.options_.interval.upper_ms;
    return changed;
  }
  // Records that are behind the watermark go there instead of being dropped and counted in the accumulator numLateRecordsDropped.
  IntervalJoinedStream SideOutputLeftLateData(const OutputTag<Left>& tag) const {
    IntervalJoinedStream changed = *this;
    changed.options_.late_left = tag;
    return changed;
  }
  IntervalJoinedStream SideOutputRightLateData(const OutputTag<Right>& tag) const {
    IntervalJoinedStream changed = *this;
    changed.options_.late_right = tag;
    return changed;
  }

  // fn: Out(const Left&, const Right&), or void with a Collector<Out>& behind.
  template <class F>
  auto Process(F fn) const {
    using Out = typename internal::JoinOutput<F, const Left&, const Right&>::Type;
    return Add<PlainJoinFunction<Left, Right, Out, F>>(std::move(fn));
  }
  // F: a ProcessJoinFunction<Left, Right, Out>; one per subtask, built from copies of the arguments.
  template <class F, class... Args>
    requires requires { typename F::Result; }
  auto Process(Args... args) const {
    static_assert(std::is_same_v<typename F::Left, Left> && std::is_same_v<typename F::Right, Right>,
                  "weir: the join function takes records of other types than these streams have");
    return Add<F>(std::move(args)...);
  }

 private:
  template <class F, class... Args>
  auto Add(Args... args) const {
    using Function = IntervalJoinFunction<typename A::Key, F>;
    return ConnectedStreams<A, B>(left_, right_)
        .template AddProcess<Function, CoProcessCalls<Function>>(
            "Interval Join", [options = options_, args...] { return Function(options, args...); });
  }

  A left_;
  B right_;
  Options options_;
  bool excludes_lower_ = false;
  bool excludes_upper_ = false;
};

// What KeyedStream::IntervalJoin gives: it lacks the interval.
template <class A, class B>
class IntervalJoin {
 public:
  IntervalJoin(A left, B right) : left_(std::move(left)), right_(std::move(right)) {}

  // Event time is the only kind there is; both are here because Flink has them.
  IntervalJoin InEventTime() const { return *this; }
  IntervalJoin InProcessingTime() const {
    internal::RefuseProcessingTimeJoin(left_.plan());
    return *this;
  }
  // Joins l and r if l.time + lower <= r.time <= l.time + upper; bounds may be negative.
  IntervalJoinedStream<A, B> Between(Duration lower, Duration upper) const {
    internal::CheckJoinBounds(left_.plan(), lower, upper);
    return {left_, right_, internal::JoinIntervalOf(lower, upper)};
  }

 private:
  A left_;
  B right_;
};

template <class T, class Selector>
template <class Other>
auto KeyedStream<T, Selector>::IntervalJoin(const Other& other) const {
  static_assert(
      requires { typename Other::KeyArgument; },
      "weir: IntervalJoin needs a keyed stream on both sides: call KeyBy on the other one, too");
  static_assert(std::is_same_v<KeyArgument, typename Other::KeyArgument>,
                "weir: the two streams of an IntervalJoin have keys of different types");
  return weir::IntervalJoin<KeyedStream<T, Selector>, Other>(*this, other);
}

}  // namespace weir
