// A keyed stream cut into windows.
#pragma once

#include <string>
#include <string_view>
#include <type_traits>
#include <utility>

#include "weir/api/end_of_stream_windowed_stream.h"
#include "weir/api/keyed_stream.h"
#include "weir/api/window_output.h"
#include "weir/api/window_path.h"
#include "weir/functions/aggregates.h"
#include "weir/functions/window/windows.h"
#include "weir/runtime/window/event_time_windows.h"

namespace weir {

// Windows of event time: results per key and window, when the watermark passes the window's end. docs/user/windows.md.
template <class T, class Selector, class Assigner>
class EventTimeWindowedStream {
 public:
  using Key = typename KeyedStream<T, Selector>::KeyArgument;
  EventTimeWindowedStream(KeyedStream<T, Selector> stream, Assigner assigner)
      : stream_(std::move(stream)), assigner_(std::move(assigner)) {}

  // Windows are kept for so long after their end; each record that comes meanwhile gives another result.
  EventTimeWindowedStream AllowedLateness(Duration lateness) const {
    if (lateness.count() < 0)
      stream_.plan().AddError("AllowedLateness of " + std::to_string(lateness.count()) + " ms; expected 0 or more");
    EventTimeWindowedStream changed = *this;
    changed.lateness_.allowed = lateness;
    return changed;
  }
  // Records whose windows are gone go there instead of being dropped and counted in the accumulator numLateRecordsDropped.
  EventTimeWindowedStream SideOutputLateData(const OutputTag<T>& tag) const {
    EventTimeWindowedStream changed = *this;
    changed.lateness_.side_output = tag;
    return changed;
  }

  // fn: Out(key, TimeWindow, result), or void with a Collector<Out>& behind; without it the result is pair<key, result>.
  template <class A, class F = internal::PairWithKey>
  auto Aggregate(A aggregate, F fn = {}) const {
    using Accumulator = std::remove_cvref_t<decltype(aggregate.CreateAccumulator())>;
    using Result = decltype(aggregate.GetResult(std::declval<const Accumulator&>()));
    using Out = internal::WindowOutput<F, Key, TimeWindow, Result>;
    return Add<Out>("Aggregate", AggregatedContents<T, Out, A, F>{std::move(aggregate), std::move(fn)});
  }
  // reduce: T(const T&, const T&), associative; fn as above, with the reduced record.
  template <class R, class F = internal::ResultAlone>
  auto Reduce(R reduce, F fn = {}) const {
    using Out = internal::WindowOutput<F, Key, TimeWindow, const T&>;
    return Add<Out>("Reduce", ReducedContents<T, Out, R, F>{std::move(reduce), std::move(fn)});
  }
  // fn: void(key, TimeWindow, const std::vector<T>& elements, Collector<Out>&).
  template <class F>
  auto Process(F fn) const {
    using Out = typename internal::LastCollector<F>::Type;
    return Add<Out>("Process", ListedContents<T, Out, F>{std::move(fn)});
  }

 private:
  template <class Out, class Contents>
  DataStream<Out> Add(std::string_view what, const Contents& contents) const {
    const std::string name = "Window(" + assigner_.name() + ", EventTimeTrigger, " + std::string(what) + ")";
    stream_.plan().Check(assigner_.Check(), name);
    constexpr WindowPath kPath =
        ChooseWindowPath<T, Assigner, internal::DefaultTrigger, internal::NoEvictor, Contents>();
    if constexpr (kPath == WindowPath::kGeneral) return AddGeneral<Out>(name, contents);
  }
  template <class Out, class Contents>
  DataStream<Out> AddGeneral(const std::string& name, const Contents& contents) const {
    using Function = EventTimeWindowFunction<T, typename KeyedStream<T, Selector>::Key, Out, Assigner, Contents>;
    return stream_.template AddKeyedOperator<Out, KeyedProcessOperator<T, Selector, Out, Function>, Function>(
        name,
        [assigner = assigner_, contents, lateness = lateness_] { return Function(assigner, contents, lateness); });
  }

  KeyedStream<T, Selector> stream_;
  Assigner assigner_;
  Lateness<T> lateness_;
};

template <class T, class Selector>
template <EventTimeWindowAssigner Assigner>
auto KeyedStream<T, Selector>::Window(Assigner assigner) const {
  return EventTimeWindowedStream<T, Selector, Assigner>(*this, std::move(assigner));
}

}  // namespace weir
