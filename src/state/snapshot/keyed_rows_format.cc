#include "weir/state/snapshot/keyed_rows_format.h"

#include <string>
#include <utility>

#include "weir/base/hash.h"
#include "weir/state/snapshot/keyed_rows_sections.h"
#include "weir/types/schema/schema.h"

namespace weir {

namespace {

using keyed_rows::kEnd;
using keyed_rows::kErased;
using keyed_rows::kMagic;
using keyed_rows::kPage;
using keyed_rows::kSectionHead;

void WriteState(const StateDeclaration& state, const RowLayout::Slot& slot, const char* row, ByteWriter& out) {
  const size_t length_at = out.size();
  out.PutU32(0);
  if (slot.time_offset != 0) out.PutI64(LoadLittleEndian<int64_t>(row + slot.time_offset));
  state.ops->encode(row + slot.offset, out);
  out.PatchU32(length_at, static_cast<uint32_t>(out.size() - length_at - 4));
}

// Of what EncodeKeyedRowsHeader gave.
bool HasLists(std::string_view header) {
  ByteReader in(header, "header of keyed rows");
  in.GetU8();
  in.GetU32();
  for (uint32_t states = in.GetU32(); states > 0 && in.ok(); --states) {
    in.GetString();
    if (static_cast<StateKind>(in.GetU8()) == StateKind::kList) return true;
    in.GetBool();
    in.GetString();
  }
  return false;
}

void WriteHeader(KeyForm key_form, KeyedRowsVersion version, std::string_view header, ByteWriter& out) {
  if (key_form == KeyForm::kPieces)
    version = HasLists(header) ? KeyedRowsVersion::kPiecesOfLists : KeyedRowsVersion::kPieces;
  out.PutBytes(kMagic);
  out.PutU32(static_cast<uint32_t>(version));
  out.PutString(header);
  out.PutU64(HashBytes(header));
}

}  // namespace

std::string EncodeKeyedRowsHeader(const KeyedRowsShape& shape) {
  ByteWriter header;
  header.PutU8(static_cast<uint8_t>(shape.key_form));
  header.PutU32(static_cast<uint32_t>(shape.max_parallelism));
  header.PutU32(static_cast<uint32_t>(shape.states.size()));
  for (size_t i = 0; i < shape.states.size(); ++i) {
    header.PutString(shape.states[i].name);
    header.PutU8(static_cast<uint8_t>(shape.states[i].kind));
    header.PutBool(shape.layout.slots[i].time_offset != 0);
    header.PutString(shape.states[i].ops->schema().Encode());
  }
  return std::move(header).Take();
}

void WriteRowStates(const KeyedRowsShape& shape, const char* row, ByteWriter& out) {
  const uint32_t present = shape.layout.PresentIn(row);
  out.PutU32(present);
  for (uint32_t i = 0; i < shape.states.size(); ++i) {
    if ((present >> i & 1) != 0) WriteState(shape.states[i], shape.layout.slots[i], row, out);
  }
}

Status ReadRowStates(const KeyedRowsShape& shape, std::string_view states, char* row) {
  ByteReader in(states, "states of a row");
  const uint32_t present = in.GetU32();
  for (uint32_t i = 0; i < shape.states.size(); ++i) {
    if ((present >> i & 1) == 0) continue;
    const RowLayout::Slot& slot = shape.layout.slots[i];
    ByteReader value(in.GetString(), "value of a state");
    if (slot.time_offset != 0) StoreLittleEndian(row + slot.time_offset, value.GetI64());
    WEIR_RETURN_IF_ERROR(shape.states[i].ops->decode(value, row + slot.offset).Annotate(shape.states[i].name));
    shape.layout.SetPresent(row, slot);
    WEIR_RETURN_IF_ERROR(value.Finish().Annotate(shape.states[i].name));
  }
  return in.Finish();
}

KeyedRowsWriter::KeyedRowsWriter(const KeyedRowsShape& shape, ByteWriter& out, KeyedRowsVersion version)
    : shape_(&shape), key_form_(shape.key_form), out_(out) {
  WriteHeader(key_form_, version, EncodeKeyedRowsHeader(shape), out_);
}

KeyedRowsWriter::KeyedRowsWriter(const KeyedRowsShape& shape, const PageImageHeader& pages, ByteWriter& out)
    : shape_(&shape), key_form_(shape.key_form), page_bytes_(pages.shape.page_bytes), out_(out) {
  WriteHeader(key_form_,
              pages.shape.flags_offset == 0 ? KeyedRowsVersion::kPagesWithoutFlags : KeyedRowsVersion::kPages,
              EncodeKeyedRowsHeader(shape), out_);
  ByteWriter header;
  WritePageImageHeader(pages, header);
  out_.PutString(header.bytes());
  out_.PutU64(HashBytes(header.bytes()));
}

KeyedRowsWriter::KeyedRowsWriter(KeyForm key_form, std::string_view header, ByteWriter& out)
    : shape_(nullptr), key_form_(key_form), out_(out) {
  WriteHeader(key_form_, KeyedRowsVersion::kAll, header, out_);
}

void KeyedRowsWriter::BeginSection(uint32_t mark) {
  if ((mark & kErased) == 0) NoteSection(mark);
  mark_ = mark;
  in_section_ = true;
  section_ = out_.size();
  section_rows_ = 0;
  out_.PutU32(mark);
  out_.PutU32(0);  // rows and bytes are patched at the section's end
  out_.PutU64(0);
}

void KeyedRowsWriter::EndSection() {
  if (!in_section_) return;
  in_section_ = false;
  const uint64_t bytes = out_.size() - section_ - kSectionHead;
  out_.PatchU32(section_ + 4, section_rows_);
  out_.PatchU32(section_ + 8, static_cast<uint32_t>(bytes));
  out_.PatchU32(section_ + 12, static_cast<uint32_t>(bytes >> 32));
  out_.PutU64(HashBytes(out_.bytes().substr(section_)));
  if ((mark_ & kErased) == 0) rows_ += section_rows_;
}

void KeyedRowsWriter::RequireSection(uint32_t mark) {
  if (in_section_ && mark == mark_) return;
  EndSection();
  BeginSection(mark);
}

void KeyedRowsWriter::BeginRecord(uint32_t mark, const StoredKey& key) {
  RequireSection(mark);
  ++section_rows_;
  if (key_form_ == KeyForm::kInteger) {
    out_.PutI64(key.integer);
  } else {
    out_.PutString(key.bytes);
  }
}

void KeyedRowsWriter::Add(uint32_t key_group, const StoredKey& key, const char* row) {
  if (shape_->layout.PresentIn(row) == 0) return;
  BeginRecord(key_group, key);
  WriteRowStates(*shape_, row, out_);
}

void KeyedRowsWriter::AddWritten(uint32_t key_group, const StoredKey& key, std::string_view states) {
  BeginRecord(key_group, key);
  out_.PutBytes(states);
}

char* KeyedRowsWriter::AddRecords(uint32_t key_group, uint32_t rows, size_t bytes) {
  RequireSection(key_group);
  section_rows_ += rows;
  return out_.Extend(bytes);
}

void KeyedRowsWriter::AddErased(uint32_t key_group, const StoredKey& key) { BeginRecord(key_group | kErased, key); }

char* KeyedRowsWriter::AddPage(uint32_t key_group, uint32_t rows, uint64_t first_hash, uint32_t hash_bits) {
  EndSection();
  NoteSection(key_group);
  const size_t begin = out_.size();
  out_.PutU32(key_group | kPage);
  out_.PutU32(rows);
  out_.PutU64(page_bytes_);
  out_.PutU64(first_hash);
  out_.PutU32(hash_bits);
  out_.PutU32(0);
  out_.PutU64(HashBytes(out_.bytes().substr(begin)));
  rows_ += rows;
  return out_.Extend(page_bytes_);
}

void KeyedRowsWriter::Cut() {
  EndSection();
  taken_bytes_ += out_.size();
}

void KeyedRowsWriter::Finish() {
  EndSection();
  const size_t end = out_.size();
  out_.PutU32(kEnd);
  out_.PutU32(0);
  out_.PutU64(rows_);
  out_.PutU64(HashBytes(out_.bytes().substr(end)));
  if (index_.has_value()) index_->Write(out_);
}

}  // namespace weir
