// The schema of a C++ type.
#pragma once

#include <vector>

#include "weir/types/schema/schema.h"
#include "weir/types/serializer.h"
#include "weir/types/type_kind.h"

namespace weir {

template <class T>
const Schema& SchemaOf();

namespace internal {

// "ms" for std::milli, "s", "min", "h", "us", "ns", "days"; else "<numerator>/<denominator> s".
std::string UnitName(intmax_t numerator, intmax_t denominator);

// The type's own name, without namespaces and enclosing functions.
std::string_view ShortTypeName(std::string_view full_name);

// One field of a record, as a table that a function of the library reads: code for every field of every record type would cost
// each user program 15 ms of compile time per type.
struct FieldSpec {
  uint32_t id;
  std::string_view name;
  const Schema& (*type)();
};

// Never destroyed.
const Schema& NewRecordSchema(std::string_view full_name, const FieldSpec* fields, int count);

template <class T, int... kIndex, class... Field>
const Schema& MakeRecordSchema(std::integer_sequence<int, kIndex...>, TypeList<Field...>) {
  static_assert(CheckRecord<T>());
  // One more than there are fields: there may be none.
  static constexpr FieldSpec kFields[] = {{FieldIds<T>()[kIndex], FieldNames<T>()[kIndex], &SchemaOf<Field>}..., {}};
  return NewRecordSchema(TypeName<T>(), kFields, sizeof...(kIndex));
}

template <class... T>
std::vector<Schema> SchemasOf(TypeList<T...>) {
  std::vector<Schema> schemas;
  (schemas.push_back(SchemaOf<T>()), ...);
  return schemas;
}

template <class... T>
TypeList<T...> AlternativesOf(const std::variant<T...>*);

template <class T>
Schema MakeElementsSchema() {
  if constexpr (KindOf<T> == TypeKind::kMap) {
    return Schema(TypeKind::kMap, {SchemaOf<typename T::key_type>(), SchemaOf<typename T::mapped_type>()});
  } else if constexpr (KindOf<T> == TypeKind::kArray) {
    return Schema::Array(SchemaOf<typename T::value_type>(), std::tuple_size<T>::value);
  } else {
    return Schema(KindOf<T>, std::vector<Schema>{SchemaOf<typename T::value_type>()});
  }
}

template <class T>
Schema MakeSchema() {
  CheckValue<T>();
  constexpr TypeKind kKind = KindOf<T>;
  if constexpr (kKind == TypeKind::kCustom) {
    return Schema::Custom(Serializer<T>::kName, Serializer<T>::kVersion);
  } else if constexpr (kKind == TypeKind::kTuple) {
    return Schema(kKind, SchemasOf(FieldTypes<T>{}));
  } else if constexpr (kKind == TypeKind::kVariant) {
    return Schema(kKind, SchemasOf(decltype(AlternativesOf(static_cast<const T*>(nullptr))){}));
  } else if constexpr (kKind == TypeKind::kEnum) {
    return Schema(kKind, std::vector<Schema>{SchemaOf<std::underlying_type_t<T>>()});
  } else if constexpr (kKind == TypeKind::kMessage) {
    return Schema(kKind, std::string(T().GetTypeName()));
  } else if constexpr (kKind == TypeKind::kTimestamp) {
    return Schema(kKind, UnitName(T::period::num, T::period::den));
  } else if constexpr (kKind == TypeKind::kDuration) {
    return Schema(kKind, UnitName(T::period::num, T::period::den));
  } else if constexpr (kKind == TypeKind::kString || !std::is_class_v<T>) {
    return Schema(kKind);
  } else {
    return MakeElementsSchema<T>();
  }
}

}  // namespace internal

// Made at the first call; never destroyed.
template <class T>
const Schema& SchemaOf() {
  if constexpr (KindOf<T> == TypeKind::kRecord) {
    static const Schema& schema =
        internal::MakeRecordSchema<T>(std::make_integer_sequence<int, FieldCount<T>>(), FieldTypes<T>{});
    return schema;
  } else {
    static const Schema& schema = *new Schema(internal::MakeSchema<T>());
    return schema;
  }
}

}  // namespace weir
