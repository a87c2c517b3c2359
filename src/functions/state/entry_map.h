// The map behind MapState and BroadcastState: entries in order of insertion, with an index once there are more than a few.
#pragma once

#include <cstdint>
#include <limits>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <vector>

#include "weir/functions/state/map_key.h"
#include "weir/functions/state/value_ops.h"

namespace weir {

// One entry as iteration shows it: `for (auto [key, value] : map)`.
template <class K, class V>
struct MapEntry {
  const K& key;
  const V& value;
};

namespace internal {

// Bytes that a key or value takes when it is written, about: what is as long as its memory is not written for that.
template <class T>
uint64_t WrittenBytes(const T& value) {
  if constexpr (std::is_same_v<T, std::string>) {
    return sizeof(uint32_t) + value.size();
  } else if constexpr (std::is_trivially_copyable_v<T>) {
    return sizeof(T);
  } else {
    ByteWriter bytes;
    Serializer<T>::Write(value, bytes);
    return bytes.size();
  }
}

// Iteration goes by place, not by pointer: entries may be added and removed meanwhile. Entries that were added then may or may not be visited; each of
// the others is visited once. References to keys and values are valid until the next Put.
template <class K, class V>
class EntryMap {
  static_assert(CheckStateValue<K>() && CheckStateValue<V>());
  static_assert(
      requires(const K& a, const K& b) { a == b; },
      "weir: a map's key type needs ==; add `bool operator==(const Key&) const = default;` to it");
  static_assert(!FindKeyParts<K>().unordered,
                "weir: unordered containers are no keys, of maps neither: equal ones may have different bytes. Use "
                "std::map or std::set");
  static_assert(!FindKeyParts<K>().fixed_floats, "weir: sets and maps of floating-point numbers are no keys of maps");

 public:
  static constexpr uint32_t kNone = std::numeric_limits<uint32_t>::max();
  // In place of the time of the last write, where entries do not expire.
  static constexpr int64_t kNoTime = std::numeric_limits<int64_t>::min() + 1;

  EntryMap() = default;
  // Copies are pre-images: nobody iterates over them.
  EntryMap(const EntryMap& other)
      : entries_(other.entries_), index_(other.index_), bytes_(other.bytes_), removed_(other.removed_) {}
  EntryMap& operator=(const EntryMap&) = delete;

  size_t size() const { return entries_.size() - removed_; }
  bool empty() const { return size() == 0; }
  // Of its keys and values when they are written, about.
  uint64_t bytes() const { return bytes_; }

  V* Find(MapKeyArgument<K> key) {
    const uint32_t at = Locate(key);
    return at == kNone ? nullptr : &entries_[at].value;
  }
  // Whether the entry, which must exist, was written at `expired` or before.
  bool IsExpired(MapKeyArgument<K> key, int64_t expired) const { return IsExpired(entries_[Locate(key)], expired); }

  void Put(MapKeyArgument<K> key, V value, int64_t now) {
    const uint32_t at = Locate(key);
    if (at != kNone) {
      bytes_ += WrittenBytes(value) - WrittenBytes(entries_[at].value);
      entries_[at].value = std::move(value);
      entries_[at].time = now;
      return;
    }
    // `key` may be a part of another entry, which moves.
    Entry entry{K(key), std::move(value), now};
    if (pins_ == 0 && removed_ > 0 && removed_ * 2 >= entries_.size()) Compact();
    entries_.push_back(std::move(entry));
    bytes_ += BytesOf(entries_.back());
    if (entries_.size() > kMostWithoutIndex) IndexLast();
  }
  bool Remove(MapKeyArgument<K> key) {
    const uint32_t at = Locate(key);
    if (at == kNone) return false;
    RemoveAt(at);
    return true;
  }
  void Clear() {
    for (uint32_t at = 0; at < entries_.size(); ++at) {
      if (entries_[at].time != kRemoved) RemoveAt(at);
    }
    if (pins_ == 0) Compact();
  }
  // Removes what was written at `expired` or before.
  void Expire(int64_t expired) {
    for (uint32_t at = 0; at < entries_.size(); ++at) {
      if (entries_[at].time != kRemoved && IsExpired(entries_[at], expired)) RemoveAt(at);
    }
  }

