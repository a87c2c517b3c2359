// State of a map per key.
#pragma once

#include <algorithm>
#include <cstdint>
#include <limits>
#include <string_view>
#include <utility>
#include <vector>

#include "weir/functions/state/entry_map.h"
#include "weir/functions/state/map_contents.h"
#include "weir/functions/state/map_pieces.h"
#include "weir/functions/state/stateful_function.h"
#include "weir/functions/state/value_ops.h"

namespace weir {

// A map per key. With a time to live each entry expires on its own.
//
//   last_visit_.Put(click.url, ctx.timestamp());
//   if (const Timestamp* last = last_visit_.Get(url)) ...
//   for (auto [url, time] : last_visit_) ...                 // Put and Remove are allowed meanwhile
//
// Entries come in the order of insertion while the map is small; those of one of more than 4 KiB, which is kept in pieces, in an order that only depends on what
// happened to the map. Pointers and references to values are valid until the next Put, or until the call for this key returns.
template <class K, class V>
class MapState : public StateHandle {
  using Contents = internal::MapContents<K, V>;
  using Entries = internal::EntryMap<K, V>;

 public:
  using KeyArgument = MapKeyArgument<K>;
  class Iterator;

  MapState(StatefulFunction* function, std::string_view name, Ttl ttl = {})
      : StateHandle(function, name, StateKind::kMap, &internal::OwnedValueOps<Contents, internal::MapCodec<K, V>>::kOps,
                    ttl) {}

  // nullptr if there is none.
  const V* Get(KeyArgument key) const {
    Contents* const map = Existing();
    Entries* const entries = map == nullptr ? nullptr : EntriesFor(*map, key);
    const V* const value = entries == nullptr ? nullptr : entries->Find(key);
    if (value == nullptr || ttl_ms() == 0) return value;
    if (!entries->IsExpired(key, ExpiredAt())) {
      if (ttl().updates_on_read) {
        entries->Renew(key, now_ms());
        if (map->pieces > 0) map->NoteWrite(now_ms());
      }
      return value;
    }
    if (ttl().returns_expired) return value;
    RemoveFrom(*map, *entries, key);
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
    Contents& map = *At();
    const int64_t now = ttl_ms() > 0 ? now_ms() : Entries::kNoTime;
    if (map.pieces == 0) {
      map.entries.Put(key, std::move(value), now);
      if (map.entries.bytes() > internal::kMostMapBytes && !map.is_pinned()) Divide(map);
      return;
    }
    KnowCount(map);
    Entries& entries = MakePiece(internal::PieceOf(internal::HashMapKey<K>(key), map.pieces)).entries;
    const uint64_t count_before = entries.size();
    const uint64_t bytes_before = entries.bytes();
    entries.Put(key, std::move(value), now);
    if (map.entry_count != Contents::kUnknown) map.entry_count += entries.size() - count_before;
    map.bytes += entries.bytes() - bytes_before;
    map.NoteWrite(now);
    if (map.pins == 0) Reshape(map);
  }
  // Whether there was one.
  bool Remove(KeyArgument key) {
    if (!Contains(key)) return false;
    RemoveFrom(*At(), *EntriesFor(*At(), key), key);
    return true;
  }
  void Clear() {
    Contents* const map = Existing();
    if (map == nullptr || !map->is_pinned()) return DiscardAll();
    // Freed when the walk ends.
    ForEachPiece(*map, [](Contents& piece) { piece.entries.Clear(); });
    map->entries.Clear();
    map->entry_count = map->bytes = 0;
  }

  size_t size() const {
    Contents* const map = Fresh();
    if (map == nullptr || map->pieces == 0) return map == nullptr ? 0 : map->entries.size();
    KnowCount(*map);
    if (map->entry_count != Contents::kUnknown) return map->entry_count;
    size_t count = 0;
    ForEachPiece(*map, [&](Contents& piece) { count += piece.entries.size(); });
    return count;
  }
  bool empty() const { return size() == 0; }
  std::vector<K> Keys() const {
    std::vector<K> keys;
    for (const auto& [key, value] : *this) keys.push_back(key);
    return keys;
  }
  Iterator begin() const { return Iterator(this, Fresh()); }
  Iterator end() const { return Iterator(this); }

