// Maps that are too large for one record: their entries lie in pieces of about 1 KiB, each in a row of its own, so that whoever changes an entry touches, keeps
// aside for a snapshot and writes one piece and never the whole map.
//
//   row of the key ── MapContents { pieces = 5, entries, ... }        no entries of its own
//   rows of pieces ── MapContents { pieces = 0, entries }             keys: HashOfPiece, state, number of the piece, key
//
// Entries go to pieces by linear hashing: with n pieces and m = 2^floor(log2 n), an entry of hash h is in piece h mod 2m, or, if there is no such piece yet, h mod m.
// So a map grows and shrinks by one piece at a time, and n is all that is to be known of its shape.
//
// Threads: as the rows.
#pragma once

#include <bit>
#include <cstdint>
#include <limits>
#include <string_view>

#include "weir/base/coding.h"

namespace weir::internal {

// More than this, as bytes of keys and values, is put into pieces.
inline constexpr uint64_t kMostMapBytes = 4096;
// Few enough that a change costs little, many enough that the row of a piece is little beside them.
inline constexpr uint64_t kPieceBytes = 1024;
// Less than this is put together again.
inline constexpr uint64_t kFewestMapBytes = kMostMapBytes / 2;
// Pieces that are asked for together when all are gone through.
inline constexpr uint32_t kPiecesAtATime = 64;

// In the written form of a map in the place of the bool behind the count, which is then that of its pieces.
inline constexpr uint8_t kMapInPieces = 2;
// The same, but its entries are not in the pieces that their hashes say: a restore has converted their keys, whose bytes these are hashes of.
inline constexpr uint8_t kMapInScatteredPieces = 3;
// ... followed by entries:u64 bytes:u64 last_write:i64.
inline constexpr size_t kMapInPiecesBytes = 3 * sizeof(uint64_t);
// In the place of entries: they and their bytes are to be counted.
inline constexpr uint64_t kUnknownEntries = std::numeric_limits<uint64_t>::max();

// The lower half of a hash is the index' in the piece.
inline uint32_t PieceOf(uint64_t hash, uint32_t pieces) {
  const uint32_t upper = static_cast<uint32_t>(hash >> 32);
  const uint32_t half = std::bit_floor(pieces);
  const uint32_t piece = upper & (2 * half - 1);
  return piece < pieces ? piece : piece - half;
}
// Whose entries are divided when one more piece comes to `pieces`.
inline uint32_t PieceToSplit(uint32_t pieces) { return pieces - std::bit_floor(pieces); }

// A piece's key begins with its hash, which lies in the key group of the key.
inline uint64_t HashOfPiece(std::string_view key) { return LoadLittleEndian<uint64_t>(key.data()); }
// What stands before the key: hash, hash of the state's name, number.
inline constexpr size_t kPieceHead = sizeof(uint64_t) + sizeof(uint64_t) + sizeof(uint32_t);

}  // namespace weir::internal