  // Calls visit(key, value, time) for each, in order.
  template <class Visit>
  void ForEach(Visit&& visit) const {
    for (const Entry& entry : entries_) {
      if (entry.time != kRemoved) visit(entry.key, entry.value, entry.time);
    }
  }
  // Moves those of whose keys `goes(key)` is true to `to`, which has none of them, in their order. Not while it is pinned.
  template <class Goes>
  void MoveTo(EntryMap& to, Goes&& goes) {
    for (uint32_t at = 0; at < entries_.size(); ++at) {
      Entry& entry = entries_[at];
      if (entry.time == kRemoved || !goes(entry.key)) continue;
      // Before the move: what is left of a string is no measure.
      bytes_ -= BytesOf(entry);
      to.Put(entry.key, std::move(entry.value), entry.time);
      Empty(entry);
    }
    Compact();
  }

  // As if the entry, which must exist, was written at `now`.
  void Renew(MapKeyArgument<K> key, int64_t now) { Renew(entries_[Locate(key)], now); }
  // The same for all that were written after `expired`.
  void RenewAll(int64_t expired, int64_t now) {
    for (Entry& entry : entries_) {
      if (entry.time > expired) Renew(entry, now);
    }
  }
  // Gives back the memory of what was removed, once it is most.
  void CloseHoles() {
    if (pins_ == 0 && removed_ * 2 >= entries_.size()) Compact();
  }

  // Places in order of insertion, kNone behind the last. While pinned, entries stay at their places.
  uint32_t NextPlace(uint32_t from) const {
    while (from < entries_.size() && entries_[from].time == kRemoved) ++from;
    return from < entries_.size() ? from : kNone;
  }
  MapEntry<K, V> At(uint32_t place) const { return {entries_[place].key, entries_[place].value}; }
  void Pin() const { ++pins_; }
  void Unpin() const { --pins_; }
  bool pinned() const { return pins_ > 0; }

  // u32 count, bool: with times, then key, value and, if with times, the time of each.
  void Write(ByteWriter& out) const;
  void Read(ByteReader& in) {
    const uint32_t count = in.GetU32();
    ReadEntries(count, in.GetBool(), in);
  }
  // What comes behind count and bool.
  void ReadEntries(uint32_t count, bool with_times, ByteReader& in);

 private:
  struct Entry {
    K key;
    V value;
    int64_t time;  // of the last write; kRemoved: a hole
  };
  static constexpr int64_t kRemoved = std::numeric_limits<int64_t>::min();
  // Up to so many entries a walk over them beats hashing the key.
  static constexpr size_t kMostWithoutIndex = 8;

  // An entry from before the state had a time to live stays without a time until it is written.
  static void Renew(Entry& entry, int64_t now) {
    if (entry.time != kNoTime) entry.time = now;
  }
  static bool IsExpired(const Entry& entry, int64_t expired) { return entry.time != kNoTime && entry.time <= expired; }
  uint32_t Locate(MapKeyArgument<K> key) const;
  static uint64_t BytesOf(const Entry& entry) { return WrittenBytes(entry.key) + WrittenBytes(entry.value); }
  void RemoveAt(uint32_t at) {
    bytes_ -= BytesOf(entries_[at]);
    Empty(entries_[at]);
  }
  // Makes a hole of it.
  void Empty(Entry& entry) {
    entry.key = K();
    entry.value = V();
    entry.time = kRemoved;
    ++removed_;
  }
  // Closes the holes.
  void Compact();
  // Enters the last entry into the index, or builds it anew when it gets full.
  void IndexLast();
  void Rebuild();
  void Enter(uint32_t at, uint64_t hash) {
    const size_t mask = index_.size() - 1;
    size_t place = hash & mask;
    while (index_[place] != 0) place = (place + 1) & mask;
    index_[place] = at + 1;
  }

