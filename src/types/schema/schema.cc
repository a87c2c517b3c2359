#include "weir/types/schema/schema.h"

#include <utility>

namespace weir {

namespace {

constexpr std::string_view kKindNames[] = {
    "unsupported", "bool",  "int8",   "int16",  "int32",     "int64",    "uint8",   "uint16",   "uint32",
    "uint64",      "float", "double", "string", "timestamp", "duration", "enum",    "optional", "list",
    "array",       "set",   "map",    "record", "tuple",     "variant",  "message", "custom"};

// "<a, b>" for the arguments of a type.
std::string ListArguments(const std::vector<Schema>& arguments) {
  std::string text;
  for (const Schema& argument : arguments) text += (text.empty() ? "<" : ", ") + argument.ToString();
  return text + ">";
}

}  // namespace

std::string_view TypeKindName(TypeKind kind) { return kKindNames[static_cast<size_t>(kind)]; }

Schema::Schema() = default;
Schema::Schema(TypeKind kind) : kind_(kind) {}
Schema::Schema(TypeKind kind, std::vector<Schema> arguments) : kind_(kind), arguments_(std::move(arguments)) {}
Schema::Schema(TypeKind kind, std::string_view name) : kind_(kind), name_(name) {}
Schema::Schema(const Schema& other) = default;
Schema::Schema(Schema&& other) noexcept = default;
Schema& Schema::operator=(const Schema& other) = default;
Schema& Schema::operator=(Schema&& other) noexcept = default;
Schema::~Schema() = default;

Schema Schema::Array(Schema element, uint32_t length) {
  Schema schema(TypeKind::kArray, std::vector<Schema>{std::move(element)});
  schema.length_ = length;
  return schema;
}

Schema Schema::Record(std::string_view name, std::vector<SchemaField> fields, PutFunction put_default) {
  Schema schema(TypeKind::kRecord, name);
  schema.put_default_ = put_default;
  schema.fields_ = std::move(fields);
  return schema;
}

Schema Schema::Custom(std::string_view name, uint32_t version, SkipFunction skip) {
  Schema schema(TypeKind::kCustom, name);
  schema.version_ = version;
  schema.skip_ = skip;
  return schema;
}

const SchemaField* Schema::FindField(uint32_t id) const {
  for (const SchemaField& field : fields_) {
    if (field.id == id) return &field;
  }
  return nullptr;
}

std::string Schema::ToString() const {
  const std::string kind(TypeKindName(kind_));
  switch (kind_) {
    case TypeKind::kTimestamp:
    case TypeKind::kDuration:
      return name_ == "ms" ? kind : kind + "(" + name_ + ")";
    case TypeKind::kArray:
      return "array<" + arguments_[0].ToString() + ", " + std::to_string(length_) + ">";
    case TypeKind::kRecord: {
      std::string text;
      for (const SchemaField& field : fields_) {
        if (!text.empty()) text += ", ";
        text += field.name + ": " + field.type.ToString();
      }
      return name_ + "{" + text + "}";
    }
    case TypeKind::kMessage:
      return "message " + name_;
    case TypeKind::kCustom:
      return name_ + " version " + std::to_string(version_);
    default:
      return arguments_.empty() ? kind : kind + ListArguments(arguments_);
  }
}

bool operator==(const Schema& a, const Schema& b) {
  return a.kind_ == b.kind_ && a.name_ == b.name_ && a.version_ == b.version_ && a.length_ == b.length_ &&
         a.arguments_ == b.arguments_ && a.fields_ == b.fields_;
}

}  // namespace weir
