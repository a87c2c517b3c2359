// A stream whose records are grouped by a key: what follows keeps state per key.
#pragma once

#include <type_traits>
#include <utility>
#include <vector>

#include "weir/api/data_stream.h"
#include "weir/functions/window/windows.h"
#include "weir/runtime/operators/aggregations.h"
#include "weir/runtime/operators/keyed.h"

namespace weir {

namespace internal {

template <class Selector, class Build>
struct KeyedRecipe {
  Selector selector;
  Build build;
};
template <class Op, class Selector, class Build>
WEIR_PLANS Operator* MakeKeyedOperator(const void* value) {
  const auto& recipe = *static_cast<const KeyedRecipe<Selector, Build>*>(value);
  return new Op(recipe.selector, recipe.build);
}

}  // namespace internal

// Makes keyed operators whose function is built by `build` once per subtask.
template <class Op, class Selector, class Build>
OperatorFactory* NewKeyedOperatorFactory(Selector selector, Build build) {
  using Recipe = internal::KeyedRecipe<Selector, Build>;
  return new RecipeFactory<OperatorFactory, Operator>(new Recipe{std::move(selector), std::move(build)},
                                                      &internal::MakeKeyedOperator<Op, Selector, Build>,
                                                      internal::DestroyerOfRecipe<Recipe>());
}

// All records of one key go through the same subtask, in the order in which they arrive there.
template <class T, class Selector>
class KeyedStream : public StreamBase {
 public:
  using Record = T;
  using Key = KeyOf<T, Selector>;
  // As functions and results have it: a view of the record for text keys.
  using KeyArgument = typename KeyTraits<Key>::Argument;

  KeyedStream(std::shared_ptr<Plan> plan, std::vector<StreamOrigin> origins, Selector selector)
      : StreamBase(std::move(plan), std::move(origins)), selector_(std::move(selector)) {}
  KeyedStream(StreamBase&& outputs, Selector selector)
      : StreamBase(std::move(outputs)), selector_(std::move(selector)) {}
  const Selector& selector() const { return selector_; }

  // Running count per key, after every record: pair<key, count>.
  auto Count() const {
    using Function = CountFunction<T, KeyArgument>;
    return AddKeyed<typename Function::Result, Function>("Count", [] { return Function(); });
  }
  // f: T(const T& so_far, const T& record), associative.
  template <class F>
  DataStream<T> Reduce(F f) const {
    return AddReduce("Reduce", std::move(f));
  }
  // R: T, which may have no members at all (a number), so that `M T::*` would not be a type.
  template <class M, class R>
  DataStream<T> Sum(M R::* member) const {
    return AddReduce("Sum", SumOf<T, M>{member});
  }
  template <class M, class R>
  DataStream<T> Min(M R::* member) const {
    return AddReduce("Min", ExtremeOf<T, M, false>{member});
  }
  template <class M, class R>
  DataStream<T> Max(M R::* member) const {
    return AddReduce("Max", ExtremeOf<T, M, true>{member});
  }
  // `first`: of two records with equal values, the earlier one stays.
  template <class M, class R>
  DataStream<T> MinBy(M R::* member, bool first = true) const {
    return AddReduce("MinBy", ExtremeBy<T, M, false>{member, first});
  }
  template <class M, class R>
  DataStream<T> MaxBy(M R::* member, bool first = true) const {
    return AddReduce("MaxBy", ExtremeBy<T, M, true>{member, first});
  }
  // Running aggregate per key, after every record: pair<key, result>.
  template <class A>
  auto Aggregate(A aggregate) const {
    using Function = AggregateFunctionRunner<T, KeyArgument, A>;
    return AddKeyed<typename Function::Result, Function>("Aggregate", [aggregate] { return Function(aggregate); });
  }

  // One function object per subtask, a KeyedProcessFunction<Key, T, Out>, built from copies of the arguments.
  template <class F, class... Args>
  auto Process(Args... args) const {
    using Out = typename F::Result;
    static_assert(std::is_same_v<typename F::Input, T>,
                  "weir: the process function takes records of another type than this stream has");
    static_assert(
        requires { typename F::Key; },
        "weir: after KeyBy, Process needs a KeyedProcessFunction; for a ProcessFunction call AsDataStream() first");
    static_assert(std::is_same_v<typename KeyTraits<typename F::Key>::Argument, KeyArgument>,
                  "weir: the process function is for keys of another type than KeyBy gives");
    return AddKeyedOperator<Out, KeyedProcessOperator<T, Selector, Out, F>, F>("KeyedProcess",
                                                                               [args...] { return F(args...); });
  }