  std::vector<Entry> entries_;
  // Open addressing by HashMapKey, a power of two and at most half full: number of the entry + 1, or 0. Holes stay in it until it is rebuilt.
  std::vector<uint32_t> index_;
  uint64_t bytes_ = 0;
  uint32_t removed_ = 0;       // holes
  mutable uint32_t pins_ = 0;  // living iterators: entries must not change place
};

// Iterator over a state's entries. When the last one of a map goes, `Owner::DropIfEmpty(map)` may free it: everything may have been removed meanwhile.
template <class K, class V, class Owner>
class EntryIterator {
 public:
  using Map = EntryMap<K, V>;

  // `map` may be null: nothing to iterate over.
  EntryIterator(const Owner* owner, const Map* map, uint32_t place) : owner_(owner), map_(map), place_(place) {
    if (map_ != nullptr) map_->Pin();
  }
  EntryIterator(const EntryIterator& other) : EntryIterator(other.owner_, other.map_, other.place_) {}
  EntryIterator& operator=(const EntryIterator&) = delete;
  ~EntryIterator() {
    if (map_ == nullptr) return;
    map_->Unpin();
    if (!map_->pinned()) owner_->DropIfEmpty(*map_);
  }

  MapEntry<K, V> operator*() const { return map_->At(place_); }
  EntryIterator& operator++() {
    place_ = map_->NextPlace(place_ + 1);
    return *this;
  }
  friend bool operator==(const EntryIterator& a, const EntryIterator& b) { return a.place_ == b.place_; }

 private:
  const Owner* const owner_;
  const Map* const map_;
  uint32_t place_;
};

template <class K, class V>
uint32_t EntryMap<K, V>::Locate(MapKeyArgument<K> key) const {
  if (index_.empty()) {
    for (uint32_t at = 0; at < entries_.size(); ++at) {
      if (entries_[at].time != kRemoved && IsSameMapKey<K>(entries_[at].key, key)) return at;
    }
    return kNone;
  }
  const size_t mask = index_.size() - 1;
  for (size_t place = HashMapKey<K>(key) & mask; index_[place] != 0; place = (place + 1) & mask) {
    const Entry& entry = entries_[index_[place] - 1];
    if (entry.time != kRemoved && IsSameMapKey<K>(entry.key, key)) return index_[place] - 1;
  }
  return kNone;
}

template <class K, class V>
void EntryMap<K, V>::Compact() {
  std::erase_if(entries_, [](const Entry& entry) { return entry.time == kRemoved; });
  removed_ = 0;
  if (entries_.size() > kMostWithoutIndex) {
    Rebuild();
  } else {
    index_.clear();
  }
}

template <class K, class V>
void EntryMap<K, V>::IndexLast() {
  if (entries_.size() * 2 > index_.size()) {
    Rebuild();
  } else {
    Enter(static_cast<uint32_t>(entries_.size() - 1), HashMapKey<K>(entries_.back().key));
  }
}

template <class K, class V>
void EntryMap<K, V>::Rebuild() {
  size_t size = 4 * kMostWithoutIndex;
  while (size < entries_.size() * 4) size *= 2;
  index_.assign(size, 0);
  for (uint32_t at = 0; at < entries_.size(); ++at) {
    if (entries_[at].time != kRemoved) Enter(at, HashMapKey<K>(entries_[at].key));
  }
}

template <class K, class V>
void EntryMap<K, V>::Write(ByteWriter& out) const {
  bool with_times = false;
  for (const Entry& entry : entries_) with_times |= entry.time != kRemoved && entry.time != kNoTime;
  out.PutU32(static_cast<uint32_t>(size()));
  out.PutBool(with_times);
  for (const Entry& entry : entries_) {
    if (entry.time == kRemoved) continue;
    Serializer<K>::Write(entry.key, out);
    Serializer<V>::Write(entry.value, out);
    if (with_times) out.PutI64(entry.time);
  }
}

template <class K, class V>
void EntryMap<K, V>::ReadEntries(uint32_t count, bool with_times, ByteReader& in) {
  for (uint32_t i = 0; i < count && in.ok(); ++i) {
    K key{};
    V value{};
    Serializer<K>::Read(in, key);
    Serializer<V>::Read(in, value);
    Put(key, std::move(value), with_times ? in.GetI64() : kNoTime);
  }
}

}  // namespace internal
}  // namespace weir
