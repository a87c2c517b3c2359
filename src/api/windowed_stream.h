// A stream cut into windows: keyed (KeyedStream::Window, CountWindow) or whole (DataStream::WindowAll, CountWindowAll). docs/user/windows.md.
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
#include "weir/functions/window/evictors.h"
#include "weir/functions/window/triggers.h"
#include "weir/functions/window/windows.h"
#include "weir/runtime/window/slices/slice_operator.h"
#include "weir/runtime/window/window_function.h"

namespace weir {

namespace internal {

template <class Assigner>
using TriggerOfWindows = std::conditional_t<
    TimeOfWindows<Assigner>() == WindowTime::kEvent, EventTimeTrigger,
    std::conditional_t<TimeOfWindows<Assigner>() == WindowTime::kProcessing, ProcessingTimeTrigger, NeverTrigger>>;

// The key of WindowAll: all records have the same.
struct OneKey {
  template <class T>
  uint8_t operator()(const T&) const {
    return 0;
  }
};

// By what the windows of a path are computed from their slices.
template <WindowPath kPath, class Contents>
using RunningWindow = std::conditional_t<
    kPath == WindowPath::kSlices, WholeWindow<Contents>,
    std::conditional_t<kPath == WindowPath::kDeductedSlices, DeductedWindow<Contents>, MergedWindow<Contents>>>;

template <class Part>
Status CheckPart(const Part& part) {
  if constexpr (requires { part.Check(); }) {
    return part.Check();
  } else {
    return OkStatus();
  }
}
template <class Evictor>
std::string NameOfEvictor(const Evictor& evictor) {
  if constexpr (requires { evictor.name(); }) {
    return evictor.name();
  } else {
    return "custom evictor";
  }
}

}  // namespace internal

// Tr: the trigger, or DefaultTrigger. Ev: the evictor, or NoEvictor.
template <class T, class Selector, class Assigner, class Tr = internal::DefaultTrigger, class Ev = internal::NoEvictor>
class WindowedStream {
  static constexpr bool kIsAll = std::is_same_v<Selector, internal::OneKey>;
  static constexpr bool kHasEvictor = !std::is_same_v<Ev, internal::NoEvictor>;
  using UsedTrigger =
      std::conditional_t<std::is_same_v<Tr, internal::DefaultTrigger>, internal::TriggerOfWindows<Assigner>, Tr>;
  // In place of a function.
  template <class Keyed>
  using ResultOr = std::conditional_t<kIsAll, internal::ResultOfAll, Keyed>;

 public:
  // TimeWindow or GlobalWindow.
  using Window = internal::WindowOf<Assigner>;
  // As functions have it.
  using Key = std::conditional_t<kIsAll, internal::NoKey, typename KeyedStream<T, Selector>::KeyArgument>;

  WindowedStream(KeyedStream<T, Selector> stream, Assigner assigner, Tr trigger = {}, Ev evictor = {},
                 Lateness<T> lateness = {})
      : stream_(std::move(stream)),
        assigner_(std::move(assigner)),
        trigger_(std::move(trigger)),
        evictor_(std::move(evictor)),
        lateness_(std::move(lateness)) {}

  // When windows give results, in place of the assigner's own trigger: functions/window/triggers.h.
  template <class NewTrigger>
  auto Trigger(NewTrigger trigger) const {
    return WindowedStream<T, Selector, Assigner, NewTrigger, Ev>(stream_, assigner_, std::move(trigger), evictor_,
                                                                 lateness_);
  }
  // Which records a window drops when it fires: functions/window/evictors.h.
  template <class NewEvictor>
  auto Evictor(NewEvictor evictor) const {
    return WindowedStream<T, Selector, Assigner, Tr, NewEvictor>(stream_, assigner_, trigger_, std::move(evictor),
                                                                 lateness_);
  }
  // Windows of event time are kept for so long after their end; each record that comes meanwhile gives another result.
  WindowedStream AllowedLateness(Duration lateness) const {
    if (lateness.count() < 0)
      stream_.plan().AddError("AllowedLateness of " + std::to_string(lateness.count()) + " ms; expected 0 or more");
    WindowedStream changed = *this;
    changed.lateness_.allowed = lateness;
    return changed;
  }
  // Records whose windows are gone go there instead of being dropped and counted in numLateRecordsDropped.
  WindowedStream SideOutputLateData(const OutputTag<T>& tag) const {
    WindowedStream changed = *this;
    changed.lateness_.side_output = tag;
    return changed;
  }