  auto Window(GlobalWindows::EndOfStream) const;
  // TumblingEventTimeWindows(1h), SlidingEventTimeWindows(1h, 5min), EventTimeSessionWindows(30min), ...: functions/window/windows.h.
  template <WindowAssigner<T> Assigner>
  auto Window(Assigner assigner) const;
  // Windows of `size` records of a key; with `slide`: at every `slide`-th record, the last `size` records.
  auto CountWindow(int64_t size) const;
  auto CountWindow(int64_t size, int64_t slide) const;

  // Other: a KeyedStream with the same key type, a DataStream or a BroadcastStream.
  template <class Other>
  auto Connect(const Other& other) const;
  // Pairs of records with equal keys and near event times: .Between(1h, 3h).Process(...). Other: a KeyedStream with the same key type. docs/user/joins.md.
  template <class Other>
  auto IntervalJoin(const Other& other) const;
  // Every record with every one of the other stream that has its key, as tables: .Apply(...). Other: as above.
  template <class Other>
  auto InnerJoin(const Other& other) const;
  template <class Other>
  auto LeftJoin(const Other& other) const;
  template <class Other>
  auto RightJoin(const Other& other) const;
  template <class Other>
  auto FullJoin(const Other& other) const;

  // The same records as a stream without a key, spread by it.
  DataStream<T> AsDataStream() const { return DataStream<T>(shared_plan(), origins()); }
  template <class F>
  auto Map(F f) const {
    return AsDataStream().Map(std::move(f));
  }
  template <class F>
  DataStream<T> Filter(F f) const {
    return AsDataStream().Filter(std::move(f));
  }
  template <class F>
  auto FlatMap(F f) const {
    return AsDataStream().FlatMap(std::move(f));
  }
  template <class S>
  DataStreamSink SinkTo(S sink, std::string name = "Sink") const {
    return AsDataStream().SinkTo(std::move(sink), std::move(name));
  }

  // For what is built on keyed streams. Op: an operator made from the selector and `build`, which builds a Function: called once when planning, to read
  // its states, and once per subtask.
  template <class Out, class Op, class Function, class Build>
  WEIR_PLANS DataStream<Out> AddKeyedOperator(std::string_view name, Build build) const {
    const Function planned = build();
    if constexpr (requires { requires Op::kHasTimers; }) plan().CheckRoomForTimers(planned, name);
    return DataStream<Out>(AddKeyedNode(name, NewKeyedOperatorFactory<Op>(selector_, build), BatchTypeOf<T>(),
                                        BatchTypeOf<Out>(), &SchemaOf<typename KeyTraits<Key>::Owned>, planned));
  }

 private:
  template <class Out, class Function, class Build>
  DataStream<Out> AddKeyed(std::string_view name, Build build) const {
    return AddKeyedOperator<Out, KeyedOperator<T, Selector, Out, Function>, Function>(name, build);
  }
  template <class F>
  DataStream<T> AddReduce(std::string_view name, F f) const {
    using Function = ReduceFunction<T, KeyArgument, F>;
    return AddKeyed<T, Function>(name, [f] { return Function(f); });
  }

  Selector selector_;
};

template <class T>
template <class... Selectors>
WEIR_PLANS auto DataStream<T>::KeyBy(Selectors... selectors) const {
  auto selector = MakeSelector(selectors...);
  using Selector = decltype(selector);
  static_assert(std::is_invocable_v<Selector&, const T&>,
                "weir: KeyBy needs a function that takes const T& and returns the key, or pointers to members");
  auto* const hasher = NewFactory<SelectorKeyHasher<T, Selector>, KeyHasherFactory, KeyHasher>(selector);
  return KeyedStream<T, Selector>(PartitionedByKey(hasher), std::move(selector));
}

}  // namespace weir
