// State of a map per key.
#pragma once

#include <cstdint>
#include <string_view>
#include <utility>
#include <vector>

#include "weir/functions/state/entry_map.h"
#include "weir/functions/state/stateful_function.h"
#include "weir/functions/state/value_ops.h"

namespace weir {

namespace internal {

template <class K, class V>
struct MapCodec {
  static void Write(const EntryMap<K, V>& map, ByteWriter& out) { map.Write(out); }
  static void Read(ByteReader& in, EntryMap<K, V>& map) { map.Read(in); }
  static Expired Expire(EntryMap<K, V>& map, int64_t time) {
    const size_t before = map.size();
    map.Expire(time);
    if (map.size() == before) return Expired::kNothing;
    map.CloseHoles();
    return map.empty() ? Expired::kAll : Expired::kSome;
  }
  static void WriteDefault(ByteWriter& out) {
    Serializer<K>::Write(K{}, out);
    Serializer<V>::Write(V{}, out);
  }
  static const Schema& StateSchema() {
    static const Schema schema(TypeKind::kMap, {SchemaOf<K>(), SchemaOf<V>()});
    return schema;
  }
};

}  // namespace internal

// A map per key. With a time to live each entry expires on its own.
//
//   last_visit_.Put(click.url, ctx.timestamp());
//   if (const Timestamp* last = last_visit_.Get(url)) ...
//   for (auto [url, time] : last_visit_) ...                 // in order of insertion; Put and Remove are allowed meanwhile
//
// Pointers and references to values are valid until the next Put, or until the call for this key returns.
template <class K, class V>
class MapState : public StateHandle {
  using Contents = internal::EntryMap<K, V>;

 public:
  using KeyArgument = MapKeyArgument<K>;
  using Iterator = internal::EntryIterator<K, V, MapState>;

  MapState(StatefulFunction* function, std::string_view name, Ttl ttl = {})
      : StateHandle(function, name, StateKind::kMap, &internal::OwnedValueOps<Contents, internal::MapCodec<K, V>>::kOps,
                    ttl) {}

  // nullptr if there is none.
  const V* Get(KeyArgument key) const {
    Contents* const map = Existing();
    if (map == nullptr) return nullptr;
    const V* const value = map->Find(key);
    if (value == nullptr || ttl_ms() == 0) return value;
    if (!map->IsExpired(key, now_ms() - ttl_ms())) {
      if (ttl().updates_on_read) map->Renew(key, now_ms());
      return value;
    }
    if (ttl().returns_expired) return value;
    RemoveFrom(*map, key);
    return nullptr;
  }
  bool Contains(KeyArgument key) const { return Get(key) != nullptr; }
  V ValueOr(KeyArgument key, V fallback) const {
    const V* const value = Get(key);
    return value == nullptr ? std::move(fallback) : *value;
  }

  void Put(KeyArgument key, V value) {
    if (Existing() == nullptr) At() = new Contents();
    SetPresent();
    At()->Put(key, std::move(value), ttl_ms() > 0 ? now_ms() : Contents::kNoTime);
  }
  // Whether there was one.
  bool Remove(KeyArgument key) {
    if (!Contains(key)) return false;
    RemoveFrom(*At(), key);
    return true;
  }
  void Clear() {
    if (Contents* const map = Existing(); map != nullptr && map->pinned()) {
      map->Clear();  // freed when the walk ends
      return;
    }
    Discard();
  }

  size_t size() const {
    const Contents* const map = Fresh();
    return map == nullptr ? 0 : map->size();
  }
  bool empty() const { return size() == 0; }
  std::vector<K> Keys() const {
    std::vector<K> keys;
    for (const auto& [key, value] : *this) keys.push_back(key);
    return keys;
  }
  Iterator begin() const {
    const Contents* const map = Fresh();
    return Iterator(this, map, map == nullptr ? Contents::kNone : map->NextPlace(0));
  }
  Iterator end() const { return Iterator(this, Existing(), Contents::kNone); }

 private:
  friend Iterator;

  Contents*& At() const { return *static_cast<Contents**>(slot()); }
  Contents* Existing() const { return Present() ? At() : nullptr; }
  // The map without its expired entries; nullptr if nothing is left.
  Contents* Fresh() const {
    Contents* const map = Existing();
    if (map == nullptr || ttl_ms() == 0) return map;
    if (ttl().updates_on_read) map->RenewAll(now_ms() - ttl_ms(), now_ms());
    if (ttl().returns_expired) return map;
    map->Expire(now_ms() - ttl_ms());
    DropIfEmpty(*map);
    return Existing();
  }
  void RemoveFrom(Contents& map, KeyArgument key) const {
    map.Remove(key);
    DropIfEmpty(map);
  }
  void DropIfEmpty(const Contents& map) const {
    if (map.empty() && !map.pinned()) Discard();
  }
};

}  // namespace weir