 private:
  Contents*& At() const { return *static_cast<Contents**>(slot()); }
  Contents* Existing() const {
    if (!Present()) return nullptr;
    if (At()->scattered) [[unlikely]]
      return Gather();
    return At();
  }
  // Brings every entry to the piece where it belongs; nullptr if nothing is left.
  [[gnu::noinline]] Contents* Gather() const;
  int64_t ExpiredAt() const { return now_ms() - ttl_ms(); }
  // The map without its expired entries, but for those in pieces; nullptr if nothing is left.
  Contents* Fresh() const {
    Contents* const map = Existing();
    if (map == nullptr || ttl_ms() == 0 || map->pieces > 0) return map;
    if (ttl().updates_on_read) map->entries.RenewAll(ExpiredAt(), now_ms());
    if (ttl().returns_expired) return map;
    map->entries.Expire(ExpiredAt());
    DropIfEmpty(*map);
    return Existing();
  }
  void RemoveFrom(Contents& map, Entries& entries, KeyArgument key) const {
    const uint64_t bytes_before = entries.bytes();
    if (map.pieces > 0) KnowCount(map);
    entries.Remove(key);
    if (map.pieces > 0) {
      if (map.entry_count != Contents::kUnknown) --map.entry_count;
      map.bytes -= bytes_before - entries.bytes();
    }
    DropIfEmpty(map);
  }
  // Brings the count of a map in pieces in order, where that can be: a state may get a time to live, or lose it, between two runs of a program.
  void KnowCount(Contents& map) const {
    if (ttl_ms() > 0) map.entry_count = Contents::kUnknown;
    if (ttl_ms() > 0 || map.entry_count != Contents::kUnknown) return;
    map.entry_count = map.bytes = 0;
    ForEachPiece(map, [&map](Contents& piece) {
      map.entry_count += piece.entries.size();
      map.bytes += piece.entries.bytes();
    });
  }
  void DropIfEmpty(const Contents& map) const {
    if (map.is_pinned()) return;
    // One whose count is not known goes when its last entry has expired.
    if (map.pieces == 0 ? map.entries.empty() : map.entry_count == 0) DiscardAll();
  }
  void DiscardAll() const {
    if (!Occupied()) return;
    DiscardPieces(0, At()->pieces);
    Discard();
  }

  // Where the entry of `key` is or belongs; nullptr: the piece has none.
  Entries* EntriesFor(Contents& map, KeyArgument key) const {
    if (map.pieces == 0) return &map.entries;
    Contents* const piece = Piece(internal::PieceOf(internal::HashMapKey<K>(key), map.pieces));
    return piece == nullptr ? nullptr : &piece->entries;
  }
  // nullptr: it has no entries. Stays where it is until the call for this key returns, or it is discarded.
  Contents* Piece(uint32_t number) const {
    char* row = nullptr;
    PreparePieces(number, 1, PieceUse::kChange, &row);
    void* const at = ValueIn(row);
    return at == nullptr ? nullptr : *static_cast<Contents**>(at);
  }
  // The same for a walk over all.
  Contents* PieceAt(const Contents& map, uint32_t number) const {
    Contents* const piece = Piece(number);
    if (piece != nullptr) Freshen(map, *piece);
    return piece;
  }
  Contents& MakePiece(uint32_t number) const {
    char* row = nullptr;
    PreparePieces(number, 1, PieceUse::kChange, &row);
    return MakePieceIn(row);
  }
  Contents& MakePieceIn(char* row) const {
    if (void* const at = ValueIn(row); at != nullptr) return **static_cast<Contents**>(at);
    Contents* const piece = new Contents();
    *static_cast<Contents**>(SetValueIn(row)) = piece;
    return *piece;
  }
  // What is seen of a piece when all are gone through: without what has expired, if that is not to be seen.
  void Freshen(const Contents& map, Contents& piece) const {
    if (ttl_ms() == 0) return;
    if (ttl().updates_on_read) {
      piece.entries.RenewAll(ExpiredAt(), now_ms());
      const_cast<Contents&>(map).NoteWrite(now_ms());
    }
    if (!ttl().returns_expired) piece.entries.Expire(ExpiredAt());
  }
  template <class Visit>
  void ForEachPiece(const Contents& map, Visit&& visit) const {
    char* rows[internal::kPiecesAtATime];
    for (uint32_t at = 0; at < map.pieces; at += internal::kPiecesAtATime) {
      const uint32_t count = std::min(internal::kPiecesAtATime, map.pieces - at);
      PreparePieces(at, count, PieceUse::kChange, rows);
      for (uint32_t i = 0; i < count; ++i) {
        void* const value = ValueIn(rows[i]);
        if (value == nullptr) continue;
        Contents& piece = **static_cast<Contents**>(value);
        Freshen(map, piece);
        visit(piece);
      }
    }
  }

