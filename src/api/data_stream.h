// A stream of records of type T.
#pragma once

#include <concepts>
#include <memory>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <vector>

#include "weir/api/factories.h"
#include "weir/api/job_submitter.h"
#include "weir/api/stream.h"
#include "weir/functions/collector.h"
#include "weir/functions/output_tag.h"
#include "weir/functions/selector.h"
#include "weir/functions/sink.h"
#include "weir/functions/watermark_strategy.h"
#include "weir/functions/window/windows.h"
#include "weir/runtime/operators/process.h"
#include "weir/runtime/operators/stateless.h"
#include "weir/types/batch_type.h"

namespace weir {

template <class T, class Selector>
class KeyedStream;
template <class A, class B>
class ConnectedStreams;
template <class T>
class BroadcastStream;
template <class Out>
struct AsyncOptions;

// The record type that a flatMap or process function collects, taken from the type of its collector parameter.
template <class F>
struct CollectedType : CollectedType<decltype(&F::operator())> {};
template <class R, class C, class In, class U>
struct CollectedType<R (C::*)(In, Collector<U>&) const> {
  using Type = U;
};
template <class R, class C, class In, class U>
struct CollectedType<R (C::*)(In, Collector<U>&)> {
  using Type = U;
};
template <class R, class In, class U>
struct CollectedType<R (*)(In, Collector<U>&)> {
  using Type = U;
};

// Functions are copied once per subtask, so that they need no locks; a lambda may capture anything that main() can compute.
template <class T>
class DataStream : public StreamBase {
 public:
  using Record = T;
  using StreamBase::StreamBase;
  explicit DataStream(StreamBase&& outputs) : StreamBase(std::move(outputs)) {}

  // f: U(const T&).
  template <class F>
  WEIR_PLANS auto Map(F f) const {
    static_assert(std::is_invocable_v<F&, const T&>,
                  "weir: Map needs a function that takes const T& and returns a record");
    using U = std::remove_cvref_t<std::invoke_result_t<F&, const T&>>;
    static_assert(!std::is_void_v<U>, "weir: the function given to Map returns nothing; use Filter, FlatMap or SinkTo");
    using Op = std::conditional_t<std::is_same_v<T, U>, InPlaceMapOperator<T, F>, MapOperator<T, U, F>>;
    return DataStream<U>(Add("Map", NewOperatorFactory<Op>(std::move(f)), BatchTypeOf<T>(), BatchTypeOf<U>()));
  }

  // f: bool(const T&); records for which it says false go no further.
  template <class F>
  WEIR_PLANS DataStream<T> Filter(F f) const {
    static_assert(std::is_invocable_r_v<bool, F&, const T&>,
                  "weir: Filter needs a function that takes const T& and returns bool");
    using Op = FilterOperator<T, F>;
    return DataStream<T>(Add("Filter", NewOperatorFactory<Op>(std::move(f)), BatchTypeOf<T>(), BatchTypeOf<T>()));
  }

  // f: void(const T&, Collector<U>&).
  template <class F>
  WEIR_PLANS auto FlatMap(F f) const {
    using U = typename CollectedType<F>::Type;
    static_assert(std::is_invocable_v<F&, const T&, Collector<U>&>,
                  "weir: FlatMap needs a function that takes const T& and Collector<U>&");
    using Op = FlatMapOperator<T, U, F>;
    return DataStream<U>(Add("Flat Map", NewOperatorFactory<Op>(std::move(f)), BatchTypeOf<T>(), BatchTypeOf<U>()));
  }

  // All records of both; order is kept within each.
  template <std::same_as<DataStream<T>>... Others>
  DataStream<T> Union(const Others&... others) const {
    std::vector<StreamOrigin> all = origins();
    (all.insert(all.end(), others.origins().begin(), others.origins().end()), ...);
    return DataStream<T>(shared_plan(), std::move(all));
  }

  // selector: Key(const T&), the same for the same record whenever it is asked; or pointers to members: KeyBy(&Flight::origin, &Flight::destination).
  template <class... Selectors>
  auto KeyBy(Selectors... selectors) const;

  // Windows over all records, in one subtask; see KeyedStream::Window and CountWindow.
  template <WindowAssigner<T> Assigner>
  auto WindowAll(Assigner assigner) const;
  auto CountWindowAll(int64_t size) const;
  auto CountWindowAll(int64_t size, int64_t slide) const;

  // Other: a DataStream, KeyedStream or BroadcastStream.
  template <class Other>
  auto Connect(const Other& other) const;
  // Records of both streams with equal keys in the same window: .Where(...).EqualTo(...).Window(...).Apply(...). Join: every pair; CoGroup: both groups at
  // once. docs/user/joins.md.
  template <class U>
  auto Join(const DataStream<U>& other) const;
  template <class U>
  auto CoGroup(const DataStream<U>& other) const;

