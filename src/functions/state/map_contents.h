// What a key has of a MapState: its entries, or how many pieces they lie in (map_pieces.h). A piece looks the same, with entries.
#pragma once

#include <algorithm>
#include <cstdint>
#include <limits>
#include <type_traits>
#include <utility>

#include "weir/base/coding.h"
#include "weir/functions/state/entry_map.h"
#include "weir/functions/state/keyed_rows.h"
#include "weir/functions/state/map_pieces.h"
#include "weir/types/schema/schema.h"
#include "weir/types/schema_of.h"

namespace weir::internal {

template <class K, class V>
struct MapContents {
  using Entries = EntryMap<K, V>;
  // In the place of last_write: some entries have no time, and never expire.
  static constexpr int64_t kNever = std::numeric_limits<int64_t>::max();
  // In the place of entry_count: some may have expired, of which nobody is told.
  static constexpr uint64_t kUnknown = kUnknownEntries;

  Entries entries;
  uint32_t pieces = 0;     // 0: all there is are `entries`; else they are empty
  bool scattered = false;  // entries are not in the pieces of their hashes
  // Of all pieces.
  uint64_t entry_count = 0;
  uint64_t bytes = 0;                     // with a time to live about
  int64_t last_write = Entries::kNoTime;  // of all pieces
  mutable uint32_t pins = 0;              // iterators over pieces: these stay as they are

  MapContents() = default;
  // Copies are pre-images.
  MapContents(const MapContents& other)
      : entries(other.entries),
        pieces(other.pieces),
        scattered(other.scattered),
        entry_count(other.entry_count),
        bytes(other.bytes),
        last_write(other.last_write) {}
  MapContents& operator=(const MapContents&) = delete;

  bool is_pinned() const { return pins > 0 || entries.pinned(); }
  // An entry of a piece was written at `time`.
  void NoteWrite(int64_t time) { last_write = std::max(last_write, time == Entries::kNoTime ? kNever : time); }
};

template <class K, class V>
struct MapCodec {
  using Contents = MapContents<K, V>;

  static void Write(const Contents& map, ByteWriter& out) {
    if (map.pieces == 0) return map.entries.Write(out);
    out.PutU32(map.pieces);
    out.PutU8(map.scattered ? kMapInScatteredPieces : kMapInPieces);
    out.PutU64(map.entry_count);
    out.PutU64(map.bytes);
    out.PutI64(map.last_write);
  }
  static void Read(ByteReader& in, Contents& map) {
    const uint32_t count = in.GetU32();
    const uint8_t form = in.GetU8();
    if (form < kMapInPieces) return map.entries.ReadEntries(count, form != 0, in);
    if (form > kMapInScatteredPieces || count == 0) in.Reject();
    map.pieces = count;
    map.scattered = form == kMapInScatteredPieces;
    map.entry_count = in.GetU64();
    map.bytes = in.GetU64();
    map.last_write = in.GetI64();
  }
  // The entries in pieces expire there, by themselves.
  static Expired Expire(Contents& map, int64_t time) {
    if (map.pieces > 0) return map.last_write <= time ? Expired::kAll : Expired::kNothing;
    const size_t before = map.entries.size();
    map.entries.Expire(time);
    // A piece may have lost its last entry long ago.
    if (map.entries.empty()) return Expired::kAll;
    if (map.entries.size() == before) return Expired::kNothing;
    map.entries.CloseHoles();
    return Expired::kSome;
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

}  // namespace weir::internal
