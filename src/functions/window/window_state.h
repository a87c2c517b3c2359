// What a key keeps for each of its windows.
#pragma once

#include <algorithm>
#include <cstdint>
#include <string_view>
#include <utility>
#include <vector>

#include "weir/functions/state/stateful_function.h"
#include "weir/functions/state/value_ops.h"
#include "weir/functions/window/windows.h"

namespace weir {

namespace internal {

// One window and what is kept for it.
template <class V>
struct WindowEntry {
  TimeWindow window;
  V value;
  bool is_pending = false;  // its timer at end - 1 will fire it
};

// As a MapState<TimeWindow, pair<V, bool>> is written: u32 count, bool: with times (none), window, value and is_pending of each.
template <class V>
struct WindowCodec {
  using Entries = std::vector<WindowEntry<V>>;
  static void Write(const Entries& entries, ByteWriter& out) {
    out.PutU32(static_cast<uint32_t>(entries.size()));
    out.PutBool(false);
    for (const WindowEntry<V>& entry : entries) {
      Serializer<TimeWindow>::Write(entry.window, out);
      Serializer<V>::Write(entry.value, out);
      out.PutBool(entry.is_pending);
    }
  }
  static void Read(ByteReader& in, Entries& entries) {
    const uint32_t count = in.GetU32();
    in.GetBool();
    for (uint32_t i = 0; i < count && in.ok(); ++i) {
      WindowEntry<V> entry{};
      Serializer<TimeWindow>::Read(in, entry.window);
      Serializer<V>::Read(in, entry.value);
      entry.is_pending = in.GetBool();
      entries.push_back(std::move(entry));
    }
  }
  static const Schema& StateSchema() {
    static const Schema schema(TypeKind::kMap, {SchemaOf<TimeWindow>(), SchemaOf<std::pair<V, bool>>()});
    return schema;
  }
};

}  // namespace internal

// The windows of a key, in order of their ends, no two with the same end: windows of one size, or windows that do not overlap.
// Pointers to entries are valid until one is added or removed, or the call for this key returns.
template <class V>
class WindowState : public StateHandle {
  static_assert(internal::CheckStateValue<V>());

 public:
  using Entry = internal::WindowEntry<V>;
  using Entries = std::vector<Entry>;

  WindowState(StatefulFunction* function, std::string_view name)
      : StateHandle(function, name, StateKind::kMap, &internal::OwnedValueOps<Entries, internal::WindowCodec<V>>::kOps,
                    Ttl()) {}

  // The entries to read and to change in place; nullptr if there are none.
  Entries* Get() const { return Present() ? At() : nullptr; }
  // The window that ends at `end`; nullptr if there is none.
  Entry* FindEnd(Timestamp end) const {
    Entries* const entries = Get();
    if (entries == nullptr) return nullptr;
    const auto at = FirstFrom(*entries, end);
    return at == entries->end() || at->window.end != end ? nullptr : &*at;
  }
  // No window ends where this one does.
  Entry& Add(TimeWindow window, V value) {
    if (!Present()) At() = new Entries();
    SetPresent();
    Entries& entries = *At();
    return *entries.insert(FirstFrom(entries, window.end), Entry{window, std::move(value)});
  }
  // Removes the first `count` windows.
  void RemoveFirst(size_t count) {
    if (count == 0) return;
    Entries& entries = *At();
    if (count == entries.size()) return Discard();
    entries.erase(entries.begin(), entries.begin() + static_cast<ptrdiff_t>(count));
  }
  // The first entry of `entries` that ends at `end` or later.
  static typename Entries::iterator FirstFrom(Entries& entries, Timestamp end) {
    // Records mostly belong to the last windows.
    if (entries.empty() || entries.back().window.end < end) return entries.end();
    return std::lower_bound(entries.begin(), entries.end(), end,
                            [](const Entry& entry, Timestamp at) { return entry.window.end < at; });
  }

 private:
  Entries*& At() const { return *static_cast<Entries**>(slot()); }
};

}  // namespace weir