  // Aggregates in two phases: what a batch has of a key is put together before it is sent to the key's subtask. For keys that are much more frequent than
  // others. Then Aggregate (with Merge) or Reduce. `uid`: of the operator that does that, where uids are not generated. api/local_aggregation.h.
  auto LocalAggregation(std::string_view uid = {}) const;

  // fn: Out(key, window, result), or void with a Collector<Out>& behind; without it the result is pair<key, result>. Instead of the window it may take a
  // WindowContext<Window>&. Windows over all records have no key: Out(window, result); without `fn` the result.
  template <class A, class F = ResultOr<internal::PairWithKey>>
    requires(!internal::WindowFunctionClass<A>)
  auto Aggregate(A aggregate, F fn = {}) const {
    using Out = internal::WindowOutput<F, Key, Window, ResultOf<A>>;
    return Add<Out, AggregatedContents<T, Out, A, F>>("Aggregate", aggregate, fn);
  }
  // F: a ProcessWindowFunction (ProcessAllWindowFunction) of the aggregate's results, built from `args`.
  template <internal::WindowFunctionClass F, class A, class... Args>
  auto Aggregate(A aggregate, Args... args) const {
    CheckFunction<F, ResultOf<A>>();
    using Out = typename F::Result;
    return Add<Out, AggregatedContents<T, Out, A, F>>("Aggregate", aggregate, args...);
  }
  // reduce: T(const T&, const T&), associative; fn as above, with the reduced record; without it that record is the result.
  template <class R, class F = ResultOr<internal::ResultAlone>>
    requires(!internal::WindowFunctionClass<R>)
  auto Reduce(R reduce, F fn = {}) const {
    using Out = internal::WindowOutput<F, Key, Window, const T&>;
    return Add<Out, ReducedContents<T, Out, R, F>>("Reduce", reduce, fn);
  }
  template <internal::WindowFunctionClass F, class R, class... Args>
  auto Reduce(R reduce, Args... args) const {
    CheckFunction<F, T>();
    using Out = typename F::Result;
    return Add<Out, ReducedContents<T, Out, R, F>>("Reduce", reduce, args...);
  }
  // fn: void(key, window, const std::vector<T>& elements, Collector<Out>&), or with a WindowContext<Window>& instead of the window.
  template <class F>
    requires(!internal::WindowFunctionClass<F>)
  auto Process(F fn) const {
    using Out = internal::WindowOutput<F, Key, Window, const std::vector<T>&>;
    return Add<Out, ListedContents<T, Out, F>>("Process", fn);
  }
  // F: a ProcessWindowFunction (ProcessAllWindowFunction), built from `args`.
  template <internal::WindowFunctionClass F, class... Args>
  auto Process(Args... args) const {
    CheckFunction<F, T>();
    using Out = typename F::Result;
    return Add<Out, ListedContents<T, Out, F>>("Process", args...);
  }

 private:
  template <class A>
  using ResultOf = std::remove_cvref_t<decltype(std::declval<const A&>().GetResult(
      std::declval<const std::remove_cvref_t<decltype(std::declval<const A&>().CreateAccumulator())>&>()))>;

  template <class F, class In>
  static consteval void CheckFunction() {
    static_assert(std::is_same_v<typename F::Input, In>,
                  "weir: the window function takes elements of another type than the window has");
    static_assert(std::is_same_v<typename F::Window, Window>,
                  "weir: the window function is for another kind of windows: TimeWindow, or GlobalWindow for "
                  "GlobalWindows and CountWindow");
  }

