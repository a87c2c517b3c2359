// Windows that are aggregated in two phases: WindowedStream::LocalAggregation.
#pragma once

#include <string>
#include <string_view>
#include <utility>

#include "weir/api/windowed_stream.h"
#include "weir/runtime/window/slices/local_aggregation.h"

namespace weir {

namespace internal {

struct KeyOfPartial {
  template <class Key, class Value>
  Key operator()(const PartialAggregate<Key, Value>& partial) const {
    return partial.key;
  }
};

// The first phase, in the tasks in which the records are, whatever the parallelism of the job is. `uid`: of its operator, or empty.
template <class Op, class T, class Selector>
DataStream<typename Op::Partial> AddLocalAggregate(const KeyedStream<T, Selector>& stream,
                                                   const typename Op::Recipe& recipe, const std::string& windows,
                                                   const std::string& uid) {
  std::vector<StreamOrigin> origins = stream.origins();
  for (StreamOrigin& origin : origins) {
    origin.partitioner = Partitioner::kAuto;
    origin.key_hasher = nullptr;
  }
  Plan& plan = stream.plan();
  const int parallelism = plan.node(origins.front().node).parallelism;
  OperatorSpec spec{.name = "LocalAggregate(" + windows + ")",
                    .factory = NewOperatorFactory<Op>(recipe),
                    .inputs = {&BatchTypeOf<T>()},
                    .output = &BatchTypeOf<typename Op::Partial>()};
  const int id = plan.AddOperator(std::move(spec), {std::move(origins)});
  plan.node(id).parallelism = parallelism;
  plan.node(id).uid = uid;
  return DataStream<typename Op::Partial>(stream.shared_plan(), {StreamOrigin{.node = id}});
}

}  // namespace internal

template <class T, class Selector, class Assigner>
class LocallyAggregatedWindows {
 public:
  using Key = typename KeyedStream<T, Selector>::KeyArgument;
  LocallyAggregatedWindows(KeyedStream<T, Selector> stream, Assigner assigner, Duration lateness, std::string uid)
      : stream_(std::move(stream)), assigner_(std::move(assigner)), lateness_(lateness), uid_(std::move(uid)) {}

  // As of the windows: fn(key, window, result). The aggregate needs Merge.
  template <class A, class F = internal::PairWithKey>
  auto Aggregate(A aggregate, F fn = {}) const {
    using Op = LocalAggregateOperator<T, Selector, A, SliceGrid>;
    const SliceGrid grid(assigner_.size(), assigner_.slide(), assigner_.offset());
    return internal::AddLocalAggregate<Op>(stream_, {stream_.selector(), aggregate, grid},
                                           internal::NameOfWindows(assigner_), uid_)
        .KeyBy(internal::KeyOfPartial())
        .Window(assigner_)
        .AllowedLateness(lateness_)
        .Aggregate(PartialsAggregate<A, typename Op::Partial>{std::move(aggregate)}, std::move(fn));
  }
  template <class R, class F = internal::ResultAlone>
  auto Reduce(R reduce, F fn = {}) const {
    return Aggregate(ReducingAggregate<T, R>{std::move(reduce)}, std::move(fn));
  }

 private:
  KeyedStream<T, Selector> stream_;
  Assigner assigner_;
  Duration lateness_;
  std::string uid_;
};

// The same of what a bounded input has of each key: GlobalWindows::WithEndOfStreamTrigger.
template <class T, class Selector>
class LocallyAggregatedKeys {
 public:
  LocallyAggregatedKeys(KeyedStream<T, Selector> stream, std::string uid)
      : stream_(std::move(stream)), uid_(std::move(uid)) {}

  template <class A, class F = internal::PairWithKey>
  auto Aggregate(A aggregate, F fn = {}) const {
    using Op = LocalAggregateOperator<T, Selector, A, OneSlice>;
    return internal::AddLocalAggregate<Op>(stream_, {stream_.selector(), aggregate, OneSlice()}, "GlobalWindows", uid_)
        .KeyBy(internal::KeyOfPartial())
        .Window(GlobalWindows::WithEndOfStreamTrigger())
        .Aggregate(PartialsAggregate<A, typename Op::Partial>{std::move(aggregate)}, std::move(fn));
  }
  template <class R, class F = internal::ResultAlone>
  auto Reduce(R reduce, F fn = {}) const {
    return Aggregate(ReducingAggregate<T, R>{std::move(reduce)}, std::move(fn));
  }

 private:
  KeyedStream<T, Selector> stream_;
  std::string uid_;
};

template <class T, class Selector, class Assigner, class Tr, class Ev>
auto WindowedStream<T, Selector, Assigner, Tr, Ev>::LocalAggregation(std::string_view uid) const {
  static_assert(std::is_same_v<Assigner, TumblingEventTimeWindows> || std::is_same_v<Assigner, SlidingEventTimeWindows>,
                "weir: LocalAggregation is for tumbling and sliding windows of event time");
  static_assert(std::is_same_v<Tr, internal::DefaultTrigger> && !kHasEvictor && !kIsAll,
                "weir: LocalAggregation is for keyed windows without a trigger or an evictor of their own");
  if (lateness_.side_output.has_value())
    stream_.plan().AddError(
        "LocalAggregation behind SideOutputLateData: records are put together before it is known whether they are "
        "late; "
        "leave one of them out");
  return LocallyAggregatedWindows<T, Selector, Assigner>(stream_, assigner_, lateness_.allowed, std::string(uid));
}

template <class T, class Selector>
auto EndOfStreamWindowedStream<T, Selector>::LocalAggregation(std::string_view uid) const {
  return LocallyAggregatedKeys<T, Selector>(stream_, std::string(uid));
}

}  // namespace weir
