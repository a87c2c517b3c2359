#include "weir/types/schema_of.h"

namespace weir::internal {

std::string UnitName(intmax_t numerator, intmax_t denominator) {
  if (numerator == 1) {
    if (denominator == 1) return "s";
    if (denominator == 1000) return "ms";
    if (denominator == 1000000) return "us";
    if (denominator == 1000000000) return "ns";
  }
  if (denominator == 1) {
    if (numerator == 60) return "min";
    if (numerator == 3600) return "h";
    if (numerator == 86400) return "days";
  }
  return std::to_string(numerator) + "/" + std::to_string(denominator) + " s";
}

std::string_view ShortTypeName(std::string_view full_name) {
  size_t begin = 0;
  int depth = 0;  // "::" inside template arguments and parameter lists does not count
  for (size_t i = 0; i < full_name.size(); ++i) {
    const char c = full_name[i];
    if (c == '<' || c == '(' || c == '{') ++depth;
    if (c == '>' || c == ')' || c == '}') --depth;
    if (depth == 0 && c == ':') begin = i + 1;
  }
  return full_name.substr(begin);
}

const Schema& NewRecordSchema(std::string_view full_name, const FieldSpec* fields, int count,
                              Schema::PutFunction put_default) {
  std::vector<SchemaField> schemas;
  for (const FieldSpec* field = fields; field != fields + count; ++field) {
    schemas.push_back({field->id, std::string(field->name), field->type()});
  }
  return *new Schema(Schema::Record(ShortTypeName(full_name), std::move(schemas), put_default));
}

const Schema& NewSchema(TypeKind kind, const SchemaFunction* arguments, int count, uint32_t length) {
  std::vector<Schema> schemas;
  for (int i = 0; i < count; ++i) schemas.push_back(arguments[i]());
  if (kind == TypeKind::kArray) return *new Schema(Schema::Array(std::move(schemas[0]), length));
  return *new Schema(kind, std::move(schemas));
}

}  // namespace weir::internal
