#include "weir/types/schema/schema_width.h"

#include "weir/types/schema/value_converter.h"

namespace weir {

namespace {

// 'i' signed, 'u' unsigned, 'f' floating; 0 for what does not widen.
char FamilyOf(TypeKind kind) {
  switch (kind) {
    case TypeKind::kInt8:
    case TypeKind::kInt16:
    case TypeKind::kInt32:
    case TypeKind::kInt64:
      return 'i';
    case TypeKind::kUint8:
    case TypeKind::kUint16:
    case TypeKind::kUint32:
    case TypeKind::kUint64:
      return 'u';
    case TypeKind::kFloat:
    case TypeKind::kDouble:
      return 'f';
    default:
      return 0;
  }
}

uint32_t SumOf(const Schema& schema) {
  uint32_t sum = 0;
  for (const SchemaField& field : schema.fields()) {
    const uint32_t bytes = FixedBytes(field.type);
    if (bytes == 0) return 0;
    sum += bytes;
  }
  for (const Schema& argument : schema.arguments()) {
    const uint32_t bytes = FixedBytes(argument);
    if (bytes == 0) return 0;
    sum += bytes;
  }
  return sum == 0 ? 1 : sum;  // without fields: a zero byte
}

void SkipElements(const Schema& schema, ByteReader& in) {
  const uint32_t count = in.GetU32();
  if (count > in.remaining()) return in.Reject();
  const uint32_t bytes = SumOf(schema);
  if (!schema.arguments().empty() && bytes > 0 && in.ok()) {
    if (uint64_t{count} * bytes > in.remaining()) return in.Reject();
    return in.Skip(uint64_t{count} * bytes);
  }
  for (uint32_t i = 0; i < count && in.ok(); ++i) {
    for (const Schema& argument : schema.arguments()) SkipValue(argument, in);
  }
}

void SkipVariant(const Schema& schema, ByteReader& in) {
  const uint8_t index = in.GetU8();
  if (index >= schema.arguments().size()) return in.Reject();
  SkipValue(schema.arguments()[index], in);
}

}  // namespace

uint32_t FixedBytes(TypeKind kind) {
  switch (kind) {
    case TypeKind::kBool:
    case TypeKind::kInt8:
    case TypeKind::kUint8:
      return 1;
    case TypeKind::kInt16:
    case TypeKind::kUint16:
      return 2;
    case TypeKind::kInt32:
    case TypeKind::kUint32:
    case TypeKind::kFloat:
      return 4;
    case TypeKind::kInt64:
    case TypeKind::kUint64:
    case TypeKind::kDouble:
    case TypeKind::kTimestamp:
    case TypeKind::kDuration:
      return 8;
    default:
      return 0;
  }
}

uint32_t FixedBytes(const Schema& schema) {
  switch (schema.kind()) {
    case TypeKind::kEnum:
      return FixedBytes(schema.arguments()[0]);
    case TypeKind::kArray:
      return schema.length() * FixedBytes(schema.arguments()[0]);
    case TypeKind::kRecord:
    case TypeKind::kTuple:
      return SumOf(schema);
    default:
      return FixedBytes(schema.kind());
  }
}

bool Widens(TypeKind stored, TypeKind now) {
  return FamilyOf(stored) != 0 && FamilyOf(stored) == FamilyOf(now) && FixedBytes(stored) < FixedBytes(now);
}

void SkipValue(const Schema& schema, ByteReader& in) {
  if (const uint32_t bytes = FixedBytes(schema); bytes > 0) return in.Skip(bytes);
  switch (schema.kind()) {
    case TypeKind::kString:
    case TypeKind::kMessage:
      in.GetString();
      return;
    case TypeKind::kOptional:
      if (in.GetBool()) SkipValue(schema.arguments()[0], in);
      return;
    case TypeKind::kArray:
      for (uint32_t i = 0; i < schema.length() && in.ok(); ++i) SkipValue(schema.arguments()[0], in);
      return;
    case TypeKind::kList:
    case TypeKind::kSet:
    case TypeKind::kMap:
      return SkipElements(schema, in);
    case TypeKind::kVariant:
      return SkipVariant(schema, in);
    case TypeKind::kRecord:
    case TypeKind::kTuple:
      for (const SchemaField& field : schema.fields()) SkipValue(field.type, in);
      for (const Schema& argument : schema.arguments()) SkipValue(argument, in);
      return;
    default:
      if (schema.skip() == nullptr) return in.Reject();
      schema.skip()(in);
  }
}

}  // namespace weir
