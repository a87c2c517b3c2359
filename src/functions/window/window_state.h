// What a key keeps for its windows.
#pragma once

#include <algorithm>
#include <cstdint>
#include <string_view>
#include <utility>
#include <vector>

#include "weir/functions/state/stateful_function.h"
#include "weir/functions/state/value_ops.h"
#include "weir/functions/window/time_window.h"
#include "weir/functions/window/window_timers.h"

namespace weir::internal {

// One window: its contents (V), and the state of its trigger (S) and of its function (U).
template <class V, class S, class U>
struct WindowEntry {
  static_assert(CheckStateValue<V>() && CheckStateValue<S>() && CheckStateValue<U>());
  using Contents = V;
  using TriggerState = S;
  using FunctionState = U;

  TimeWindow window;
  bool has_contents = false;  // no longer after a purge
  V contents{};
  [[no_unique_address]] S trigger{};
  [[no_unique_address]] U function{};
  WindowTimerList timers;
};

// In order of ends, then starts; no two are equal.
template <class Entry>
struct KeyWindows {
  std::vector<Entry> entries;
  KeyAlarm alarm;

  // The first entry that ends at `end` or later.
  typename std::vector<Entry>::iterator FirstFrom(Timestamp end) {
    // Records mostly belong to the last windows.
    if (entries.empty() || entries.back().window.end < end) return entries.end();
    return std::lower_bound(entries.begin(), entries.end(), end,
                            [](const Entry& entry, Timestamp at) { return entry.window.end < at; });
  }
  // Where `window` is, or belongs.
  typename std::vector<Entry>::iterator PlaceOf(const TimeWindow& window) {
    auto at = FirstFrom(window.end);
    while (at != entries.end() && at->window.end == window.end && at->window.start < window.start) ++at;
    return at;
  }
};

// The schema of KeyWindows: a record of the alarm's times and the windows.
Schema KeyWindowsSchema(const Schema& contents, const Schema& trigger, const Schema& function);

// Alarm times, u32 count; of each window: start, end, bool: has contents, contents if so, trigger, function, timers.
template <class Entry>
struct KeyWindowsCodec {
  using Windows = KeyWindows<Entry>;
  static void Write(const Windows& windows, ByteWriter& out) {
    for (const EventTime time : windows.alarm.times) out.PutI64(time);
    out.PutU32(static_cast<uint32_t>(windows.entries.size()));
    for (const Entry& entry : windows.entries) {
      out.PutI64(ToEventTime(entry.window.start));
      out.PutI64(ToEventTime(entry.window.end));
      out.PutBool(entry.has_contents);
      if (entry.has_contents) Serializer<typename Entry::Contents>::Write(entry.contents, out);
      Serializer<typename Entry::TriggerState>::Write(entry.trigger, out);
      Serializer<typename Entry::FunctionState>::Write(entry.function, out);
      entry.timers.Write(out);
    }
  }
  static void Read(ByteReader& in, Windows& windows) {
    for (EventTime& time : windows.alarm.times) time = in.GetI64();
    const uint32_t count = in.GetU32();
    for (uint32_t i = 0; i < count && in.ok(); ++i) {
      Entry entry;
      entry.window.start = FromEventTime(in.GetI64());
      entry.window.end = FromEventTime(in.GetI64());
      entry.has_contents = in.GetBool();
      if (entry.has_contents) Serializer<typename Entry::Contents>::Read(in, entry.contents);
      Serializer<typename Entry::TriggerState>::Read(in, entry.trigger);
      Serializer<typename Entry::FunctionState>::Read(in, entry.function);
      entry.timers.Read(in);
      windows.entries.push_back(std::move(entry));
    }
  }
  static const Schema& StateSchema() {
    static const Schema schema =
        KeyWindowsSchema(SchemaOf<typename Entry::Contents>(), SchemaOf<typename Entry::TriggerState>(),
                         SchemaOf<typename Entry::FunctionState>());
    return schema;
  }
};

// The windows of the current key. Pointers are valid until the state is cleared or the call for this key returns.
template <class Entry>
class KeyWindowsState : public StateHandle {
 public:
  using Windows = KeyWindows<Entry>;

  KeyWindowsState(StatefulFunction* function, std::string_view name)
      : StateHandle(function, name, StateKind::kValue, &OwnedValueOps<Windows, KeyWindowsCodec<Entry>>::kOps, Ttl()) {}

  // nullptr: the key has no windows.
  Windows* Get() const { return Present() ? At() : nullptr; }
  Windows& GetOrAdd() {
    if (!Present()) At() = new Windows();
    SetPresent();
    return *At();
  }
  void Clear() { Discard(); }

 private:
  Windows*& At() const { return *static_cast<Windows**>(slot()); }
};

}  // namespace weir::internal
