// The general window operator: any assigner, trigger, evictor and function; the contents of each window of a key apart.
//
//   record:   for each of its windows that is not gone: into the window's contents, then ask the trigger
//   timers:   of the trigger, at their time; of the window, at its end + allowed lateness: ask the trigger, then remove the window
//   late:     end - 1 + allowed lateness <= watermark; a record is late if all its windows are
//
// It is a keyed process function: timers, pieces, side outputs and snapshots are those of KeyedProcessOperator. A window fires only by a word of its trigger.
#pragma once

#include <algorithm>
#include <concepts>
#include <cstdint>
#include <span>
#include <type_traits>
#include <utility>
#include <vector>

#include "weir/functions/process_function.h"
#include "weir/functions/window/trigger.h"
#include "weir/functions/window/triggers.h"
#include "weir/functions/window/window_state.h"
#include "weir/functions/window/windows.h"
#include "weir/runtime/operators/user_function.h"
#include "weir/runtime/window/late_records.h"
#include "weir/runtime/window/window_contents.h"

namespace weir {

namespace internal {

// The windows that functions see.
template <class Assigner>
using WindowOf = std::conditional_t<TimeOfWindows<Assigner>() == WindowTime::kNone, GlobalWindow, TimeWindow>;

}  // namespace internal

// K: the key type, or NoKey. Tr: the trigger. Contents: of window_contents.h.
template <class T, class K, class Out, class Assigner, class Tr, class Contents>
class WindowFunction : public Contents {
  static constexpr WindowTime kTime = internal::TimeOfWindows<Assigner>();
  static constexpr bool kMerging = internal::AreWindowsMerged<Assigner>();
  using W = internal::WindowOf<Assigner>;
  using TriggerState = typename Tr::State;
  using Entry = internal::WindowEntry<typename Contents::Value, TriggerState, typename Contents::FunctionState>;
  using Windows = internal::KeyWindows<Entry>;
  using UserContext = WindowContext<W, typename Contents::FunctionState>;

  static_assert(
      TriggerOf<Tr, T, W>,
      "weir: a trigger derives from Trigger<State> and has TriggerResult OnElement(const T&, const W& window, "
      "Context&), where W is TimeWindow, or GlobalWindow for GlobalWindows and CountWindow");
  static_assert(!kMerging || MergingTrigger<Tr, W>,
                "weir: session windows merge, and this trigger does not say what becomes of it then: it needs "
                "void OnMerge(std::span<const State> merged, const TimeWindow& window, Context&)");
  static_assert(!kMerging || std::is_same_v<typename Contents::FunctionState, NoWindowState>,
                "weir: session windows merge, so that their functions cannot keep state per window");

 public:
  using Input = T;
  using Result = Out;
  using Key = std::conditional_t<std::is_same_v<K, internal::NoKey>, uint8_t, K>;
  using Context = KeyedContext<typename KeyTraits<Key>::Argument>;
  using OnTimerContext = TimerContext<Context>;

  // `contents`: the arguments of Contents.
  template <class... Args>
  WindowFunction(const Assigner& assigner, const Tr& trigger, const Lateness<T>& lateness, const Args&... contents)
      : Contents(contents...), assigner_(assigner), trigger_(trigger), lateness_(lateness) {}

  Status Open(RuntimeContext& context) {
    dropped_.Open(context);
    return OpenFunction<typename Contents::UserFunction>(*this, context);
  }
  Status Close() { return CloseFunction<typename Contents::UserFunction>(*this); }

  void ProcessElement(const T& record, Context& ctx, Collector<Out>& out) {
    const EventTime time = TimeFor(ctx);
    bool is_added = false;
    internal::ForEachWindowOf(assigner_, record, time,
                              [&](const TimeWindow& window) { is_added |= Add(window, record, ctx, out); });
    if (is_added || kTime != WindowTime::kEvent) return;
    // A record between two windows has none that could be late.
    if (internal::AddToTime(time, lateness_.allowed.count()) <= ctx.watermark()) Drop(record, ctx);
  }

  void OnTimer(Timestamp at, OnTimerContext& ctx, Collector<Out>& out) {
    Windows* const windows = windows_.Get();
    if (windows == nullptr) return;
    const TimeDomain domain = ctx.time_domain();
    windows->alarm.Fired(domain, ToEventTime(at));
    // Usually it is `at`: see KeyAlarm.
    if (const EventTime due = EarliestDue(*windows, domain); due <= ToEventTime(at))
      Fire(*windows, domain, due, ctx, out);
    if (windows->entries.empty()) return DropWindows(*windows, ctx);
    windows->alarm.SetBy(domain, EarliestDue(*windows, domain), ctx.timers());
  }

 private:
  static constexpr TimeDomain kOwnDomain =
      kTime == WindowTime::kProcessing ? TimeDomain::kProcessing : TimeDomain::kEvent;