  // One function object per subtask, a ProcessFunction<T, Out>, built from copies of the arguments.
  template <class F, class... Args>
  WEIR_PLANS auto Process(Args... args) const {
    using Out = typename F::Result;
    static_assert(
        !requires { typename F::Key; },
        "weir: this process function is keyed, and the stream is not: call KeyBy before Process");
    static_assert(std::is_same_v<typename F::Input, T>,
                  "weir: the process function takes records of another type than this stream has");
    auto build = [args...] { return F(args...); };
    const F planned(args...);
    using Op = ProcessOperator<T, Out, F>;
    return DataStream<Out>(
        Add("Process", NewOperatorFactory<Op>(build), BatchTypeOf<T>(), BatchTypeOf<Out>(), &planned));
  }

  // A request per record, whose answer comes later and from any thread. One function object per subtask, an AsyncFunction<T, Out>, built from copies of the
  // arguments.
  template <class F, class... Args>
  auto AsyncMap(AsyncOptions<typename F::Result> options = {}, Args... args) const;

  // Gives the records timestamps and watermarks, in place of those that they had.
  DataStream<T> AssignTimestampsAndWatermarks(const WatermarkStrategy<T>& strategy) const {
    CheckStrategy(strategy.strategy());
    return DataStream<T>(Add("Timestamps/Watermarks",
                             new AssignTimestampsOperatorFactory(strategy.strategy(), &BatchTypeOf<T>()),
                             BatchTypeOf<T>(), BatchTypeOf<T>()));
  }

  // How records are spread over the subtasks of the next operator.
  DataStream<T> Rebalance() const { return DataStream<T>(Partitioned(Partitioner::kRebalance)); }
  DataStream<T> Rescale() const { return DataStream<T>(Partitioned(Partitioner::kRescale)); }
  DataStream<T> Shuffle() const { return DataStream<T>(Partitioned(Partitioner::kShuffle)); }
  DataStream<T> Global() const { return DataStream<T>(Partitioned(Partitioner::kGlobal)); }
  DataStream<T> Forward() const { return DataStream<T>(Partitioned(Partitioner::kForward)); }
  // For Connect(...).Process with a broadcast function, or to give every record to every subtask.
  BroadcastStream<T> Broadcast() const;
  // partition: int(const Key&, int channels), 0 .. channels - 1; selector: Key(const T&).
  template <class P, class S>
  DataStream<T> PartitionCustom(P partition, S selector) const {
    auto select = MakeSelector(std::move(selector));
    using Made = CustomRowPartitioner<T, P, decltype(select)>;
    return DataStream<T>(PartitionedBy(NewFactory<Made, RowPartitionerFactory, RowPartitioner>(
        CustomPartition<P, decltype(select)>{std::move(partition), std::move(select)})));
  }

  // What the operator of this stream put into `tag`.
  template <class U>
  DataStream<U> GetSideOutput(const OutputTag<U>& tag) const {
    return DataStream<U>(SideOutputOf(tag.name, &BatchTypeOf<U>()));
  }

  template <class S>
  WEIR_PLANS DataStreamSink SinkTo(S sink, std::string name = "Sink") const {
    static_assert(std::is_same_v<typename S::Record, T>,
                  "weir: the sink takes records of another type than this stream has");
    return DataStreamSink(AddSink(std::move(name), new SinkOperatorFactory(new TypedSinkFactory<S>(std::move(sink))),
                                  BatchTypeOf<T>(), S::kBlocking));
  }
  // Prints every record on a line of its own.
  DataStreamSink Print(std::string_view prefix = {}) const;
  DataStreamSink PrintToErr(std::string_view prefix = {}) const;

  // Runs the job and returns the records of this stream, those of each subtask in order.
  auto ExecuteAndCollect(std::string job_name = {}) const;

  DataStream<T>& Name(std::string_view name) { return SetName(name), *this; }
  DataStream<T>& Uid(std::string_view uid) { return StreamBase::SetUid(uid), *this; }
  DataStream<T>& SetUidHash(std::string_view hash) { return StreamBase::SetUidHash(hash), *this; }
  DataStream<T>& SetParallelism(int parallelism) { return SetNodeParallelism(parallelism), *this; }
  DataStream<T>& SetMaxParallelism(int max_parallelism) { return SetNodeMaxParallelism(max_parallelism), *this; }
  // The operator runs in one subtask, whatever the job's parallelism; a SetParallelism of more is an error.
  DataStream<T>& ForceNonParallel() { return SetNodeNonParallel(), *this; }
  DataStream<T>& StartNewChain() { return SetNodeChaining(ChainingStrategy::kHead), *this; }
  DataStream<T>& DisableChaining() { return SetNodeChaining(ChainingStrategy::kNever), *this; }
  DataStream<T>& SlotSharingGroup(std::string_view group) { return SetNodeSlotSharingGroup(group), *this; }
  // Accepted as in Flink; a part-full batch leaves at the end of each step, so no value makes a record wait.
  DataStream<T>& SetBufferTimeout(Duration timeout) { return SetNodeBufferTimeout(timeout), *this; }
};

}  // namespace weir
