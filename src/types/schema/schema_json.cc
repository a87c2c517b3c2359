// Schema::ToJson: docs/formats/schema.md has the form.
#include "weir/types/schema/schema.h"

namespace weir {

namespace {

// Names come from C++ and Protobuf identifiers, and from users' kName.
std::string Quote(std::string_view text) {
  std::string quoted = "\"";
  for (const char c : text) {
    const unsigned char byte = static_cast<unsigned char>(c);
    if (c == '"' || c == '\\') {
      quoted += '\\';
      quoted += c;
    } else if (byte < 0x20) {
      constexpr std::string_view kHex = "0123456789abcdef";
      quoted += "\\u00";
      quoted += kHex[byte >> 4];
      quoted += kHex[byte & 15];
    } else {
      quoted += c;
    }
  }
  return quoted + "\"";
}

std::string List(const std::vector<Schema>& schemas) {
  std::string text;
  for (const Schema& schema : schemas) text += (text.empty() ? "" : ",") + schema.ToJson();
  return "[" + text + "]";
}

std::string List(const std::vector<SchemaField>& fields) {
  std::string text;
  for (const SchemaField& field : fields) {
    if (!text.empty()) text += ",";
    text += "{\"id\":" + std::to_string(field.id) + ",\"name\":" + Quote(field.name) +
            ",\"type\":" + field.type.ToJson() + "}";
  }
  return "[" + text + "]";
}

// What follows {"kind":"..." for a type with parameters; empty for one without.
std::string Parameters(const Schema& schema) {
  switch (schema.kind()) {
    case TypeKind::kTimestamp:
    case TypeKind::kDuration:
      return ",\"unit\":" + Quote(schema.name());
    case TypeKind::kEnum:
      return ",\"type\":" + schema.arguments()[0].ToJson();
    case TypeKind::kOptional:
      return ",\"value\":" + schema.arguments()[0].ToJson();
    case TypeKind::kList:
    case TypeKind::kSet:
      return ",\"element\":" + schema.arguments()[0].ToJson();
    case TypeKind::kArray:
      return ",\"element\":" + schema.arguments()[0].ToJson() + ",\"length\":" + std::to_string(schema.length());
    case TypeKind::kMap:
      return ",\"key\":" + schema.arguments()[0].ToJson() + ",\"value\":" + schema.arguments()[1].ToJson();
    case TypeKind::kRecord:
      return ",\"name\":" + Quote(schema.name()) + ",\"fields\":" + List(schema.fields());
    case TypeKind::kTuple:
      return ",\"elements\":" + List(schema.arguments());
    case TypeKind::kVariant:
      return ",\"alternatives\":" + List(schema.arguments());
    case TypeKind::kMessage:
      return ",\"name\":" + Quote(schema.name());
    case TypeKind::kCustom:
      return ",\"name\":" + Quote(schema.name()) + ",\"version\":" + std::to_string(schema.version());
    default:
      return "";
  }
}

}  // namespace

std::string Schema::ToJson() const {
  const std::string kind = Quote(TypeKindName(kind_));
  const std::string parameters = Parameters(*this);
  return parameters.empty() ? kind : "{\"kind\":" + kind + parameters + "}";
}

}  // namespace weir