  template <class Out, class Contents, class... Args>
  DataStream<Out> Add(std::string_view what, const Args&... args) const {
    if constexpr (kHasEvictor) {
      return AddOnPath<Out, EvictedContents<T, Out, Ev, Contents>>(what, evictor_, args...);
    } else {
      return AddOnPath<Out, Contents>(what, args...);
    }
  }
  template <class Out, class Contents, class... Args>
  DataStream<Out> AddOnPath(std::string_view what, const Args&... args) const {
    const std::string name = Name(what);
    stream_.plan().Check(internal::CheckPart(assigner_), name);
    stream_.plan().Check(internal::CheckPart(trigger_), name);
    stream_.plan().Check(internal::CheckPart(evictor_), name);
    constexpr WindowPath kPath = ChooseWindowPath<T, Assigner, Tr, Ev, Contents>();
    DataStream<Out> results = [&] {
      if constexpr (kPath == WindowPath::kGeneral) {
        return AddGeneral<Out, Contents>(name, args...);
      } else {
        return AddSliced<Out, Contents, internal::RunningWindow<kPath, Contents>>(name, args...);
      }
    }();
    if constexpr (kIsAll) results.ForceNonParallel();
    results.plan().node(results.origins().front().node).description = name + ", " + std::string(WindowPathName(kPath));
    return results;
  }
  template <class Out, class Contents, class Running, class... Args>
  DataStream<Out> AddSliced(const std::string& name, const Args&... args) const {
    using K = std::conditional_t<kIsAll, internal::NoKey, typename KeyedStream<T, Selector>::Key>;
    using Function = SliceFunction<T, K, Contents, Running>;
    const SliceGrid grid(assigner_.size(), assigner_.slide(), assigner_.offset());
    return stream_.template AddKeyedOperator<Out, SliceOperator<T, Selector, Out, Function>, Function>(
        name, [grid, lateness = lateness_, args...] { return Function(grid, lateness, args...); });
  }
  template <class Out, class Contents, class... Args>
  DataStream<Out> AddGeneral(const std::string& name, const Args&... args) const {
    using K = std::conditional_t<kIsAll, internal::NoKey, typename KeyedStream<T, Selector>::Key>;
    using Function = WindowFunction<T, K, Out, Assigner, UsedTrigger, Contents>;
    const auto build = [assigner = assigner_, trigger = GivenTrigger(), lateness = lateness_, args...] {
      return Function(assigner, trigger, lateness, args...);
    };
    return stream_.template AddKeyedOperator<Out, KeyedProcessOperator<T, Selector, Out, Function>, Function>(name,
                                                                                                              build);
  }
  UsedTrigger GivenTrigger() const {
    if constexpr (std::is_same_v<Tr, internal::DefaultTrigger>) {
      return UsedTrigger();
    } else {
      return trigger_;
    }
  }
  std::string Name(std::string_view what) const {
    std::string name = kIsAll ? "WindowAll(" : "Window(";
    name += internal::NameOfWindows(assigner_) + ", " + GivenTrigger().name() + ", ";
    if constexpr (kHasEvictor) name += internal::NameOfEvictor(evictor_) + ", ";
    return name + std::string(what) + ")";
  }

  KeyedStream<T, Selector> stream_;
  Assigner assigner_;
  Tr trigger_;
  Ev evictor_;
  Lateness<T> lateness_;
};

template <class T, class Selector>
template <WindowAssigner<T> Assigner>
auto KeyedStream<T, Selector>::Window(Assigner assigner) const {
  return WindowedStream<T, Selector, Assigner>(*this, std::move(assigner));
}
template <class T, class Selector>
auto KeyedStream<T, Selector>::CountWindow(int64_t size) const {
  return Window(GlobalWindows()).Trigger(PurgingTrigger(CountTrigger(size)));
}
template <class T, class Selector>
auto KeyedStream<T, Selector>::CountWindow(int64_t size, int64_t slide) const {
  return Window(GlobalWindows()).Evictor(CountEvictor(size)).Trigger(CountTrigger(slide));
}

template <class T>
template <WindowAssigner<T> Assigner>
auto DataStream<T>::WindowAll(Assigner assigner) const {
  return KeyBy(internal::OneKey()).Window(std::move(assigner));
}
template <class T>
auto DataStream<T>::CountWindowAll(int64_t size) const {
  return KeyBy(internal::OneKey()).CountWindow(size);
}
template <class T>
auto DataStream<T>::CountWindowAll(int64_t size, int64_t slide) const {
  return KeyBy(internal::OneKey()).CountWindow(size, slide);
}

}  // namespace weir
