#include "weir/state/snapshot/state_converter.h"

#include <algorithm>
#include <utility>

#include "weir/functions/state/list_pieces.h"
#include "weir/functions/state/map_pieces.h"
#include "weir/types/schema/schema_upgrade.h"
#include "weir/types/schema/schema_width.h"

namespace weir {

namespace {

// The default of each argument of `schema`, cut out of the bytes of all.
std::vector<std::string> DefaultsOf(const Schema& schema, std::string_view bytes) {
  std::vector<std::string> defaults;
  ByteReader in(bytes, "default values");
  for (const Schema& argument : schema.arguments()) {
    const size_t begin = in.offset();
    if (!bytes.empty()) SkipValue(argument, in);
    defaults.emplace_back(bytes.substr(begin, in.offset() - begin));
  }
  return defaults;
}

// Whether keys of a map that are converted have other hashes then (functions/state/map_key.h). Whole numbers have the same, however wide they are.
bool ChangesHashes(const Schema& stored, const Schema& now) {
  const bool is_number =
      stored.kind() == TypeKind::kEnum || (Widens(stored.kind(), now.kind()) && now.kind() != TypeKind::kDouble);
  return !is_number && PlanSchemaUpgrade(stored, now).verdict == UpgradeVerdict::kConverts;
}

// What one element looks like: of a broadcast state, which is a map, one entry.
Schema ElementSchema(const ListStateParts& list, const Schema& schema) {
  if (list.redistribution != Redistribution::kBroadcast || schema.kind() != TypeKind::kMap) return schema;
  return Schema(TypeKind::kTuple, schema.arguments());
}

}  // namespace

StatusOr<StateConverter> StateConverter::Of(StateKind kind, const Schema& stored, const ValueOps& ops) {
  StateConverter converter(kind);
  ByteWriter default_value;
  if (ops.encode_default != nullptr) ops.encode_default(default_value);
  const Schema& now = ops.schema();
  const bool has_elements = kind == StateKind::kList || kind == StateKind::kMap;
  if (!has_elements || stored.kind() != now.kind()) {
    WEIR_ASSIGN_OR_RETURN(ValueConverter value, ValueConverter::Of(stored, now, default_value.bytes()));
    converter.parts_.push_back(std::move(value));
    return converter;
  }
  const std::vector<std::string> defaults = DefaultsOf(now, default_value.bytes());
  if (kind == StateKind::kMap)
    converter.keys_get_other_hashes_ = ChangesHashes(stored.arguments()[0], now.arguments()[0]);
  for (size_t i = 0; i < now.arguments().size(); ++i) {
    WEIR_ASSIGN_OR_RETURN(ValueConverter part,
                          ValueConverter::Of(stored.arguments()[i], now.arguments()[i], defaults[i]));
    converter.parts_.push_back(std::move(part));
  }
  return converter;
}

bool StateConverter::is_identity() const {
  return std::all_of(parts_.begin(), parts_.end(), [](const ValueConverter& part) { return part.is_identity(); });
}

std::optional<FixedConversion> StateConverter::AsFixed() const {
  if (kind_ == StateKind::kList || kind_ == StateKind::kMap) return std::nullopt;
  return parts_[0].AsFixed();
}

StatusOr<std::string_view> StateConverter::Convert(std::string_view value) {
  ByteReader in(value, "stored value");
  out_.Clear();
  if (kind_ == StateKind::kList || kind_ == StateKind::kMap) {
    ConvertElements(in);
  } else {
    parts_[0].Convert(in, out_);
  }
  WEIR_RETURN_IF_ERROR(in.Finish());
  return out_.bytes();
}

void StateConverter::ConvertElements(ByteReader& in) {
  const uint32_t count = in.GetU32();
  const bool is_map = kind_ == StateKind::kMap;
  const uint8_t form = in.GetU8();
  out_.PutU32(count);
  // The entries and elements are elsewhere.
  if (is_map && (form == internal::kMapInPieces || form == internal::kMapInScatteredPieces)) {
    out_.PutU8(keys_get_other_hashes_ ? internal::kMapInScatteredPieces : form);
    // Its bytes will be others: they are counted again together with the entries.
    in.GetU64();
    out_.PutU64(internal::kUnknownEntries);
    return out_.PutBytes(in.GetBytes(internal::kMapInPiecesBytes - sizeof(uint64_t)));
  }
  out_.PutU8(form);
  if (!is_map && form == internal::kListInPieces) return out_.PutBytes(in.GetBytes(internal::kListInPiecesBytes));
  if (form > 1) return in.Reject();
  const bool with_times = form == 1;
  // The time of a map's entry stands behind it, those of a list behind all elements.
  for (uint32_t i = 0; i < count && in.ok(); ++i) {
    for (const ValueConverter& part : parts_) part.Convert(in, out_);
    if (is_map && with_times) out_.PutI64(in.GetI64());
  }
  if (is_map || !with_times) return;
  for (uint32_t i = 0; i < count && in.ok(); ++i) out_.PutI64(in.GetI64());
}

StatusOr<std::vector<std::string>> ConvertElements(const ListStateParts& list, const Schema& now,
                                                   std::string_view default_element) {
  if (list.schema.empty()) return list.elements;
  WEIR_ASSIGN_OR_RETURN(const Schema stored, Schema::Decode(list.schema));
  if (stored.Fingerprint() == now.Fingerprint()) return list.elements;
  const bool is_map = list.redistribution == Redistribution::kBroadcast;
  WEIR_RETURN_IF_ERROR(CheckSchemaUpgrade("state \"" + list.name + "\"", stored, now,
                                          is_map ? SchemaUse::kStateOfElements : SchemaUse::kValue));
  WEIR_ASSIGN_OR_RETURN(const ValueConverter converter,
                        ValueConverter::Of(ElementSchema(list, stored), ElementSchema(list, now), default_element));
  std::vector<std::string> converted;
  for (const std::string& element : list.elements) {
    ByteReader in(element, "stored element");
    ByteWriter out;
    converter.Convert(in, out);
    WEIR_RETURN_IF_ERROR(in.Finish().Annotate("state \"" + list.name + "\""));
    converted.push_back(std::move(out).Take());
  }
  return converted;
}

}  // namespace weir