  static EventTime TimeFor(const Context& ctx) {
    if constexpr (kTime == WindowTime::kProcessing) {
      return ToEventTime(ctx.processing_time());
    } else {
      if (kTime == WindowTime::kEvent && !ctx.has_timestamp()) [[unlikely]]
        ThrowNoTimestampForWindow(ctx.runtime());
      return ctx.time();
    }
  }
  static W Shown(const TimeWindow& window) {
    if constexpr (kTime == WindowTime::kNone) {
      return GlobalWindow();
    } else {
      return window;
    }
  }
  // When the window goes.
  EventTime EndOfLife(const TimeWindow& window) const {
    if constexpr (kTime == WindowTime::kNone) return internal::kNoTimer;
    const int64_t lateness = kTime == WindowTime::kEvent ? lateness_.allowed.count() : 0;
    return std::min(internal::AddToTime(ToEventTime(window.max_timestamp()), lateness), internal::kLastTimer);
  }
  bool IsLate(const TimeWindow& window, const Context& ctx) const {
    return kTime == WindowTime::kEvent && EndOfLife(window) <= ctx.watermark();
  }

  // False: the window is late.
  bool Add(const TimeWindow& assigned, const T& record, Context& ctx, Collector<Out>& out) {
    Windows* windows = windows_.Get();
    Entry* entry = windows == nullptr ? nullptr : Find(*windows, assigned, ctx);
    if (entry == nullptr) {
      if (IsLate(assigned, ctx)) return false;
      windows = &windows_.GetOrAdd();
      entry = &*windows->entries.emplace(windows->PlaceOf(assigned));
      entry->window = assigned;
      windows->alarm.SetBy(kOwnDomain, EndOfLife(assigned), ctx.timers());
    }
    if (entry->has_contents) {
      Contents::Add(entry->contents, record, ctx.time());
    } else {
      Contents::Start(entry->contents, record, ctx.time());
      entry->has_contents = true;
    }
    WindowTimers timers(entry->timers, windows->alarm, ctx.timers());
    TriggerContext<TriggerState> trigger_context(ctx, timers, entry->trigger);
    Obey(trigger_.OnElement(record, Shown(entry->window), trigger_context), *entry, ctx, out);
    if (IsUnused(*entry)) Remove(*windows, *entry, ctx);
    return true;
  }
  // nullptr: there is no such window yet.
  Entry* Find(Windows& windows, const TimeWindow& assigned, Context& ctx) {
    if constexpr (kMerging) {
      return Merge(windows, assigned, ctx);
    } else {
      const auto at = windows.PlaceOf(assigned);
      return at == windows.entries.end() || !(at->window == assigned) ? nullptr : &*at;
    }
  }

  void Obey(TriggerResult result, Entry& entry, Context& ctx, Collector<Out>& out) {
    if (result == TriggerResult::kContinue) return;
    if (IsFire(result) && entry.has_contents) {
      const W window = Shown(entry.window);
      out.SetOwnTime(ToEventTime(window.max_timestamp()));
      UserContext user_context(ctx, window, entry.function);
      if (!Contents::Emit(KeyFor(ctx), user_context, entry.contents, out)) Purge(entry);
    }
    if (IsPurge(result)) Purge(entry);
  }
  static auto KeyFor(const Context& ctx) {
    if constexpr (std::is_same_v<K, internal::NoKey>) {
      return internal::NoKey();
    } else {
      return ctx.key();
    }
  }
  static void Purge(Entry& entry) {
    entry.contents = typename Entry::Contents();
    entry.has_contents = false;
  }

  EventTime DueTime(const Entry& entry, TimeDomain domain) const {
    const EventTime timer = entry.timers.Earliest(domain);
    return domain == kOwnDomain ? std::min(timer, EndOfLife(entry.window)) : timer;
  }
  EventTime EarliestDue(const Windows& windows, TimeDomain domain) const {
    EventTime earliest = internal::kNoTimer;
    for (const Entry& entry : windows.entries) earliest = std::min(earliest, DueTime(entry, domain));
    return earliest;
  }
  // Fires the timers at `due`, once each: those that are registered meanwhile come with the key's next timer.
  void Fire(Windows& windows, TimeDomain domain, EventTime due, Context& ctx, Collector<Out>& out) {
    for (size_t i = 0; i < windows.entries.size();) {
      Entry& entry = windows.entries[i];
      if (DueTime(entry, domain) != due || !FireTimer(windows, entry, domain, due, ctx, out)) {
        ++i;
      } else {
        windows.entries.erase(windows.entries.begin() + static_cast<ptrdiff_t>(i));
      }
    }
  }
  // True: the window is to go.
  bool FireTimer(Windows& windows, Entry& entry, TimeDomain domain, EventTime due, Context& ctx, Collector<Out>& out) {
    entry.timers.Remove({due, domain});
    WindowTimers timers(entry.timers, windows.alarm, ctx.timers());
    TriggerContext<TriggerState> trigger_context(ctx, timers, entry.trigger);
    const W window = Shown(entry.window);
    const TriggerResult result = domain == TimeDomain::kEvent
                                     ? trigger_.OnEventTime(FromEventTime(due), window, trigger_context)
                                     : trigger_.OnProcessingTime(FromEventTime(due), window, trigger_context);
    Obey(result, entry, ctx, out);
    if (domain != kOwnDomain || due != EndOfLife(entry.window)) return IsUnused(entry);
    trigger_.Clear(window, trigger_context);
    UserContext user_context(ctx, window, entry.function);
    if constexpr (requires { Contents::UserFunction::Clear(user_context); })
      Contents::UserFunction::Clear(user_context);
    return true;
  }