  // Puts the entries of a map that has become too large into pieces, if the backend has them.
  void Divide(Contents& map) const;
  // Gives a map in pieces more or fewer of them, some at a time.
  void Reshape(Contents& map) const;
  void AddPiece(Contents& map) const;
  void RemovePiece(Contents& map) const;
  // Takes the entries of all pieces back.
  void Unite(Contents& map) const;
  // Looks at some pieces to know how many bytes they have when what expires is not told.
  void Estimate(Contents& map) const;
};

// Goes through the entries of one key. When the last iterator goes, the map may be freed: everything may have been removed meanwhile.
template <class K, class V>
class MapState<K, V>::Iterator {
 public:
  // The end.
  explicit Iterator(const MapState* owner) : owner_(owner) {}
  // `map` may be null: nothing to go through.
  Iterator(const MapState* owner, const Contents* map) : owner_(owner), map_(map) {
    if (map_ == nullptr) return;
    ++map_->pins;
    Enter(map_->pieces == 0 ? map_ : owner_->PieceAt(*map_, 0), 0);
    FindNext(0);
  }
  Iterator(const Iterator& other)
      : owner_(other.owner_), map_(other.map_), part_(other.part_), piece_(other.piece_), place_(other.place_) {
    if (map_ != nullptr) ++map_->pins;
    if (part_ != nullptr) part_->entries.Pin();
  }
  Iterator& operator=(const Iterator&) = delete;
  ~Iterator() {
    if (part_ != nullptr) part_->entries.Unpin();
    if (map_ == nullptr) return;
    --map_->pins;
    owner_->DropIfEmpty(*map_);
  }

  MapEntry<K, V> operator*() const { return part_->entries.At(place_); }
  Iterator& operator++() {
    FindNext(place_ + 1);
    return *this;
  }
  friend bool operator==(const Iterator& a, const Iterator& b) { return a.place_ == b.place_ && a.piece_ == b.piece_; }

 private:
  static constexpr uint32_t kNone = Entries::kNone;

  void Enter(const Contents* part, uint32_t piece) {
    if (part_ != nullptr) part_->entries.Unpin();
    part_ = part;
    piece_ = piece;
    if (part_ != nullptr) part_->entries.Pin();
  }
  // From `from` on, in this piece and those behind it.
  void FindNext(uint32_t from) {
    place_ = part_ == nullptr ? kNone : part_->entries.NextPlace(from);
    while (place_ == kNone && piece_ + 1 < map_->pieces) {
      Enter(owner_->PieceAt(*map_, piece_ + 1), piece_ + 1);
      place_ = part_ == nullptr ? kNone : part_->entries.NextPlace(0);
    }
    if (place_ == kNone) piece_ = 0;
  }

