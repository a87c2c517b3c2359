// Lists that are too large for one record: their elements lie in pieces, rows of their own like those of large maps (map_pieces.h), so that whoever adds an element
// touches, keeps aside for a snapshot and writes the last piece and never the whole list.
//
//   row of the key ── ListContents { head: first = 3, pieces = 5, elements, ... }      no elements of its own
//   rows of pieces ── ListContents { values }                                          numbers 3 to 7, in the order of the list
//
// Elements are added to the last piece until it is full. The first pieces go when all that they have has expired; one in between that has none is not there.
//
// Threads: as the rows.
#pragma once

#include <algorithm>
#include <cstdint>
#include <limits>

#include "weir/base/coding.h"

namespace weir::internal {

// More than this, as bytes of the elements, is put into pieces.
inline constexpr uint64_t kMostListBytes = 4096;
// A piece is full when the next element does not fit into so many bytes. Whoever adds an element writes half of that on average; whoever reads all of them pays a
// look-up for each piece.
inline constexpr uint64_t kListPieceBytes = 2048;
// What the elements of a large list are put together in is kept for the next time if it is of no more pieces: 1 MiB.
inline constexpr uint32_t kMostGatheredPieces = 512;

// In the written form of a list in the place of the bool behind the count, which is then that of its pieces.
inline constexpr uint8_t kListInPieces = 2;
// ... followed by first:u32 elements:u64 last_write:i64.
inline constexpr size_t kListInPiecesBytes = sizeof(uint32_t) + 2 * sizeof(uint64_t);

// What the row of the key knows of a list in pieces.
struct ListHead {
  // In the place of last_write: some elements have no time, and never expire.
  static constexpr int64_t kNever = std::numeric_limits<int64_t>::max();
  // In the place of elements: some may have expired, of which nobody is told.
  static constexpr uint64_t kUnknown = std::numeric_limits<uint64_t>::max();

  uint32_t first = 0;   // number of the first piece; behind 2^32 - 1 comes 0
  uint32_t pieces = 0;  // at least 1 between two calls
  uint64_t elements = 0;
  int64_t last_write = 0;  // of all elements
  // Of what has been gathered (ListState), 0: not since the last change. In memory only.
  uint64_t gathered = 0;

  uint32_t end() const { return first + pieces; }
  void NoteWrite(int64_t time) { last_write = std::max(last_write, time); }
  void Write(ByteWriter& out) const;
  // Behind the number of pieces and the form.
  void Read(uint32_t piece_count, ByteReader& in);
};

}  // namespace weir::internal
