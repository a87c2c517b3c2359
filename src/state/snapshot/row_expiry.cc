#include "weir/state/snapshot/row_expiry.h"

namespace weir {

RowExpiry::RowExpiry(const KeyedRowsShape& shape) : shape_(shape) {
  for (uint32_t i = 0; i < shape.states.size(); ++i) {
    if (shape.states[i].ttl.duration.count() > 0) timed_.push_back(i);
  }
}

bool RowExpiry::Clean(char* row, int64_t now_ms) const {
  bool any = false;
  for (uint32_t i : timed_) {
    const RowLayout::Slot& slot = shape_.layout.slots[i];
    if ((RowFlags(row) & slot.present) == 0) continue;
    const ValueOps& ops = *shape_.states[i].ops;
    const int64_t expired_at = now_ms - shape_.states[i].ttl.duration.count();
    Expired expired = Expired::kNothing;
    if (slot.time_offset != 0) {
      if (LoadLittleEndian<int64_t>(row + slot.time_offset) <= expired_at) expired = Expired::kAll;
    } else if (ops.expire != nullptr) {
      expired = ops.expire(row + slot.offset, expired_at);
    }
    any |= expired != Expired::kNothing;
    if (expired != Expired::kAll) continue;
    if (!ops.flat) ops.destroy(row + slot.offset);
    RowFlags(row) &= ~slot.present;
  }
  return any;
}

RowExpiry::Verdict RowExpiry::CleanValue(uint32_t state, std::string_view value, int64_t now_ms,
                                         ByteWriter& left) const {
  const ValueOps& ops = *shape_.states[state].ops;
  const int64_t expired_at = now_ms - shape_.states[state].ttl.duration.count();
  if (shape_.states[state].ttl.duration.count() == 0) return Verdict::kKeep;
  if (shape_.layout.slots[state].time_offset != 0)
    return ByteReader(value, "time of a state").GetI64() <= expired_at ? Verdict::kRemove : Verdict::kKeep;
  if (ops.expire == nullptr) return Verdict::kKeep;
  // A list or map: behind a pointer.
  void* slot = nullptr;
  ByteReader in(value, "value of a state");
  if (!ops.decode(in, &slot).ok()) return Verdict::kKeep;
  const Expired expired = ops.expire(&slot, expired_at);
  if (expired == Expired::kSome) ops.encode(&slot, left);
  ops.destroy(&slot);
  if (expired == Expired::kNothing) return Verdict::kKeep;
  return expired == Expired::kAll ? Verdict::kRemove : Verdict::kChange;
}

RowExpiry::Verdict RowExpiry::CleanWritten(std::string_view states, int64_t now_ms, ByteWriter& changed) const {
  ByteReader in(states, "states of a row");
  const uint32_t present = in.GetU32();
  uint32_t left = present;
  bool any = false;
  changed.Clear();
  changed.PutU32(0);
  ByteWriter value_left;
  for (uint32_t i = 0; i < shape_.states.size(); ++i) {
    if ((present >> i & 1) == 0) continue;
    const std::string_view value = in.GetString();
    if (!in.ok()) return Verdict::kKeep;
    value_left.Clear();
    const Verdict verdict = CleanValue(i, value, now_ms, value_left);
    any |= verdict != Verdict::kKeep;
    if (verdict == Verdict::kRemove) {
      left &= ~(1u << i);
    } else {
      changed.PutString(verdict == Verdict::kKeep ? value : value_left.bytes());
    }
  }
  if (!any) return Verdict::kKeep;
  changed.PatchU32(0, left);
  return left == 0 ? Verdict::kRemove : Verdict::kChange;
}

}  // namespace weir