  const MapState* const owner_;
  const Contents* const map_ = nullptr;
  const Contents* part_ = nullptr;  // the map, or the piece of that number; null: it has no entries
  uint32_t piece_ = 0;
  uint32_t place_ = kNone;
};

template <class K, class V>
void MapState<K, V>::Divide(Contents& map) const {
  char* row = nullptr;
  if (!PreparePieces(0, 1, PieceUse::kChange, &row)) return;
  const uint64_t count = map.entries.size();
  const uint64_t bytes = map.entries.bytes();
  const uint32_t pieces =
      static_cast<uint32_t>(std::min<uint64_t>(bytes / internal::kPieceBytes + 1, std::numeric_limits<int32_t>::max()));
  std::vector<Entries> parts(pieces);
  map.entries.ForEach([&](const K& key, const V& value, int64_t time) {
    parts[internal::PieceOf(internal::HashMapKey<K>(key), pieces)].Put(key, value, time);
    map.NoteWrite(time);
  });
  map.entries.Clear();
  char* rows[internal::kPiecesAtATime];
  for (uint32_t at = 0; at < pieces; at += internal::kPiecesAtATime) {
    const uint32_t ready = std::min(internal::kPiecesAtATime, pieces - at);
    PreparePieces(at, ready, PieceUse::kChange, rows);
    for (uint32_t i = 0; i < ready; ++i) {
      // There may be some of a map whose time to live was over.
      Contents& piece = MakePieceIn(rows[i]);
      piece.entries.Clear();
      parts[at + i].MoveTo(piece.entries, [](const K&) { return true; });
    }
  }
  map.pieces = pieces;
  map.entry_count = count;
  map.bytes = bytes;
}

template <class K, class V>
typename MapState<K, V>::Contents* MapState<K, V>::Gather() const {
  Contents& map = *At();
  map.scattered = false;
  Unite(map);
  if (map.entries.bytes() > internal::kMostMapBytes) Divide(map);
  if (map.pieces == 0) DropIfEmpty(map);
  return Present() ? At() : nullptr;
}

template <class K, class V>
void MapState<K, V>::Reshape(Contents& map) const {
  constexpr int kStepsAtATime = 2;
  const auto is_too_large = [&map] { return map.bytes > map.pieces * internal::kPieceBytes; };
  if (ttl_ms() > 0 && is_too_large()) Estimate(map);
  if (map.bytes < internal::kFewestMapBytes && map.pieces <= internal::kPiecesAtATime) return Unite(map);
  for (int i = 0; i < kStepsAtATime && is_too_large(); ++i) AddPiece(map);
  for (int i = 0; i < kStepsAtATime && map.bytes * 4 < map.pieces * internal::kPieceBytes && map.pieces > 1; ++i)
    RemovePiece(map);
}

template <class K, class V>
void MapState<K, V>::AddPiece(Contents& map) const {
  const uint32_t added = map.pieces;
  Contents& to = MakePiece(added);
  to.entries.Clear();
  if (Contents* const from = Piece(internal::PieceToSplit(added)); from != nullptr) {
    from->entries.MoveTo(to.entries, [added](const K& key) {
      return internal::PieceOf(internal::HashMapKey<K>(key), added + 1) == added;
    });
  }
  map.pieces = added + 1;
}

template <class K, class V>
void MapState<K, V>::RemovePiece(Contents& map) const {
  const uint32_t gone = map.pieces - 1;
  if (Contents* const from = Piece(gone); from != nullptr) {
    Contents& to = MakePiece(internal::PieceToSplit(gone));
    from->entries.MoveTo(to.entries, [](const K&) { return true; });
  }
  DiscardPieces(gone, 1);
  map.pieces = gone;
}

template <class K, class V>
void MapState<K, V>::Unite(Contents& map) const {
  ForEachPiece(map, [&](Contents& piece) { piece.entries.MoveTo(map.entries, [](const K&) { return true; }); });
  DiscardPieces(0, map.pieces);
  map.pieces = 0;
  map.entry_count = map.bytes = 0;
  map.last_write = Entries::kNoTime;
}

template <class K, class V>
void MapState<K, V>::Estimate(Contents& map) const {
  // Those that follow the one that is next to be divided: each Put comes by at others.
  constexpr uint32_t kLookedAt = 4;
  uint64_t bytes = 0;
  for (uint32_t i = 0; i < kLookedAt; ++i) {
    Contents* const piece = Piece((internal::PieceToSplit(map.pieces) + i) % map.pieces);
    if (piece == nullptr) continue;
    piece->entries.Expire(ExpiredAt());
    bytes += piece->entries.bytes();
  }
  map.bytes = bytes / kLookedAt * map.pieces;
}

}  // namespace weir
