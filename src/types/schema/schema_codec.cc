// Schema::Encode, Decode and Fingerprint: docs/formats/schema.md has the bytes.
#include <utility>

#include "weir/base/coding.h"
#include "weir/base/hash.h"
#include "weir/types/schema/schema.h"

namespace weir {

namespace {

constexpr uint8_t kFormatVersion = 1;
// Deeper nesting than any program has; bounds the stack that damaged bytes can take.
constexpr int kMaxDepth = 100;

enum class Names { kKeep, kLeaveOut };

// What follows a kind.
struct Shape {
  bool has_name;
  bool has_version;
  bool has_length;
  bool has_fields;
  int arguments;  // -1: their number is stored
};

Shape ShapeOf(TypeKind kind) {
  switch (kind) {
    case TypeKind::kTimestamp:
    case TypeKind::kDuration:
    case TypeKind::kMessage:
      return {.has_name = true, .has_version = false, .has_length = false, .has_fields = false, .arguments = 0};
    case TypeKind::kCustom:
      return {.has_name = true, .has_version = true, .has_length = false, .has_fields = false, .arguments = 0};
    case TypeKind::kRecord:
      return {.has_name = true, .has_version = false, .has_length = false, .has_fields = true, .arguments = 0};
    case TypeKind::kArray:
      return {.has_name = false, .has_version = false, .has_length = true, .has_fields = false, .arguments = 1};
    case TypeKind::kEnum:
    case TypeKind::kOptional:
    case TypeKind::kList:
    case TypeKind::kSet:
      return {.has_name = false, .has_version = false, .has_length = false, .has_fields = false, .arguments = 1};
    case TypeKind::kMap:
      return {.has_name = false, .has_version = false, .has_length = false, .has_fields = false, .arguments = 2};
    case TypeKind::kTuple:
    case TypeKind::kVariant:
      return {.has_name = false, .has_version = false, .has_length = false, .has_fields = false, .arguments = -1};
    default:
      return {.has_name = false, .has_version = false, .has_length = false, .has_fields = false, .arguments = 0};
  }
}

void Write(const Schema& schema, Names names, ByteWriter& out) {
  const Shape shape = ShapeOf(schema.kind());
  out.PutU8(static_cast<uint8_t>(schema.kind()));
  const bool leave_out = shape.has_fields && names == Names::kLeaveOut;
  if (shape.has_name) out.PutString(leave_out ? "" : schema.name());
  if (shape.has_version) out.PutU32(schema.version());
  if (shape.has_length) out.PutU32(schema.length());
  if (shape.arguments < 0) out.PutU32(static_cast<uint32_t>(schema.arguments().size()));
  for (const Schema& argument : schema.arguments()) Write(argument, names, out);
  if (!shape.has_fields) return;
  out.PutU32(static_cast<uint32_t>(schema.fields().size()));
  for (const SchemaField& field : schema.fields()) {
    out.PutU32(field.id);
    out.PutString(leave_out ? "" : field.name);
    Write(field.type, names, out);
  }
}

Schema Read(ByteReader& in, int depth);

std::vector<Schema> ReadArguments(ByteReader& in, uint32_t count, int depth) {
  std::vector<Schema> arguments;
  for (uint32_t i = 0; i < count && in.ok(); ++i) arguments.push_back(Read(in, depth + 1));
  return arguments;
}

std::vector<SchemaField> ReadFields(ByteReader& in, int depth) {
  std::vector<SchemaField> fields;
  const uint32_t count = in.GetU32();
  for (uint32_t i = 0; i < count && in.ok(); ++i) {
    const uint32_t id = in.GetU32();
    const std::string_view name = in.GetString();
    fields.push_back({id, std::string(name), Read(in, depth + 1)});
  }
  return fields;
}

Schema Read(ByteReader& in, int depth) {
  const uint8_t number = in.GetU8();
  if (depth > kMaxDepth || number == 0 || number > static_cast<uint8_t>(TypeKind::kCustom)) {
    in.Reject();
    return Schema();
  }
  const TypeKind kind = static_cast<TypeKind>(number);
  const Shape shape = ShapeOf(kind);
  const std::string_view name = shape.has_name ? in.GetString() : "";
  const uint32_t version = shape.has_version ? in.GetU32() : 0;
  const uint32_t length = shape.has_length ? in.GetU32() : 0;
  const uint32_t count = shape.arguments < 0 ? in.GetU32() : static_cast<uint32_t>(shape.arguments);
  std::vector<Schema> arguments = ReadArguments(in, count, depth);
  if (!in.ok()) return Schema();
  if (shape.has_fields) return Schema::Record(name, ReadFields(in, depth));
  if (shape.has_version) return Schema::Custom(name, version);
  if (shape.has_length) return Schema::Array(std::move(arguments[0]), length);
  if (shape.has_name) return Schema(kind, name);
  return Schema(kind, std::move(arguments));
}

}  // namespace

std::string Schema::Encode() const {
  ByteWriter out;
  out.PutU8(kFormatVersion);
  Write(*this, Names::kKeep, out);
  return std::move(out).Take();
}

StatusOr<Schema> Schema::Decode(std::string_view bytes) {
  ByteReader in(bytes, "schema");
  const uint8_t version = in.GetU8();
  if (in.ok() && version != kFormatVersion) {
    return DataLossError("schema: format version " + std::to_string(version) + " is not known here, only " +
                         std::to_string(kFormatVersion) + "; it was written by a newer Weir, or is damaged");
  }
  Schema schema = Read(in, 0);
  WEIR_RETURN_IF_ERROR(in.Finish());
  return schema;
}

uint64_t Schema::Fingerprint() const {
  ByteWriter out;
  Write(*this, Names::kLeaveOut, out);
  return HashBytes(out.bytes());
}

}  // namespace weir
