#include "tests/unit/functions/state/fake_rows.h"

#include "weir/base/coding.h"

namespace weir {

Status FakeRows::CopyState(uint32_t number, FakeRows& other) {
  const RowLayout::Slot& slot = layout_.slots[number];
  ByteWriter out;
  states_[number].ops->encode(row() + slot.offset, out);
  ByteReader in(out.bytes(), "state");
  WEIR_RETURN_IF_ERROR(other.states_[number].ops->decode(in, other.row() + slot.offset));
  RowFlags(other.row()) |= slot.present;
  return in.Finish();
}

void FakeRows::Clear() {
  for (size_t i = 0; i < states_.size(); ++i) {
    if ((RowFlags(row()) & layout_.slots[i].present) != 0 && !states_[i].ops->flat) {
      states_[i].ops->destroy(row() + layout_.slots[i].offset);
    }
  }
  RowFlags(row()) = 0;
}

}  // namespace weir
