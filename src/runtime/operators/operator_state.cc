#include "weir/runtime/operators/operator_state.h"

#include <utility>

#include "weir/base/coding.h"

namespace weir {

namespace {

// First bytes of an operator's state as one string: "WOPS", then the version. It lives no longer than the process.
constexpr uint32_t kMagic = 0x53504f57;
constexpr uint32_t kVersion = 1;

}  // namespace

void OperatorStateWriter::AddKeyedRows(KeyedRows& rows, uint32_t first_key_group, uint32_t last_key_group) {
  AddRows(rows, first_key_group, last_key_group);
  // Once there are some they are in every snapshot: a later one builds on the last, and on no other.
  if (rows.pieces() != nullptr) AddRows(*rows.pieces(), first_key_group, last_key_group);
}

void OperatorStateWriter::AddRows(KeyedRows& rows, uint32_t first_key_group, uint32_t last_key_group) {
  if (may_run_on_) {
    if (std::unique_ptr<KeyedSnapshot> snapshot = rows.BeginSnapshot(); snapshot != nullptr) {
      parts_.running.push_back(std::move(snapshot));
      return;
    }
  }
  ByteWriter out;
  rows.Write(first_key_group, last_key_group, out);
  parts_.keyed.push_back(std::move(out).Take());
}

void OperatorStateWriter::AddElements(std::string_view name, Redistribution redistribution,
                                      std::vector<std::string> elements, std::string schema) {
  parts_.lists.push_back({.name = std::string(name),
                          .redistribution = redistribution,
                          .schema = std::move(schema),
                          .elements = std::move(elements)});
}

std::string OperatorStateWriter::Take() {
  ByteWriter out;
  out.PutU32(kMagic);
  out.PutU32(kVersion);
  out.PutU32(static_cast<uint32_t>(parts_.keyed.size()));
  for (const std::string& rows : parts_.keyed) out.PutString(rows);
  out.PutU32(static_cast<uint32_t>(parts_.lists.size()));
  for (const ListStateParts& list : parts_.lists) {
    out.PutString(list.name);
    out.PutU8(static_cast<uint8_t>(list.redistribution));
    out.PutString(list.schema);
    out.PutU32(static_cast<uint32_t>(list.elements.size()));
    for (const std::string& element : list.elements) out.PutString(element);
  }
  return std::move(out).Take();
}

StatusOr<OperatorStateReader> OperatorStateReader::Of(std::string_view bytes) {
  ByteReader in(bytes, "operator state");
  if (in.GetU32() != kMagic)
    return DataLossError("these bytes are no operator state: they do not begin with its magic number");
  const uint32_t version = in.GetU32();
  if (in.ok() && version != kVersion) {
    return DataLossError("operator state has format version " + std::to_string(version) +
                         "; this build reads version " + std::to_string(kVersion));
  }
  OperatorStateParts parts;
  for (uint32_t i = in.GetU32(); i > 0 && in.ok(); --i) parts.keyed.emplace_back(in.GetString());
  for (uint32_t i = in.GetU32(); i > 0 && in.ok(); --i) {
    ListStateParts list;
    list.name = in.GetString();
    list.redistribution = static_cast<Redistribution>(in.GetU8());
    list.schema = in.GetString();
    for (uint32_t element = in.GetU32(); element > 0 && in.ok(); --element) list.elements.emplace_back(in.GetString());
    parts.lists.push_back(std::move(list));
  }
  WEIR_RETURN_IF_ERROR(in.Finish());
  return OperatorStateReader(std::move(parts));
}

Status OperatorStateReader::ReadKeyedRows(KeyedRows& rows) const {
  for (const std::string& written : parts_.keyed) {
    ByteReader in(written, "keyed state");
    WEIR_RETURN_IF_ERROR(rows.Read(in));
  }
  for (const NativeKeyedState& native : parts_.native) WEIR_RETURN_IF_ERROR(rows.ReadNative(native));
  return OkStatus();
}

const ListStateParts* OperatorStateReader::FindList(std::string_view name) const {
  for (const ListStateParts& list : parts_.lists) {
    if (list.name == name) return &list;
  }
  return nullptr;
}

std::vector<std::string> OperatorStateReader::Elements(std::string_view name) const {
  const ListStateParts* const list = FindList(name);
  return list == nullptr ? std::vector<std::string>() : list->elements;
}

}  // namespace weir
