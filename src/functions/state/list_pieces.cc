#include "weir/functions/state/list_pieces.h"

namespace weir::internal {

void ListHead::Write(ByteWriter& out) const {
  out.PutU32(pieces);
  out.PutU8(kListInPieces);
  out.PutU32(first);
  out.PutU64(elements);
  out.PutI64(last_write);
}

void ListHead::Read(uint32_t piece_count, ByteReader& in) {
  if (piece_count == 0) in.Reject();
  pieces = piece_count;
  first = in.GetU32();
  elements = in.GetU64();
  last_write = in.GetI64();
}

}  // namespace weir::internal
