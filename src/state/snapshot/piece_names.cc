#include "weir/state/snapshot/piece_names.h"

#include <utility>

#include "weir/base/hash.h"
#include "weir/functions/state/map_pieces.h"

namespace weir {

namespace {

// Anywhere in the key group of the key, so that the pieces of one map lie all over the pages of its key group.
uint64_t HashFor(uint64_t key_hash, uint64_t state, uint32_t number, int max_parallelism) {
  const int key_group = KeyGroupForHash(key_hash, max_parallelism);
  const uint64_t first = FirstHashOf(key_group, max_parallelism);
  // 0: all there are.
  const uint64_t hashes = FirstHashOf(key_group + 1, max_parallelism) - first;
  const uint64_t mixed = Hash64(key_hash ^ Hash64(state + number));
  return first + (hashes == 0 ? mixed : mixed % hashes);
}

}  // namespace

KeyedRowsShape PiecesShapeOf(const KeyedRowsShape& shape) {
  KeyedRowsShape pieces = shape;
  pieces.key_form = KeyForm::kPieces;
  // The rows may lack flags if the state with maps is not declared any more.
  pieces.layout = RowLayout::Of(shape.states).value();
  return pieces;
}

void PieceNames::Set(const KeyedRowsShape& shape, uint32_t state, const StoredKey& key, uint64_t hash, uint32_t first,
                     uint32_t count) {
  const uint64_t name = HashBytes(shape.states[state].name);
  bytes_.Clear();
  keys_.clear();
  hashes_.clear();
  for (uint32_t i = 0; i < count; ++i) {
    hashes_.push_back(HashFor(hash, name, first + i, shape.max_parallelism));
    bytes_.PutU64(hashes_.back());
    bytes_.PutU64(name);
    bytes_.PutU32(first + i);
    if (shape.key_form == KeyForm::kInteger) {
      bytes_.PutI64(key.integer);
    } else {
      bytes_.PutBytes(key.bytes);
    }
  }
  const size_t each = bytes_.size() / (count == 0 ? 1 : count);
  for (uint32_t i = 0; i < count; ++i) keys_.push_back(bytes_.bytes().substr(i * each, each));
}

StatusOr<PieceName> PieceName::Of(std::string_view bytes) {
  ByteReader in(bytes, "key of a piece");
  PieceName name;
  in.GetU64();  // its hash
  name.state = in.GetU64();
  name.number = in.GetU32();
  name.key = in.GetBytes(in.remaining());
  WEIR_RETURN_IF_ERROR(in.Finish());
  return name;
}

}  // namespace weir