  // A window that is never over, and of which there is nothing to keep.
  static bool IsUnused(const Entry& entry) {
    if constexpr (kTime == WindowTime::kNone && std::equality_comparable<TriggerState> &&
                  std::equality_comparable<typename Entry::FunctionState>) {
      return !entry.has_contents && entry.timers.empty() && entry.trigger == TriggerState() &&
             entry.function == typename Entry::FunctionState();
    } else {
      return false;
    }
  }
  void Remove(Windows& windows, Entry& entry, Context& ctx) {
    windows.entries.erase(windows.entries.begin() + (&entry - windows.entries.data()));
    if (windows.entries.empty()) DropWindows(windows, ctx);
  }
  void DropWindows(Windows& windows, Context& ctx) {
    windows.alarm.Stop(ctx.timers());
    windows_.Clear();
  }

  // The key's window that `assigned` belongs to, grown and made of all that it now touches; nullptr: it touches none.
  Entry* Merge(Windows& windows, const TimeWindow& assigned, Context& ctx) {
    const auto first = windows.FirstFrom(assigned.start);
    auto last = first;
    TimeWindow merged = assigned;
    for (; last != windows.entries.end() && last->window.start <= assigned.end; ++last) {
      merged.start = std::min(merged.start, last->window.start);
      merged.end = std::max(merged.end, last->window.end);
    }
    if (first == last) return nullptr;
    if (last - first > 1) {
      Unite(windows, first, last, merged, ctx);
    } else if (first->window != merged) {
      Grow(windows, *first, merged, ctx);
    }
    return &*first;
  }
  void Grow(Windows& windows, Entry& entry, const TimeWindow& merged, Context& ctx) {
    if constexpr (std::is_same_v<Tr, EventTimeTrigger>) {
      entry.window = merged;
      // Most records of a session come here. Its one timer moves; OnElement, which follows, would register it or fire.
      entry.timers.Replace({ToEventTime(merged.max_timestamp()), TimeDomain::kEvent});
      if (ToEventTime(merged.max_timestamp()) <= ctx.watermark()) entry.timers.Clear();
    } else {
      const TimeWindow before = std::exchange(entry.window, merged);
      TriggerState state = std::exchange(entry.trigger, TriggerState());
      TellTrigger(windows, entry, {&before, 1}, {&state, 1}, ctx);
    }
  }
  // The windows [first, last) become *first. Iterators up to `first` stay valid.
  void Unite(Windows& windows, typename std::vector<Entry>::iterator first, typename std::vector<Entry>::iterator last,
             const TimeWindow& merged, Context& ctx) {
    std::vector<TimeWindow> before;
    std::vector<TriggerState> states;
    for (auto each = first; each != last; ++each) {
      before.push_back(each->window);
      states.push_back(std::move(each->trigger));
      if (each == first || !each->has_contents) continue;
      if (first->has_contents) {
        Contents::Merge(first->contents, each->contents);
      } else {
        first->contents = std::move(each->contents);
        first->has_contents = true;
      }
    }
    first->window = merged;
    first->trigger = TriggerState();
    windows.entries.erase(first + 1, last);
    TellTrigger(windows, *first, before, states, ctx);
  }
  // Windows `before`, with these states, became `entry`.
  void TellTrigger(Windows& windows, Entry& entry, std::span<const TimeWindow> before, std::span<TriggerState> states,
                   Context& ctx) {
    entry.timers.Clear();
    WindowTimers timers(entry.timers, windows.alarm, ctx.timers());
    TriggerContext<TriggerState> trigger_context(ctx, timers, entry.trigger);
    trigger_.OnMerge(std::span<const TriggerState>(states), Shown(entry.window), trigger_context);
    internal::WindowTimerList gone;
    WindowTimers gone_timers(gone, windows.alarm, ctx.timers());
    for (size_t i = 0; i < before.size(); ++i) {
      TriggerContext<TriggerState> gone_context(ctx, gone_timers, states[i]);
      trigger_.Clear(Shown(before[i]), gone_context);
    }
  }

  void Drop(const T& record, Context& ctx) {
    if (lateness_.side_output.has_value()) {
      ctx.Output(*lateness_.side_output, record);
    } else {
      dropped_.Add();
    }
  }

  const Assigner assigner_;
  Tr trigger_;
  const Lateness<T> lateness_;
  DroppedRecords dropped_;
  internal::KeyWindowsState<Entry> windows_{this, "weir.windows"};
};

}  // namespace weir
