// State of a list per key.
#pragma once

#include <cstdint>
#include <span>
#include <string_view>
#include <type_traits>
#include <utility>
#include <vector>

#include "weir/functions/state/stateful_function.h"
#include "weir/functions/state/value_ops.h"

namespace weir {

namespace internal {

// The elements of one key, and when each was written if they have a time to live.
template <class V>
struct ListContents {
  std::vector<V> values;
  std::vector<int64_t> times;  // parallel to `values`, or empty

  // As if written at `now` what was written after `expired`.
  void Renew(int64_t expired, int64_t now) {
    for (int64_t& time : times) {
      if (time > expired) time = now;
    }
  }
  // Removes what was written at `expired` or before.
  void Expire(int64_t expired) {
    size_t kept = 0;
    for (size_t i = 0; i < times.size(); ++i) {
      if (times[i] <= expired) continue;
      if (kept != i) {
        values[kept] = std::move(values[i]);
        times[kept] = times[i];
      }
      ++kept;
    }
    values.resize(kept);
    times.resize(kept);
  }
};

// u32 count, bool: with times, the values, the times.
template <class V>
struct ListCodec {
  static void Write(const ListContents<V>& list, ByteWriter& out) {
    out.PutU32(static_cast<uint32_t>(list.values.size()));
    out.PutBool(!list.times.empty());
    for (const V& value : list.values) Serializer<V>::Write(value, out);
    for (int64_t time : list.times) out.PutI64(time);
  }
  static void Read(ByteReader& in, ListContents<V>& list) {
    const uint32_t count = in.GetU32();
    const bool with_times = in.GetBool();
    for (uint32_t i = 0; i < count && in.ok(); ++i) {
      V value{};
      Serializer<V>::Read(in, value);
      list.values.push_back(std::move(value));
    }
    for (uint32_t i = 0; with_times && i < count && in.ok(); ++i) list.times.push_back(in.GetI64());
  }
  static Expired Expire(ListContents<V>& list, int64_t time) {
    if (list.times.empty()) return Expired::kNothing;
    const size_t before = list.times.size();
    list.Expire(time);
    if (list.times.size() == before) return Expired::kNothing;
    return list.times.empty() ? Expired::kAll : Expired::kSome;
  }
  static void WriteDefault(ByteWriter& out) { Serializer<V>::Write(V{}, out); }
  static const Schema& StateSchema() {
    static const Schema schema(TypeKind::kList, {SchemaOf<V>()});
    return schema;
  }
};

}  // namespace internal

// A list per key. With a time to live each element expires on its own.
//
//   events_.Add(event);
//   for (const Event& event : events_.Get()) ...
//
// The range that Get returns is valid until the list changes or the call for this key returns.
template <class V>
class ListState : public StateHandle {
  static_assert(internal::CheckStateValue<V>());
  static_assert(!std::is_same_v<V, bool>, "weir: a list of bool has no elements to point to: use uint8_t or an enum");
  using Contents = internal::ListContents<V>;

 public:
  ListState(StatefulFunction* function, std::string_view name, Ttl ttl = {})
      : StateHandle(function, name, StateKind::kList, &internal::OwnedValueOps<Contents, internal::ListCodec<V>>::kOps,
                    ttl) {}

  std::span<const V> Get() const {
    const Contents* const list = Fresh();
    return list == nullptr ? std::span<const V>() : std::span<const V>(list->values);
  }
  size_t size() const { return Get().size(); }
  bool empty() const { return Get().empty(); }

  void Add(V value) {
    Contents& list = Mutable();
    list.values.push_back(std::move(value));
    StampNew(list);
  }
  void AddAll(std::span<const V> values) {
    if (values.empty()) return;
    Contents& list = Mutable();
    list.values.insert(list.values.end(), values.begin(), values.end());
    StampNew(list);
  }
  // Replaces the list; an empty one clears the state.
  void Update(std::vector<V> values) {
    if (values.empty()) return Clear();
    Contents& list = Mutable();
    list.values = std::move(values);
    list.times.clear();
    StampNew(list);
  }
  void Clear() { Discard(); }

 private:
  Contents*& At() const { return *static_cast<Contents**>(slot()); }
  // The list without its expired elements; nullptr if nothing is left.
  const Contents* Fresh() const {
    if (!Present()) return nullptr;
    Contents* const list = At();
    if (ttl_ms() == 0 || list->times.empty()) return list;
    if (!ttl().returns_expired) list->Expire(now_ms() - ttl_ms());
    if (ttl().updates_on_read) list->Renew(now_ms() - ttl_ms(), now_ms());
    if (!list->values.empty()) return list;
    Discard();
    return nullptr;
  }
  // Elements of a snapshot without times, from before the state had a time to live, count as written at the first change.
  void StampNew(Contents& list) const { list.times.resize(ttl_ms() > 0 ? list.values.size() : 0, now_ms()); }
  Contents& Mutable() {
    if (!Present()) At() = new Contents();
    SetPresent();
    return *At();
  }
};

}  // namespace weir
