// Windows of event time over keyed streams: the general path, one accumulator per key and window.
//
//   record:   for each of its windows that is not late: add to the window's contents, register its timers; it fires at once if its end has passed
//   timers:   at end - 1 the window fires; at end - 1 + allowed lateness it is removed
//   late:     end - 1 + allowed lateness <= watermark; a record is late if all its windows are
//
// The functions here are keyed process functions: timers, pieces, side outputs and snapshots are those of KeyedProcessOperator.
#pragma once

#include <algorithm>
#include <cstdint>
#include <optional>
#include <string>
#include <type_traits>
#include <utility>
#include <vector>

#include "weir/functions/output_tag.h"
#include "weir/functions/process_function.h"
#include "weir/functions/window/window_state.h"
#include "weir/functions/window/windows.h"
#include "weir/runtime/operators/end_of_stream.h"
#include "weir/runtime/operators/process.h"

namespace weir {

// What is to become of records that come after their window has fired.
template <class T>
struct Lateness {
  Duration allowed{0};
  std::optional<OutputTag<T>> side_output = {};  // none: records that are too late are dropped and counted
};

// Contents of a window as an accumulator. F: Out(key, window, result), or void with a Collector<Out>& behind.
template <class T, class Out, class A, class F>
struct AggregatedContents {
  using Value = std::remove_cvref_t<decltype(std::declval<const A&>().CreateAccumulator())>;
  static_assert(!ContainsViews<Value>,
                "weir: an accumulator is kept as state, and this one holds a std::string_view: use std::string");
  A aggregate;
  F function;

  Value Start(const T& record) {
    Value value = aggregate.CreateAccumulator();
    aggregate.Add(value, record);
    return value;
  }
  void Add(Value& value, const T& record) { aggregate.Add(value, record); }
  void Merge(Value& into, Value& from) { aggregate.Merge(into, from); }
  template <class Key>
  void Emit(const Key& key, const TimeWindow& window, const Value& value, Collector<Out>& out) {
    CallWindowFunction<Out>(function, key, window, aggregate.GetResult(value), out);
  }
};

// Contents of a window as one reduced record.
template <class T, class Out, class R, class F>
struct ReducedContents {
  using Value = T;
  static_assert(!ContainsViews<T>,
                "weir: Reduce keeps a record per key, and this record type holds a std::string_view: use std::string, "
                "or Map to a type that does");
  R reduce;
  F function;

  Value Start(const T& record) { return record; }
  void Add(Value& value, const T& record) { value = T(reduce(std::as_const(value), record)); }
  void Merge(Value& into, Value& from) { Add(into, from); }
  template <class Key>
  void Emit(const Key& key, const TimeWindow& window, const Value& value, Collector<Out>& out) {
    CallWindowFunction<Out>(function, key, window, value, out);
  }
};

// All records of a window. F: void(key, window, const std::vector<T>& elements, Collector<Out>&).
template <class T, class Out, class F>
struct ListedContents {
  using Value = std::vector<T>;
  static_assert(!ContainsViews<T>,
                "weir: a window function keeps the window's records, and this record type holds a std::string_view: "
                "use std::string, or Map to a type that does");
  F function;

  Value Start(const T& record) { return {record}; }
  void Add(Value& value, const T& record) { value.push_back(record); }
  void Merge(Value& into, Value& from) {
    into.insert(into.end(), std::make_move_iterator(from.begin()), std::make_move_iterator(from.end()));
  }
  template <class Key>
  void Emit(const Key& key, const TimeWindow& window, const Value& value, Collector<Out>& out) {
    function(key, window, value, out);
  }
};

// Throws: event-time windows need timestamps.
[[noreturn]] void ThrowNoTimestampForWindow(const RuntimeContext& context);

// Contents: one of the above.
template <class T, class Key, class Out, EventTimeWindowAssigner Assigner, class Contents>
class EventTimeWindowFunction : public KeyedProcessFunction<Key, T, Out> {
  using Base = KeyedProcessFunction<Key, T, Out>;
  using Windows = WindowState<typename Contents::Value>;
  using Entry = typename Windows::Entry;

 public:
  using Context = typename Base::Context;
  using OnTimerContext = typename Base::OnTimerContext;

  EventTimeWindowFunction(const Assigner& assigner, const Contents& contents, const Lateness<T>& lateness)
      : assigner_(assigner), contents_(contents), lateness_(lateness) {}

  void Open(RuntimeContext& context) { dropped_ = &context.accumulator("numLateRecordsDropped"); }

  void ProcessElement(const T& record, Context& ctx, Collector<Out>& out) {
    if (!ctx.has_timestamp()) [[unlikely]]
      ThrowNoTimestampForWindow(ctx.runtime());
    bool is_added = false;
    assigner_.ForEachWindow(ctx.time(), [&](const TimeWindow& window) { is_added |= Add(window, record, ctx, out); });
    // A record between two windows has none that could be late.
    if (!is_added && internal::AddToTime(ctx.time(), lateness_.allowed.count()) <= ctx.watermark()) Drop(record, ctx);
  }

