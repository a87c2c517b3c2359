#include "weir/state/snapshot/page_images.h"

#include <algorithm>
#include <cstring>

#include "weir/types/schema/schema.h"

namespace weir {

namespace {

constexpr uint32_t kTagsPerGroup = 16;
constexpr uint32_t kKeyBytes = 8;
constexpr uint32_t kMostPageBytes = 1 << 20;

// Whether values of this type are numbers of a fixed width, one behind the other.
bool IsNumbers(const Schema& schema) {
  const auto all = [](const std::vector<Schema>& types) { return std::all_of(types.begin(), types.end(), &IsNumbers); };
  switch (schema.kind()) {
    case TypeKind::kInt8:
    case TypeKind::kInt16:
    case TypeKind::kInt32:
    case TypeKind::kInt64:
    case TypeKind::kUint8:
    case TypeKind::kUint16:
    case TypeKind::kUint32:
    case TypeKind::kUint64:
    case TypeKind::kFloat:
    case TypeKind::kDouble:
    case TypeKind::kTimestamp:
    case TypeKind::kDuration:
      return true;
    case TypeKind::kArray:
    case TypeKind::kTuple:
      return all(schema.arguments());
    case TypeKind::kRecord:
      return std::all_of(schema.fields().begin(), schema.fields().end(),
                         [](const SchemaField& field) { return IsNumbers(field.type); });
    default:
      return false;
  }
}

bool IsPossible(const PageImageShape& shape, bool have_flags) {
  const uint64_t groups = (uint64_t{shape.slots} + kTagsPerGroup - 1) / kTagsPerGroup;
  if (shape.page_bytes > kMostPageBytes || shape.group_bytes < kTagsPerGroup || shape.slot_bytes < kKeyBytes)
    return false;
  if (shape.first_group + groups * shape.group_bytes > shape.page_bytes) return false;
  if (shape.first_slot + uint64_t{shape.slots} * shape.slot_bytes > shape.page_bytes) return false;
  if (shape.flags_offset == 0 && (have_flags || shape.states.size() != 1)) return false;
  if (uint64_t{shape.flags_offset} + sizeof(uint64_t) > shape.slot_bytes) return false;
  return std::all_of(shape.states.begin(), shape.states.end(), [&](const PageImageShape::State& state) {
    return uint64_t{state.offset} + state.bytes <= shape.slot_bytes;
  });
}

}  // namespace

bool BytesAreMemory(const ValueOps& ops) {
  constexpr size_t kMost = 64;
  if (!ops.flat || ops.size > kMost || !IsNumbers(ops.schema())) return false;
  // Bytes that all differ show where each of them goes: a tuple is turned round in memory, and a record may have gaps.
  alignas(8) char value[kMost];
  for (size_t i = 0; i < kMost; ++i) value[i] = static_cast<char>(i + 1);
  ByteWriter out;
  ops.encode(value, out);
  return out.bytes() == std::string_view(value, ops.size);
}

void WritePageImageHeader(const PageImageHeader& header, ByteWriter& out) {
  out.PutU64(header.rows);
  out.PutU32(header.first_key_group);
  out.PutU32(header.last_key_group);
  const PageImageShape& shape = header.shape;
  for (const uint32_t number : {shape.page_bytes, shape.first_group, shape.group_bytes, shape.slots, shape.first_slot,
                                shape.slot_bytes, shape.flags_offset})
    out.PutU32(number);
  out.PutU32(static_cast<uint32_t>(shape.states.size()));
  for (const PageImageShape::State& state : shape.states) {
    out.PutU32(state.offset);
    out.PutU32(state.bytes);
  }
}

StatusOr<PageImageHeader> ReadPageImageHeader(std::string_view bytes, bool have_flags) {
  ByteReader in(bytes, "header of pages");
  PageImageHeader header;
  header.rows = in.GetU64();
  header.first_key_group = in.GetU32();
  header.last_key_group = in.GetU32();
  PageImageShape& shape = header.shape;
  for (uint32_t* number : {&shape.page_bytes, &shape.first_group, &shape.group_bytes, &shape.slots, &shape.first_slot,
                           &shape.slot_bytes, &shape.flags_offset})
    *number = in.GetU32();
  for (uint32_t left = in.GetU32(); left > 0 && in.ok(); --left) {
    const uint32_t offset = in.GetU32();
    shape.states.push_back({offset, in.GetU32()});
  }
  if (in.ok() && !IsPossible(shape, have_flags)) in.Reject();
  WEIR_RETURN_IF_ERROR(in.Finish());
  return header;
}

uint32_t AppendRecordsOfPage(const PageImageShape& shape, std::string_view page, ByteWriter& records) {
  uint32_t rows = 0;
  ForEachSlotOfPage(shape, page, [&](const char* slot) {
    const uint64_t present = PresentInSlot(shape, slot);
    records.PutBytes({slot, kKeyBytes});
    records.PutU32(static_cast<uint32_t>(present));
    for (size_t state = 0; state < shape.states.size(); ++state) {
      if ((present >> state & 1) != 0)
        records.PutString({slot + shape.states[state].offset, shape.states[state].bytes});
    }
    ++rows;
  });
  return rows;
}

}  // namespace weir
