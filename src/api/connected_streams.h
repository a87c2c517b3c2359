// Two streams into one operator.
#pragma once

#include <type_traits>
#include <utility>

#include "weir/api/keyed_stream.h"
#include "weir/runtime/operators/two_input.h"

namespace weir {

// A stream of which every subtask of the next operator gets all records.
template <class T>
class BroadcastStream : public StreamBase {
 public:
  using Record = T;
  explicit BroadcastStream(StreamBase&& outputs) : StreamBase(std::move(outputs)) {}
  // As a stream again, every record to every subtask.
  DataStream<T> AsDataStream() const { return DataStream<T>(shared_plan(), origins()); }
};

namespace internal {

// What an operator with two inputs needs to know of each.
template <class Stream>
struct StreamTraits {
  using Record = typename Stream::Record;
  using Selector = NoSelector;
  static NoSelector SelectorOf(const Stream&) { return {}; }
};
template <class T, class S>
struct StreamTraits<KeyedStream<T, S>> {
  using Record = T;
  using Selector = S;
  static const S& SelectorOf(const KeyedStream<T, S>& stream) { return stream.selector(); }
};

template <class Stream>
inline constexpr bool kIsBroadcast = false;
template <class T>
inline constexpr bool kIsBroadcast<BroadcastStream<T>> = true;

template <class Out, class F1, class F2>
struct CoMapCall {
  F1 map;
  template <class In>
  void operator()(const In& record, Collector<Out>& out) {
    out.Collect(map(record));
  }
};

}  // namespace internal

// A, B: DataStream, KeyedStream; B may be a BroadcastStream.
template <class A, class B>
class ConnectedStreams {
 public:
  using Record1 = typename A::Record;
  using Record2 = typename B::Record;
  ConnectedStreams(A first, B second) : first_(std::move(first)), second_(std::move(second)) {}

  // first: Out(const A&), second: Out(const B&).
  template <class F1, class F2>
  auto Map(F1 first, F2 second) const {
    using Out = std::remove_cvref_t<std::invoke_result_t<F1&, const Record1&>>;
    static_assert(std::is_same_v<Out, std::remove_cvref_t<std::invoke_result_t<F2&, const Record2&>>>,
                  "weir: both functions of a co-map must return the same record type");
    using C1 = internal::CoMapCall<Out, F1, F2>;
    using C2 = internal::CoMapCall<Out, F2, F1>;
    return AddFunctions<Out>("Co-Map", std::pair<C1, C2>(C1{first}, C2{second}));
  }
  // first: void(const A&, Collector<Out>&), second: void(const B&, Collector<Out>&).
  template <class F1, class F2>
  auto FlatMap(F1 first, F2 second) const {
    using Out = typename CollectedType<F1>::Type;
    return AddFunctions<Out>("Co-Flat Map", std::pair<F1, F2>(std::move(first), std::move(second)));
  }
  // F: (Keyed)CoProcessFunction, or (Keyed)BroadcastProcessFunction if the second stream is a broadcast one.
  template <class F, class... Args>
  auto Process(Args... args) const {
    using Calls = std::conditional_t<internal::kIsBroadcast<B>, BroadcastCalls<F>, CoProcessCalls<F>>;
    CheckKeys<F>();
    return AddProcess<F, Calls>("Co-Process", [args...] { return F(args...); });
  }

  // For what is built on connected streams; `build` makes an F: once when planning, to read its states, and once per subtask.
  template <class F, class Calls, class Build>
  auto AddProcess(std::string name, Build build) const {
    using Out = typename F::Result;
    using S1 = typename internal::StreamTraits<A>::Selector;
    using S2 = typename internal::StreamTraits<B>::Selector;
    using Op = TwoInputProcessOperator<Record1, Record2, S1, S2, Out, F, Calls>;
    using Selectors = TwoSelectors<S1, S2>;
    const Selectors selectors{internal::StreamTraits<A>::SelectorOf(first_),
                              internal::StreamTraits<B>::SelectorOf(second_)};
    OperatorSpec spec = Spec<Out>(std::move(name));
    spec.factory = NewKeyedOperatorFactory<Op>(selectors, build);
    if constexpr (!std::is_same_v<S1, NoSelector>)
      spec.key_schema = &SchemaOf<typename KeyTraits<typename A::Key>::Owned>;
    const F planned = build();
    if constexpr (Op::kHasTimers) first_.plan().CheckRoomForTimers(planned, spec.name);
    return Add<Out>(std::move(spec), &planned);
  }

 private:
  template <class F>
  static consteval void CheckKeys() {
    constexpr bool kKeyed1 = !std::is_same_v<typename internal::StreamTraits<A>::Selector, NoSelector>;
    constexpr bool kKeyed2 = !std::is_same_v<typename internal::StreamTraits<B>::Selector, NoSelector>;
    static_assert(
        internal::kIsBroadcast<B> == requires { typename F::BroadcastInput; },
        "weir: a broadcast function is for Connect(stream.Broadcast()), and the second stream of such a "
        "connection needs one");
    static_assert(
        kKeyed1 == requires { typename F::Key; },
        "weir: a keyed function needs connected streams that are keyed, and keyed streams a keyed function");
    static_assert(internal::kIsBroadcast<B> || kKeyed1 == kKeyed2,
                  "weir: only one of the connected streams is keyed: call KeyBy on both, or on none");
    if constexpr (kKeyed1 && kKeyed2)
      static_assert(std::is_same_v<typename A::KeyArgument, typename B::KeyArgument>,
                    "weir: the two connected streams have keys of different types");
    if constexpr (kKeyed1)
      static_assert(std::is_same_v<typename A::KeyArgument, typename KeyTraits<typename F::Key>::Argument>,
                    "weir: the function is for keys of another type than KeyBy gives");
  }
  template <class Out>
  OperatorSpec Spec(std::string name) const {
    return {.name = std::move(name),
            .inputs = {&BatchTypeOf<Record1>(), &BatchTypeOf<Record2>()},
            .output = &BatchTypeOf<Out>()};
  }
  template <class Out>
  DataStream<Out> Add(OperatorSpec spec, const StatefulFunction* planned = nullptr) const {
    const int id = first_.plan().AddOperator(std::move(spec), {first_.origins(), second_.origins()});
    if (planned != nullptr) first_.plan().DeclareStates(id, *planned);
    return DataStream<Out>(first_.shared_plan(), {StreamOrigin{.node = id}});
  }
  template <class Out, class C1, class C2>
  DataStream<Out> AddFunctions(std::string name, std::pair<C1, C2> functions) const {
    using Op = CoFlatMapOperator<Record1, Record2, Out, C1, C2>;
    OperatorSpec spec = Spec<Out>(std::move(name));
    spec.factory = NewOperatorFactory<Op>(std::move(functions));
    return Add<Out>(std::move(spec));
  }

  A first_;
  B second_;
};

template <class T>
BroadcastStream<T> DataStream<T>::Broadcast() const {
  return BroadcastStream<T>(Partitioned(Partitioner::kBroadcast));
}
template <class T>
template <class Other>
auto DataStream<T>::Connect(const Other& other) const {
  return ConnectedStreams<DataStream<T>, Other>(*this, other);
}
template <class T, class Selector>
template <class Other>
auto KeyedStream<T, Selector>::Connect(const Other& other) const {
  return ConnectedStreams<KeyedStream<T, Selector>, Other>(*this, other);
}

}  // namespace weir