  void OnTimer(Timestamp time, OnTimerContext& ctx, Collector<Out>& out) {
    if (Entry* due = windows_.FindEnd(time + Duration(1)); due != nullptr && due->is_pending) {
      due->is_pending = false;
      contents_.Emit(ctx.key(), due->window, due->value, out);
    }
    const auto* const entries = windows_.Get();
    if (entries == nullptr) return;
    size_t expired = 0;
    while (expired < entries->size() && CleanUpTime((*entries)[expired].window) <= ToEventTime(time)) ++expired;
    windows_.RemoveFirst(expired);
  }

 private:
  // One before the last time of all, at which no timer can be.
  static constexpr EventTime kLastTime = kMaxWatermark - 1;
  static EventTime FireTime(const TimeWindow& window) { return ToEventTime(window.max_timestamp()); }
  EventTime CleanUpTime(const TimeWindow& window) const {
    return std::min(internal::AddToTime(FireTime(window), lateness_.allowed.count()), kLastTime);
  }

  // False: the window is late.
  bool Add(const TimeWindow& assigned, const T& record, Context& ctx, Collector<Out>& out) {
    Entry* entry = nullptr;
    bool is_new = false;
    if constexpr (Assigner::kMerging) {
      entry = Merge(assigned, ctx.timers(), is_new);
    } else {
      entry = windows_.FindEnd(assigned.end);
    }
    if (entry != nullptr) {
      contents_.Add(entry->value, record);
    } else {
      if (CleanUpTime(assigned) <= ctx.watermark()) return false;
      entry = &windows_.Add(assigned, contents_.Start(record));
      is_new = true;
    }
    Schedule(*entry, is_new, ctx, out);
    return true;
  }

  // Registers the window's timers; fires it if its end has passed.
  void Schedule(Entry& entry, bool is_new, Context& ctx, Collector<Out>& out) {
    const EventTime fire = FireTime(entry.window);
    if (is_new) ctx.timers().RegisterEventTime(FromEventTime(CleanUpTime(entry.window)));
    if (fire <= ctx.watermark()) {
      out.SetTime(fire);
      contents_.Emit(ctx.key(), entry.window, entry.value, out);
    } else if (is_new || !entry.is_pending) {
      // Not new: it fired before a restore, and the watermark is not known again yet.
      entry.is_pending = true;
      ctx.timers().RegisterEventTime(FromEventTime(fire));
    }
  }

  // Merges the key's windows that overlap or touch `window` into one with it; nullptr: there are none. `has_grown`: its timers are to be registered.
  Entry* Merge(const TimeWindow& window, TimerService& timers, bool& has_grown) {
    auto* const entries = windows_.Get();
    if (entries == nullptr) return nullptr;
    const auto first = Windows::FirstFrom(*entries, window.start);
    auto last = first;
    TimeWindow merged = window;
    for (; last != entries->end() && last->window.start <= window.end; ++last) {
      merged.start = std::min(merged.start, last->window.start);
      merged.end = std::max(merged.end, last->window.end);
      if (last != first) contents_.Merge(first->value, last->value);
    }
    if (first == last) return nullptr;
    has_grown = last - first > 1 || first->window.end != merged.end;
    std::vector<TimeWindow> absorbed;
    for (auto it = first; has_grown && it != last; ++it) absorbed.push_back(it->window);
    first->window = merged;
    const auto at = first - entries->begin();
    entries->erase(first + 1, last);
    for (const TimeWindow& each : absorbed) DeleteTimers(each, *entries, timers);
    return &(*entries)[static_cast<size_t>(at)];
  }
  // Timers of a window that is gone, but those at times at which others have one.
  void DeleteTimers(const TimeWindow& gone, const typename Windows::Entries& entries, TimerService& timers) {
    for (const EventTime time : {FireTime(gone), CleanUpTime(gone)}) {
      const bool is_needed = std::any_of(entries.begin(), entries.end(), [&](const Entry& entry) {
        return FireTime(entry.window) == time || CleanUpTime(entry.window) == time;
      });
      if (!is_needed) timers.DeleteEventTime(FromEventTime(time));
    }
  }

  void Drop(const T& record, Context& ctx) {
    if (lateness_.side_output.has_value()) {
      ctx.Output(*lateness_.side_output, record);
    } else {
      dropped_->Add(1);
    }
  }

  const Assigner assigner_;
  Contents contents_;
  const Lateness<T> lateness_;
  Accumulator* dropped_ = nullptr;
  Windows windows_{this, "windows"};
};

}  // namespace weir
