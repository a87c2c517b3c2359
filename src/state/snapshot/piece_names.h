// The keys of the rows in which pieces of large maps and lists lie (functions/state/map_pieces.h, list_pieces.h): docs/formats/keyed_rows.md, Pieces.
#pragma once

#include <cstdint>
#include <string_view>
#include <vector>

#include "weir/base/coding.h"
#include "weir/functions/state/keyed_rows.h"
#include "weir/state/snapshot/keyed_rows_format.h"

namespace weir {

// Of what shape the rows of pieces are, beside rows of `shape`.
KeyedRowsShape PiecesShapeOf(const KeyedRowsShape& shape);

// Keys for one look-up of pieces.
class PieceNames {
 public:
  // Of pieces [first, first + count) of the map or list that state number `state` of the row with `key` has; `hash`: the key's.
  void Set(const KeyedRowsShape& shape, uint32_t state, const StoredKey& key, uint64_t hash, uint32_t first,
           uint32_t count);
  // Valid until the next Set.
  KeyColumn keys() const { return {nullptr, keys_.data()}; }
  const uint64_t* hashes() const { return hashes_.data(); }

 private:
  ByteWriter bytes_;
  std::vector<std::string_view> keys_;
  std::vector<uint64_t> hashes_;
};

// What such a key says.
struct PieceName {
  uint64_t state = 0;  // HashBytes of its name
  uint32_t number = 0;
  std::string_view key;  // of the map or list: an integer's eight bytes, or the bytes

  static StatusOr<PieceName> Of(std::string_view bytes);
};

}  // namespace weir
