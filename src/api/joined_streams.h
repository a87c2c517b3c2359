// Two streams joined or grouped within windows, as a user says it:
//
//   orders.Join(payments).Where(&Order::id).EqualTo(&Payment::order).Window(weir::TumblingEventTimeWindows(1h)).Apply(...)
//   orders.CoGroup(payments)...                                             the same
//
// docs/user/joins.md.
#pragma once

#include <string>
#include <type_traits>
#include <utility>
#include <variant>

#include "weir/api/connected_streams.h"
#include "weir/api/interval_joined_stream.h"
#include "weir/api/windowed_stream.h"
#include "weir/runtime/join/window_join.h"

namespace weir {

namespace internal {

// A lambda, or a class with CoGroup, as what CoGroupedContents takes; kPairs: for every pair of a window.
template <bool kPairs, class L, class R, class F>
struct CoGroupCall {
  using Out = typename JoinOutput<F, const L&, const R&>::Type;
  using Type = PlainPairs<L, R, Out, F>;
};
template <class L, class R, class F>
struct CoGroupCall<false, L, R, F> {
  using Out = typename PairCollector<F>::Type;
  using Type = PlainCoGroup<L, R, Out, F>;
};

}  // namespace internal

// A, B: KeyedStreams of one key type. kPairs: Join, else CoGroup.
template <bool kPairs, class A, class B, class Assigner, class Tr = internal::DefaultTrigger,
          class Ev = internal::NoEvictor>
class WindowJoinedStreams {
  using L = typename A::Record;
  using R = typename B::Record;
  using Record = std::variant<L, R>;
  static constexpr bool kHasEvictor = !std::is_same_v<Ev, internal::NoEvictor>;
  using UsedTrigger =
      std::conditional_t<std::is_same_v<Tr, internal::DefaultTrigger>, internal::TriggerOfWindows<Assigner>, Tr>;

 public:
  WindowJoinedStreams(A first, B second, Assigner assigner, Tr trigger = {}, Ev evictor = {}, Duration lateness = {})
      : first_(std::move(first)),
        second_(std::move(second)),
        assigner_(std::move(assigner)),
        trigger_(std::move(trigger)),
        evictor_(std::move(evictor)),
        lateness_(lateness) {}

  // As of windowed streams, over records of type std::variant<L, R>: index 0 is the first stream's.
  template <class NewTrigger>
  auto Trigger(NewTrigger trigger) const {
    return WindowJoinedStreams<kPairs, A, B, Assigner, NewTrigger, Ev>(first_, second_, assigner_, std::move(trigger),
                                                                       evictor_, lateness_);
  }
  template <class NewEvictor>
  auto Evictor(NewEvictor evictor) const {
    return WindowJoinedStreams<kPairs, A, B, Assigner, Tr, NewEvictor>(first_, second_, assigner_, trigger_,
                                                                       std::move(evictor), lateness_);
  }
  WindowJoinedStreams AllowedLateness(Duration lateness) const {
    if (lateness.count() < 0)
      first_.plan().AddError("AllowedLateness of " + std::to_string(lateness.count()) + " ms; expected 0 or more");
    WindowJoinedStreams changed = *this;
    changed.lateness_ = lateness;
    return changed;
  }

  // Join: Out(const L&, const R&), or void with a Collector<Out>& behind, for every pair of a window. CoGroup: void(std::span<const L>, std::span<const R>,
  // Collector<Out>&), once per window, with one side empty where only the other one has records.
  template <class F>
  auto Apply(F fn) const {
    using Call = internal::CoGroupCall<kPairs, L, R, F>;
    return Add<typename Call::Out, typename Call::Type>(std::move(fn));
  }
  // F: a JoinFunction<L, R, Out>, or a CoGroupFunction<L, R, Out>; one per subtask, built from copies of the arguments.
  template <class F, class... Args>
    requires requires { typename F::Result; }
  auto Apply(Args... args) const {
    static_assert(std::is_same_v<typename F::First, L> && std::is_same_v<typename F::Second, R>,
                  "weir: the join function takes records of other types than these streams have");
    return Add<typename F::Result, std::conditional_t<kPairs, internal::PairsOf<F>, F>>(std::move(args)...);
  }

 private:
  template <class Out, class F, class... Args>
  auto Add(Args... args) const {
    using Contents = CoGroupedContents<L, R, Out, F>;
    if constexpr (kHasEvictor) {
      return AddWindows<Out, EvictedContents<Record, Out, Ev, Contents>>(evictor_, std::move(args)...);
    } else {
      return AddWindows<Out, Contents>(std::move(args)...);
    }
  }
  template <class Out, class Contents, class... Args>
  auto AddWindows(Args... args) const {
    using Windows = WindowFunction<Record, typename A::Key, Out, Assigner, UsedTrigger, Contents>;
    using Function = CoWindowFunction<L, R, Windows>;
    const std::string name = Name();
    first_.plan().Check(internal::CheckPart(assigner_), name);
    first_.plan().Check(internal::CheckPart(trigger_), name);
    first_.plan().Check(internal::CheckPart(evictor_), name);
    Lateness<Record> lateness;
    lateness.allowed = lateness_;
    return ConnectedStreams<A, B>(first_, second_)
        .template AddProcess<Function, CoProcessCalls<Function>>(
            name, [assigner = assigner_, trigger = GivenTrigger(), lateness, args...] {
              return Function(assigner, trigger, lateness, args...);
            });
  }
  UsedTrigger GivenTrigger() const {
    if constexpr (std::is_same_v<Tr, internal::DefaultTrigger>) {
      return UsedTrigger();
    } else {
      return trigger_;
    }
  }
  std::string Name() const {
    std::string name = kPairs ? "Window Join(" : "CoGroup(";
    name += internal::NameOfWindows(assigner_) + ", " + GivenTrigger().name();
    if constexpr (kHasEvictor) name += ", " + internal::NameOfEvictor(evictor_);
    return name + ")";
  }

  A first_;
  B second_;
  Assigner assigner_;
  Tr trigger_;
  Ev evictor_;
  Duration lateness_;
};

// Both keys are known; the windows are not.
template <bool kPairs, class A, class B>
class KeyedJoinedStreams {
  static_assert(std::is_same_v<typename A::KeyArgument, typename B::KeyArgument>,
                "weir: Where and EqualTo give keys of different types");

 public:
  KeyedJoinedStreams(A first, B second) : first_(std::move(first)), second_(std::move(second)) {}

  template <WindowAssigner<std::variant<typename A::Record, typename B::Record>> Assigner>
  auto Window(Assigner assigner) const {
    return WindowJoinedStreams<kPairs, A, B, Assigner>(first_, second_, std::move(assigner));
  }
  // All records of a key, when both bounded inputs have ended.
  auto Window(GlobalWindows::EndOfStream) const { return Window(GlobalWindows()).Trigger(EndOfInputTrigger()); }

 private:
  A first_;
  B second_;
};

// The first stream's key is known.
template <bool kPairs, class A, class U>
class HalfKeyedJoinedStreams {
 public:
  HalfKeyedJoinedStreams(A first, DataStream<U> second) : first_(std::move(first)), second_(std::move(second)) {}

  // The second stream's key: a function or pointers to members, as of KeyBy.
  template <class... Selectors>
  auto EqualTo(Selectors... selectors) const {
    const auto second = second_.KeyBy(selectors...);
    return KeyedJoinedStreams<kPairs, A, std::remove_cvref_t<decltype(second)>>(first_, second);
  }

 private:
  A first_;
  DataStream<U> second_;
};

// What DataStream::Join and CoGroup give.
template <bool kPairs, class T, class U>
class JoinedStreams {
 public:
  JoinedStreams(DataStream<T> first, DataStream<U> second) : first_(std::move(first)), second_(std::move(second)) {}

  // The first stream's key: a function or pointers to members, as of KeyBy.
  template <class... Selectors>
  auto Where(Selectors... selectors) const {
    const auto first = first_.KeyBy(selectors...);
    return HalfKeyedJoinedStreams<kPairs, std::remove_cvref_t<decltype(first)>, U>(first, second_);
  }

 private:
  DataStream<T> first_;
  DataStream<U> second_;
};

template <class T>
template <class U>
auto DataStream<T>::Join(const DataStream<U>& other) const {
  return JoinedStreams<true, T, U>(*this, other);
}
template <class T>
template <class U>
auto DataStream<T>::CoGroup(const DataStream<U>& other) const {
  return JoinedStreams<false, T, U>(*this, other);
}

}  // namespace weir
